"""Options that several commands share."""

import argparse
import os
from pathlib import Path

from benchmarks.records import RESULTS, WORK, results_folder


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add --data, --split, --results and --work."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the files that docs/benchmarks.md names")
    parser.add_argument(
        "--split",
        choices=("test", "dev"),
        default="test",
        help="test (the default) for figures that are published, dev for choosing settings",
    )
    parser.add_argument(
        "--results", type=Path, help="folder of the results; default: benchmarks/results, for dev benchmarks/work/dev"
    )
    parser.add_argument("--work", type=Path, default=WORK, help="folder of answers and other files that can be remade")


def add_tuning_data(parser: argparse.ArgumentParser) -> None:
    """Add --data, --results and --work for commands that fit or choose something: they read no test files."""
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train and dev files; test files are refused"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--work", type=Path, default=WORK, help="folder of files that can be remade")


def add_workers(parser: argparse.ArgumentParser, *, timeout: float) -> None:
    """Add the options of commands that start worker processes."""
    parser.add_argument("--model", type=Path, help="folder of a causal model, for systems that take one")
    parser.add_argument("--embedding-model", type=Path, help="folder of a sentence-transformers model")
    parser.add_argument("--timeout", type=float, default=timeout, metavar="SECONDS", help="for one question")
    add_threads(parser)


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add --threads."""
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: all cores")


def results_of(arguments: argparse.Namespace) -> Path:
    """Return the folder that the results go to."""
    folder: Path | None = arguments.results
    return folder or results_folder(arguments.split, arguments.work)
