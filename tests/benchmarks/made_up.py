"""Questions, data files and workers made up for tests."""

import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from benchmarks.sets import Question

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"


def make_question(**changes: Any) -> Question:
    """A question about three passages, the second of which is gold."""
    fields: dict[str, Any] = {
        "id": "q1",
        "question": "Who built the tower?",
        "answers": ("Ada Holm",),
        "passages": ("The sea is wide.", "Ada Holm built the tower. It is tall.", "Bread is baked here."),
        "gold": frozenset({1}),
        "evidence": ("Ada Holm built the tower.",),
        "kind": "span",
    }
    return Question(**(fields | changes))


def make_record(number: int, **changes: Any) -> dict[str, Any]:
    """A record of a data file: two documents, the second one gold."""
    documents = [
        {"title": "Sea", "text": f"Wave {number} came in. It was high. It broke.", "is_gold": False},
        {"title": "Tower", "text": f"Holm{number} built the tower. It is tall. It stands.", "is_gold": True},
    ]
    fields = {"id": f"r{number}", "question": f"Who built {number}?", "answers": [f"Holm{number}"]}
    return {**fields, "documents": documents, "source": "made up", **changes}


def write_data(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a data file."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def write_worker(folder: Path, answer: str, *, name: str = "made_up", header: str = "") -> Path:
    """Write a worker script that serves; `answer` is the body of its `compress(request)`."""
    script = folder / f"{name}.py"
    head = "REQUIREMENTS = ()\nLABEL = 'made up'\nNEEDS_QUESTION = False\nNEEDS_GOLD = False\nRATES = True\n"
    body = "".join(f"        {line}\n" for line in dedent(answer).strip().splitlines())
    script.write_text(
        f"import os, sys, time\nsys.path.insert(0, {str(PEERS)!r})\nfrom _worker import serve\n{head}{header}\n"
        f"def load(settings):\n    def compress(request):\n{body}    return compress\n\nserve(load)\n",
        encoding="utf-8",
    )
    return script


def command_of(script: Path) -> list[str]:
    """The command line that starts a worker."""
    return [sys.executable, str(script), "{}"]
