"""The systems that are measured: one worker script each in `peers/`, and variants of Lingua as data.

Reads what a script says of itself without importing it, and knows which Python runs it and what its answers depend on.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.client import Client
from benchmarks.errors import UsageError
from lingua_shared.scoring.catalog import find_model
from lingua_shared.text.token_counting import make_counter

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).with_name("peers")
VENVS = Path(__file__).parent / "work" / "venvs"
VARIANTS = Path(__file__).with_name("variants.json")
OURS = "lingua"
EMBEDDING_MODEL = "all-minilm-l6-v2"

_HEADER = ("REQUIREMENTS", "LABEL", "NEEDS_QUESTION", "NEEDS_GOLD", "RATES")
_OWN = ("*.py", "evidence.json", "model.safetensors", "tokenizer.json")
_FINGERPRINT_CHARACTERS = 12
_VARIANT_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class System:
    """A system, as its worker script describes it.

    Attributes:
        name: the script's name; a variant of Lingua is "lingua:NAME".
        label: its name in tables.
        script: the worker script.
        requirements: pinned requirements of its own environment; none: the project's environment.
        needs_question: whether it can be asked only where there is a question.
        needs_gold: whether it is told which passages are gold.
        rates: whether it heeds the rate; one that does not is asked once, and recorded under rate 1.
        options: what is handed to the script beside the models.
    """

    name: str
    label: str
    script: Path
    requirements: tuple[str, ...]
    needs_question: bool
    needs_gold: bool
    rates: bool
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> str:
        """Name of its environment under `work/venvs`."""
        return self.script.stem

    @property
    def file_name(self) -> str:
        """Its name as part of a file's name."""
        return self.name.replace(":", ".")

    def python(self) -> Path:
        """The Python that runs it."""
        return VENVS / self.environment / "bin" / "python" if self.requirements else Path(sys.executable)

    def is_built(self) -> bool:
        """Whether the environment that it runs in exists."""
        return self.python().exists()

    def fingerprint(self) -> str:
        """Return what changes when the system would answer otherwise: its code, requirements and options."""
        parts = [path.read_bytes() for path in [self.script, *sorted(_shared_modules(self.script))]]
        parts += [json.dumps(self.requirements).encode()] if self.requirements else _own_sources()
        if self.options:
            parts.append(json.dumps(self.options, sort_keys=True).encode())
        return sha256(b"\0".join(parts)).hexdigest()[:_FINGERPRINT_CHARACTERS]


def find_systems(peers: Path = PEERS, variants: Path = VARIANTS) -> dict[str, System]:
    """Return every system by its name: the scripts of a folder, and the variants of a file."""
    scripts = sorted(path for path in peers.glob("*.py") if not path.name.startswith("_"))
    systems = {path.stem: read_system(path) for path in scripts}
    if OURS in systems and variants.exists():
        for name, options in json.loads(variants.read_text(encoding="utf-8")).items():
            variant = make_variant(systems[OURS], name, options)
            systems[variant.name] = variant
    return systems


def read_system(script: Path) -> System:
    """Read the constants at the head of a worker script.

    Raises:
        ValueError: a constant is missing, or is not a plain value.
    """
    header = _constants(script)
    missing = [name for name in _HEADER if name not in header]
    if missing:
        msg = f"{script.name} has no {', '.join(missing)}; a worker script sets {', '.join(_HEADER)} to plain values"
        raise ValueError(msg)
    return System(
        name=script.stem,
        label=header["LABEL"],
        script=script,
        requirements=tuple(header["REQUIREMENTS"]),
        needs_question=header["NEEDS_QUESTION"],
        needs_gold=header["NEEDS_GOLD"],
        rates=header["RATES"],
    )


def make_variant(ours: System, name: str, description: Mapping[str, Any]) -> System:
    """Return Lingua with other options: {"label", "compression_options", "model_options", "prepare"}, each optional.

    Raises:
        UsageError: the name or the description has another form.
    """
    allowed = {"label", "compression_options", "model_options", "prepare"}
    if not _VARIANT_NAME.fullmatch(name) or set(description) - allowed:
        msg = (
            f"variant {name!r} with {sorted(description)}: a name has letters, digits, '.', '_' and '-', "
            f"and a variant has {', '.join(sorted(allowed))}"
        )
        raise UsageError(msg)
    options = {key: value for key, value in description.items() if key != "label"}
    return replace(ours, name=f"{OURS}:{name}", label=description.get("label", name), options=options)


def choose_systems(systems: Mapping[str, System], names: Iterable[str] | None) -> list[System]:
    """Return the systems of these names, in this order; None is all but the variants.

    Raises:
        UsageError: there is no system of a name.
    """
    chosen = [name for name in systems if ":" not in name] if names is None else list(dict.fromkeys(names))
    unknown = [name for name in chosen if name not in systems]
    if unknown:
        msg = f"no system {', '.join(unknown)}; there are {', '.join(systems)}"
        raise UsageError(msg)
    return [systems[name] for name in chosen]


def pinned_versions(system: System) -> dict[str, str]:
    """The versions that a system's requirements name exactly."""
    pairs = (requirement.partition("==") for requirement in system.requirements)
    return {name: version for name, pinned, version in pairs if pinned}


def make_client(system: System, *, model: Path | None, embedding_model: Path | None, threads: int) -> Client:
    """Return a client of a system; its worker is started at the first question.

    Args:
        system: the system.
        model: folder of a causal model, for systems that take one.
        embedding_model: folder of a sentence-transformers model; None is the one that the project installs.
        threads: threads that the worker may compute with.
    """
    make_counter("cl100k_base")  # puts the encoding where tiktoken finds it in other environments, too
    settings = {
        "model": str(model.resolve()) if model else None,
        "embedding_model": str(embedding_model.resolve()) if embedding_model else find_model(EMBEDDING_MODEL).location,
        "threads": threads,
        "options": dict(system.options),
    }
    command = [str(system.python()), str(system.script), json.dumps(settings)]
    return Client(command, environment=_environment(threads))


def _environment(threads: int) -> dict[str, str]:
    """Variables of a worker: no hub unless the user says so, and threads that do not spin while they wait."""
    count = str(threads)
    defaults = {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
    return defaults | dict(os.environ) | {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "TQDM_DISABLE": "1"}


def _constants(script: Path) -> dict[str, Any]:
    found = {}
    for statement in ast.parse(script.read_text(encoding="utf-8")).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in _HEADER:
                found[target.id] = _plain_value(script, target.id, getattr(statement, "value", None))
    return found


def _plain_value(script: Path, name: str, value: Any) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        msg = f"{name} in {script.name} is no plain value; write a literal that can be read without running the script"
        raise ValueError(msg) from None


def _shared_modules(script: Path) -> set[Path]:
    """The modules beside a script that it is built on; the loop, which all share, says nothing of its answers."""
    statements = [node for node in ast.walk(ast.parse(script.read_bytes())) if isinstance(node, ast.ImportFrom)]
    paths = {script.with_name(f"{node.module}.py") for node in statements}
    found = {path for path in paths if path.name.startswith("_") and path.stem != "_worker" and path.exists()}
    return found.union(*(_shared_modules(path) for path in found))


def _own_sources() -> list[bytes]:
    """Code of the engine but for how its weights were made, and those weights with their calibrations."""
    folder = ROOT / "lingua_shared"
    files = [path for name in _OWN for path in folder.rglob(name) if folder / "training" not in path.parents]
    return [path.read_bytes() for path in sorted(files)]
