"""Writes the README's demo, options and rankers, run as a module; `report` writes its measured figures."""

import json
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from lingua_shared import CompressionOptions, ModelOptions
from lingua_shared.methods import RANKERS

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Replace what stands between `<!-- name -->` and `<!-- /name -->` by what the name's function returns."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for name, part in (("options", options()), ("rankers", rankers()), ("demo", demo())):
        text = replaced(text, name, part)
    path.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, part: str) -> str:
    """Return the text with a new part of that name."""
    head, rest = text.split(f"<!-- {name} -->", 1)
    return f"{head}<!-- {name} -->\n{part.rstrip()}\n<!-- /{name} -->{rest.split(f'<!-- /{name} -->', 1)[1]}"


def options() -> str:
    """The table of all options."""
    rows = ["| option | default | meaning |", "|---|---|---|"]
    for kind in (CompressionOptions, ModelOptions):
        rows += [_option_row(kind, name) for name in kind.model_fields]
    return "\n".join(rows)


def _option_row(kind: type[BaseModel], name: str) -> str:
    field = kind.model_fields[name]
    default = "" if field.default is PydanticUndefined else json.dumps(field.default)
    return f"| `{name}` | `{default}` | {field.description} |"


def rankers() -> str:
    """The table of rankers."""
    rows = ["| ranker | measures | needs a question |", "|---|---|---|"]
    return "\n".join(
        rows + [f"| `{n}` | {s.measures} | {'yes' if s.needs_question else 'no'} |" for n, s in RANKERS.items()]
    )


def demo() -> str:
    """What the demo prints: the question, the first passage, the last, and the sums."""
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    question, first, *middle, last, sums = printed.strip().split("\n\n")
    between = f"({len(middle)} more)"
    return "\n\n".join([f"```text\n{question}", first, between, last, f"{sums}\n```"])


if __name__ == "__main__":
    main()
