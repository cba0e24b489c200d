"""The generated parts of the documents that nothing is measured for: options, rankers and the demo's output."""

import json
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from benchmarks.tables import table
from lingua_shared import CompressionOptions, ModelOptions
from lingua_shared.methods import RANKERS

ROOT = Path(__file__).parents[1]
_TIMES = "Seconds:"


def options_table() -> str:
    """Return the table of all options."""
    rows = [_option_row(kind, name) for kind in (CompressionOptions, ModelOptions) for name in kind.model_fields]
    return table(["option", "default", "meaning"], rows)


def _option_row(kind: type[BaseModel], name: str) -> list[str]:
    field = kind.model_fields[name]
    default = "" if field.default is PydanticUndefined else f"`{json.dumps(field.default)}`"
    return [f"`{name}`", default, str(field.description)]


def rankers_table() -> str:
    """Return the table of rankers."""
    rows = [
        [f"`{name}`", ranker.measures, "yes" if ranker.needs_question else "no"] for name, ranker in RANKERS.items()
    ]
    return table(["ranker", "measures", "needs a question"], rows)


def demo_output() -> str:
    """Return what the demo prints: question, first passage, last passage and sums, without the measured times."""
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    question, first, *middle, last, sums = printed.strip().split("\n\n")
    lasting = "\n".join(line for line in sums.splitlines() if not line.startswith(_TIMES))
    return "\n\n".join([f"```text\n{question}", first, f"({len(middle)} more)", last, f"{lasting}\n```"])
