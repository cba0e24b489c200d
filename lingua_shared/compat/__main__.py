"""Lists a project's calls of llmlingua, and what to write: `python -m lingua_shared.compat check PATH`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lingua_shared.compat.check import find_calls


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the calls; return 0, or 2 where a path is not there."""
    parser = argparse.ArgumentParser(prog="python -m lingua_shared.compat", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="list the calls of llmlingua in files or folders")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        parser.error(f"there is no {missing[0]}")
    findings = [finding for path in options.paths for finding in find_calls(path)]
    for path, line, found, write in findings:
        sys.stdout.write(f"{path}:{line}: {found} -> {write}\n")
    sys.stdout.write(f"{len(findings)} places use llmlingua\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
