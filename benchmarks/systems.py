"""The systems that are measured: one worker script each in `peers/`, and variants of Lingua in `variants.json`.

The constants at the head of a script are read without importing it, since it may need another environment.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.client import Client
from benchmarks.errors import UsageError
from benchmarks.fingerprints import ROOT, as_bytes, content_of, digest, engine_fingerprint
from lingua_shared.scoring.catalog import find_model
from lingua_shared.text.token_counting import make_counter

PEERS = Path(__file__).with_name("peers")
VENVS = Path(__file__).parent / "work" / "venvs"
VARIANTS = Path(__file__).with_name("variants.json")
OURS = "lingua"
EMBEDDING_MODEL = "all-minilm-l6-v2"

_HEADER = ("REQUIREMENTS", "LABEL", "NEEDS_QUESTION", "NEEDS_GOLD", "RATES")
_VARIANT_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class System:
    """A system, as its worker script describes it.

    Attributes:
        name: Name of the script; a variant of Lingua is "lingua:NAME".
        label: Its name in tables.
        script: The worker script.
        requirements: Pinned requirements of its own environment; empty where it runs in the project's environment.
        needs_question: Whether it works only where there is a question.
        needs_gold: Whether it is told which passages are gold.
        rates: Whether it follows the rate; one that does not is asked once, and recorded under rate 1.
        options: What the script receives beside the models.
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
        """Return the name of its environment under `work/venvs`."""
        return self.script.stem

    @property
    def file_name(self) -> str:
        """Return its name in the form that file names use."""
        return self.name.replace(":", ".")

    def python(self) -> Path:
        """Return the Python interpreter that runs it."""
        return VENVS / self.environment / "bin" / "python" if self.requirements else Path(sys.executable)

    def is_built(self) -> bool:
        """Tell whether the environment that it runs in exists."""
        return self.python().exists()

    def fingerprint(self) -> str:
        """Return the fingerprint of everything that its answers depend on: its code, requirements and options."""
        scripts = [self.script, *sorted(_shared_modules(self.script))]
        depends_on = as_bytes(self.requirements) if self.requirements else engine_fingerprint().encode()
        options = [as_bytes(dict(self.options))] if self.options else []
        return digest(*map(content_of, scripts), depends_on, *options)


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
        ValueError: A constant is missing, or is not a plain value.
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
        UsageError: The name or the description has another form.
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
        UsageError: There is no system of a name.
    """
    chosen = [name for name in systems if ":" not in name] if names is None else list(dict.fromkeys(names))
    unknown = [name for name in chosen if name not in systems]
    if unknown:
        msg = f"no system {', '.join(unknown)}; there are {', '.join(systems)}"
        raise UsageError(msg)
    return [systems[name] for name in chosen]


def pinned_versions(system: System) -> dict[str, str]:
    """Return the versions that a system's requirements pin."""
    pairs = (requirement.partition("==") for requirement in system.requirements)
    return {name: version for name, pinned, version in pairs if pinned}


def make_client(system: System, *, model: Path | None, embedding_model: Path | None, threads: int) -> Client:
    """Return a client of a system; its worker starts with the first question.

    Args:
        system: The system.
        model: Folder of a causal model, for systems that take one.
        embedding_model: Folder of a sentence-transformers model; None for the one that the project installs.
        threads: Number of threads that the worker computes with.
    """
    make_counter("cl100k_base")  # puts the encoding where tiktoken finds it in other environments, too
    settings = {
        "model": str(model.resolve()) if model else None,
        "embedding_model": str(embedding_model.resolve()) if embedding_model else find_model(EMBEDDING_MODEL).location,
        "threads": threads,
        "options": dict(system.options),
    }
    command = [str(system.python()), str(system.script), json.dumps(settings)]
    environment = _environment(threads)
    if not system.requirements:
        # The engine of this checkout, whose fingerprint is recorded, wherever another one is installed.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    return Client(command, environment=environment)


def _environment(threads: int) -> dict[str, str]:
    """Return the variables of a worker: offline unless the user says otherwise, and waiting threads do not spin."""
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
        msg = (
            f"{name} in {script.name} is not a plain value; write a literal that can be read without running the script"
        )
        raise ValueError(msg) from None


def _shared_modules(script: Path) -> set[Path]:
    """Return the modules beside a script that it imports, but for the loop that all scripts share."""
    statements = [node for node in ast.walk(ast.parse(script.read_bytes())) if isinstance(node, ast.ImportFrom)]
    paths = {script.with_name(f"{node.module}.py") for node in statements}
    found = {path for path in paths if path.name.startswith("_") and path.stem != "_worker" and path.exists()}
    return found.union(*(_shared_modules(path) for path in found))
