"""Evaluation questions: reads the `*.jsonl.gz` form described in `benchmarks/README.md`. Knows no model."""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILES = {
    "nq20": "nq20-dev.jsonl.gz",
    "nq20-bm25": "nq20-bm25-dev.jsonl.gz",
    "hotpotqa": "hotpotqa-dev.jsonl.gz",
    "2wikimultihopqa": "2wikimultihopqa-dev.jsonl.gz",
    "musique": "musique-dev.jsonl.gz",
    "zh": "multilingual-zh-dev.jsonl.gz",
    "ja": "multilingual-ja-dev.jsonl.gz",
    "xquad": "multilingual-xquad-dev.jsonl.gz",
}


@dataclass(frozen=True)
class Question:
    """One question with its passages; `gold` are the indices of the passages that answer it."""

    id: str
    question: str
    answers: tuple[str, ...]
    passages: tuple[str, ...]
    gold: frozenset[int]


def read_set(folder: Path, name: str, *, count: int, seed: int = 0) -> list[Question]:
    """Draw `count` questions of a set, always the same ones for a seed; a smaller draw is the head of a larger one."""
    questions = list(_questions(folder / FILES[name]))
    random.Random(f"{seed}-{name}").shuffle(questions)
    return questions[:count]


def _questions(path: Path) -> Iterator[Question]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            documents = record["documents"]
            yield Question(
                id=record["id"],
                question=record["question"],
                answers=tuple(record["answers"]),
                passages=tuple(f"{d['title']}\n{d['text']}".strip() for d in documents),
                gold=frozenset(i for i, d in enumerate(documents) if d["is_gold"]),
            )
