"""What a figure was measured with: machine, versions, commit, fingerprint of the engine, command, date."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.fingerprints import engine_fingerprint

ROOT = Path(__file__).parents[1]
COMMAND_VARIABLE = "LINGUA_BENCHMARK_COMMAND"
"""Environment variable with the command that a reader types, where that command started this one."""

_PACKAGES = ("rag-lingua", "torch", "transformers", "sentence-transformers")


def circumstances(threads: int) -> dict[str, Any]:
    """Return all of it but what a worker reports itself."""
    return {
        "engine": engine_fingerprint(),
        "machine": machine(threads),
        "versions": own_versions(),
        "commit": _git("rev-parse", "--short=12", "HEAD") or "unknown",
        "dirty": bool(_git("status", "--porcelain", "--", ".", ":!benchmarks/results")),
        "command": os.environ.get(COMMAND_VARIABLE) or command(sys.argv[1:]),
        "date": time.strftime("%Y-%m-%d"),
    }


def machine(threads: int) -> str:
    """Return the processor, the number of its cores and the number of threads that computed."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads"


def own_versions() -> dict[str, str]:
    """Return the versions of the project and of the libraries that run its models."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def command(arguments: Sequence[str]) -> str:
    """Return the command line that measures the figures again.

    Of each path only the last part is kept, since a reader's folders differ; addresses stay. `--aggregate-only` is
    left out, since it measures nothing.
    """
    wanted = (part for part in arguments if part != "--aggregate-only")
    short = (Path(part).name if "/" in part and "{" not in part and "://" not in part else part for part in wanted)
    return " ".join(["python -m benchmarks", *(f"'{part}'" if " " in part else part for part in short)])


def _git(*arguments: str) -> str:
    """Return what git prints; an empty text outside a repository, or without git."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", *arguments],  # noqa: S607 - wherever git is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
