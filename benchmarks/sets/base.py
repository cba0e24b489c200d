"""What a question is, and how questions are drawn. Knows the form of the data files, not what is in each.

A module of this package names its sets in `SETS`; a new set is an entry there, in an old or a new module.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from benchmarks.answers import is_yes_or_no
from benchmarks.errors import UsageError
from lingua_shared.text.segments import segment

Record = Mapping[str, Any]
Kind = Literal["span", "yes_no", "free", "summary"]
Draft = Callable[[], "Question"]


@dataclass(frozen=True)
class Question:
    """One question with its passages.

    Attributes:
        id: unique in its set.
        question: what is asked; None where a summary is wanted.
        answers: accepted answers, or the reference summary.
        passages: texts, with their titles as the first line.
        gold: indices of the passages that answer the question; empty where none is marked.
        evidence: sentences or texts that answer it; empty where none are marked.
        kind: a span of the passages, yes or no, an answer in other words, or a summary.
    """

    id: str
    question: str | None
    answers: tuple[str, ...]
    passages: tuple[str, ...]
    gold: frozenset[int]
    evidence: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class SetSource:
    """Where a set comes from.

    Attributes:
        file: name of its file in the data folder.
        drafts: from all records of the file and a seed to functions that each build one question, so that only the
            questions that are drawn are built.
    """

    file: str
    drafts: Callable[[Sequence[Record], int], Sequence[Draft]]


def draw(source: SetSource, folder: Path, name: str, *, count: int | None, seed: int) -> list[Question]:
    """Draw questions, always the same ones for a seed; a smaller draw is the head of a larger one."""
    drafts = list(source.drafts(read_records(folder / source.file), seed))
    random.Random(f"{seed}-{name}").shuffle(drafts)
    return [build() for build in drafts[:count]]


def read_records(path: Path) -> list[Record]:
    """Read a file of gzip JSON lines.

    Raises:
        UsageError: says which file is missing.
    """
    if not path.exists():
        msg = f"no file {path.name} in the folder of --data; docs/benchmarks.md says which files belong there"
        raise UsageError(msg)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def span_kind(answers: Sequence[str]) -> Kind:
    """The kind of a question that is answered from the passages: yes or no, else a span."""
    return "yes_no" if is_yes_or_no(answers) else "span"


def sentences_at(text: str, start: int, length: int) -> tuple[str, ...]:
    """The sentences of a text that a span touches."""
    borders = segment(text).sentences
    touched = [(a, b) for a, b in pairwise(borders) if a < start + length and b > start]
    return tuple(text[a:b].strip() for a, b in touched)


def evidence_of(record: Record) -> tuple[str, ...]:
    """What a record marks as evidence: sentences of its gold documents, or the sentences of the first answer."""
    documents: Iterable[Record] = record["documents"]
    gold = [document for document in documents if document["is_gold"]]
    if "answer_start" in record:
        return sentences_at(gold[0]["text"], record["answer_start"][0], len(record["answers"][0]))
    return tuple(sentence for document in gold for sentence in document.get("evidence", ()))
