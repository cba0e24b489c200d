"""Runs notebooks from their first cell to their last, and keeps their outputs: `make notebooks`. Needs no network."""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent


def main(paths: list[Path]) -> None:
    """Run each, and say how long it took; an error in a cell stops everything."""
    os.environ["PYTHONPATH"] = str(ROOT)  # this checkout, whichever is installed
    for path in paths:
        started = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
        place = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, kernel_name="python3", timeout=600, record_timing=False, resources=place).execute()
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        print(f"{path.name}: {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:]])
