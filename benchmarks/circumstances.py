"""Under which circumstances a figure came to be: machine, versions, commit, command, date. Knows no measure."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PACKAGES = ("rag-lingua", "torch", "transformers", "sentence-transformers")


def circumstances(threads: int) -> dict[str, Any]:
    """Return everything but what the worker itself reports."""
    return {
        "machine": machine(threads),
        "versions": own_versions(),
        "commit": _git("rev-parse", "--short=12", "HEAD") or "unknown",
        "dirty": bool(_git("status", "--porcelain", "--", ".", ":!benchmarks/results")),
        "command": command(sys.argv[1:]),
        "date": time.strftime("%Y-%m-%d"),
    }


def machine(threads: int) -> str:
    """Processor, its cores, and how many threads computed."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads"


def own_versions() -> dict[str, str]:
    """Versions of the project and of the libraries that run its models."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def command(arguments: Sequence[str]) -> str:
    """The command line that makes the figures anew.

    Of a path only the last part stays: where things lie on a machine concerns no reader. An address is no path. What
    only gathers figures that are there already makes none, so that option goes.
    """
    wanted = (part for part in arguments if part != "--aggregate-only")
    short = (Path(part).name if "/" in part and "{" not in part and "://" not in part else part for part in wanted)
    return " ".join(["python -m benchmarks", *(f"'{part}'" if " " in part else part for part in short)])


def _git(*arguments: str) -> str:
    """What git prints; nothing outside a repository, or without git."""
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
