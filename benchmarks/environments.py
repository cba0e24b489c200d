"""Build the virtual environments of the other systems, and write the small causal model that they run with.

Systems with the same requirements share an environment, named by a hash of them; `work/venvs/SYSTEM` is
a link to it. What is built already is kept. The outcome for each system goes to `results/peers.jsonl`.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.progress import say
from benchmarks.systems import System, choose_systems, find_systems

HERE = Path(__file__).parent
NOT_RUN = HERE / "peers" / "not_run.json"
SMALL_MODEL = "smollm2"

_MARKER = ".requirements"
_HASH_CHARACTERS = 12
_SECONDS = 3600.0
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Environment:
    """A set of requirements, and the systems that have exactly these."""

    requirements: tuple[str, ...]
    systems: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the name of its folder, which depends on the requirements only."""
        return f"env-{sha256(chr(10).join(self.requirements).encode()).hexdigest()[:_HASH_CHARACTERS]}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--only", nargs="+", metavar="NAME", help="systems to build for; default: all")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="folder for environments and the model")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder for peers.jsonl")


def run(arguments: argparse.Namespace) -> None:
    """Build what is missing, write the small model, and record how it went."""
    venvs = arguments.work / "venvs"
    venvs.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, str | None] = {}
    for environment in plan(choose_systems(find_systems(), arguments.only)):
        reason = build(environment, venvs)
        say(f"{', '.join(environment.systems)}: {reason or 'built'}")
        outcomes |= dict.fromkeys(environment.systems, reason)
    write_outcomes(arguments.results / "peers.jsonl", outcomes)
    reason = export_small_model(arguments.work / SMALL_MODEL)
    say(f"the small model: {reason or 'written'}")


def plan(systems: Iterable[System]) -> list[Environment]:
    """Return the environments that systems need, one for each set of requirements."""
    sharing: dict[tuple[str, ...], list[str]] = {}
    for system in systems:
        if system.requirements:
            sharing.setdefault(system.requirements, []).append(system.name)
    return [Environment(requirements, tuple(names)) for requirements, names in sharing.items()]


def commands(environment: Environment, folder: Path) -> list[list[str]]:
    """Return the commands that build an environment: torch first, since other packages would install another build."""
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    first = [requirement for requirement in environment.requirements if requirement.startswith("torch==")]
    create = [sys.executable, "-m", "venv", "--clear", str(folder)]
    return [create, *([*install, requirement] for requirement in first), [*install, *environment.requirements]]


def is_built(environment: Environment, folder: Path) -> bool:
    """Tell whether a folder holds an environment that was completely built with these requirements."""
    marker = folder / _MARKER
    return marker.exists() and tuple(marker.read_text(encoding="utf-8").splitlines()) == environment.requirements


def build(environment: Environment, venvs: Path) -> str | None:
    """Build an environment unless it exists, and link its systems to it; return the reason of a failure, else None."""
    folder = venvs / environment.name
    for name in environment.systems:
        (venvs / name).unlink(missing_ok=True)  # a link to what is not finished would pass for an environment
    if not is_built(environment, folder):
        reason = _run_all(commands(environment, folder))
        if reason:
            return reason
        (folder / _MARKER).write_text("\n".join(environment.requirements), encoding="utf-8")
    for name in environment.systems:
        (venvs / name).symlink_to(folder.name, target_is_directory=True)
    return None


def export_small_model(folder: Path) -> str | None:
    """Write the small model to a folder unless it exists; return the reason of a failure, else None."""
    if folder.exists():
        return None
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    reason = _run_all([[sys.executable, str(HERE / "export_small_model.py"), str(part)]])
    if not reason:
        part.rename(folder)
    return reason


def write_outcomes(path: Path, outcomes: Mapping[str, str | None], not_run: Path = NOT_RUN) -> None:
    """Write a line for each system: whether it was built, and why others cannot run.

    Args:
        path: The file; lines of systems that are not among the outcomes are kept.
        outcomes: The reason why a system's environment could not be built, or None.
        not_run: File with the reasons of systems that were tried and do not run.
    """
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = {line["peer"]: line for line in map(json.loads, before)}
    lines |= {name: {"peer": name, "built": not reason, "reason": reason} for name, reason in outcomes.items()}
    reasons = json.loads(not_run.read_text(encoding="utf-8"))
    lines |= {name: {"peer": name, "built": False, "reason": reason} for name, reason in reasons.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(lines[name])}\n" for name in sorted(lines)), encoding="utf-8")


def _run_all(lines: Iterable[Sequence[str]]) -> str | None:
    """Run commands up to the first that fails, and return the last line that it printed; None if all succeed."""
    for line in lines:
        try:
            done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)[:_MOST_CHARACTERS]
        if done.returncode:
            said = [text for text in done.stderr.strip().splitlines() if text.strip()]
            errors = [text for text in said if text.startswith("ERROR")]
            return (errors or said or [f"exit status {done.returncode}"])[-1][:_MOST_CHARACTERS]
    return None
