"""What a question is, and how questions are drawn from a data file.

Each module of this package lists its sets in `SETS`; a new set is a new entry there, in an old or a new module.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from benchmarks.errors import UsageError
from lingua_shared.evaluation.answers import is_yes_or_no
from lingua_shared.text.segments import segment
from lingua_shared.training.records import refuse_test_file

Record = Mapping[str, Any]
Kind = Literal["span", "yes_no", "free", "summary", "all_spans"]
Split = Literal["train", "dev", "test"]
Draft = Callable[[], "Question"]


@dataclass(frozen=True)
class Question:
    """One question with its passages.

    Attributes:
        id: Unique in its set.
        question: The question; None where a summary is wanted.
        answers: Accepted answers, or the reference summary.
        passages: Texts, each with its title as the first line.
        gold: Indices of the passages that answer the question; empty where none is marked.
        evidence: Sentences or texts that prove the answer; empty where none are marked.
        kind: "span" (the answer stands in a passage), "yes_no", "free" (in other words), "summary", or "all_spans" (the
            answers belong to as many questions, which no system is told).
        language: Code of its language where the file gives one.
        has_structure: Whether the passages are pieces of structured files, so that the form of what is kept counts.
    """

    id: str
    question: str | None
    answers: tuple[str, ...]
    passages: tuple[str, ...]
    gold: frozenset[int]
    evidence: tuple[str, ...]
    kind: Kind
    language: str | None = None
    has_structure: bool = False


def read_records(path: Path) -> list[Record]:
    """Read a file of gzip JSON lines.

    Raises:
        UsageError: The file does not exist.
    """
    if not path.exists():
        msg = f"no file {path.name} in the folder of --data; docs/benchmarks.md lists the files that belong there"
        raise UsageError(msg)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True)
class SetSource:
    """Where the questions of a set come from.

    Attributes:
        files: Name of the set's file in the data folder, for each split that it has; a full path where the file is
            part of the repository.
        drafts: Function from all records of a file and a seed to one function per question, which builds that
            question. Only the questions that are drawn are built.
        read: Function that reads the records of a file.
        is_usual: Whether it is among the sets that are measured where none is named.
    """

    files: Mapping[Split, str]
    drafts: Callable[[Sequence[Record], int], Sequence[Draft]]
    read: Callable[[Path], Sequence[Record]] = read_records
    is_usual: bool = True


def dev_and_test(stem: str, drafts: Callable[[Sequence[Record], int], Sequence[Draft]]) -> SetSource:
    """Return the source of a set with the files STEM-dev.jsonl.gz and STEM-test.jsonl.gz."""
    return SetSource({"dev": f"{stem}-dev.jsonl.gz", "test": f"{stem}-test.jsonl.gz"}, drafts)


def draw(source: SetSource, folder: Path, name: str, *, split: Split, count: int | None, seed: int) -> list[Question]:
    """Draw questions. The same seed always draws the same questions, and a smaller draw starts a larger one.

    Raises:
        UsageError: The set has no such split, or its file is not in the folder.
        InvalidInputError: A train or dev file is a link to a test file.
    """
    if split not in source.files:
        msg = f"the set {name} has no {split} file; it has {', '.join(source.files)}"
        raise UsageError(msg)
    path = folder / source.files[split]
    if split != "test":
        refuse_test_file(path)
    drafts = list(source.drafts(source.read(path), seed))
    random.Random(f"{seed}-{name}").shuffle(drafts)
    return [build() for build in drafts[:count]]


def span_kind(answers: Sequence[str]) -> Kind:
    """Return "yes_no" if the accepted answer is yes or no, else "span"."""
    return "yes_no" if is_yes_or_no(answers) else "span"


def sentences_at(text: str, start: int, length: int) -> tuple[str, ...]:
    """Return the sentences of a text that overlap a span of characters."""
    borders = segment(text).sentences
    touched = [(a, b) for a, b in pairwise(borders) if a < start + length and b > start]
    return tuple(text[a:b].strip() for a, b in touched)


def evidence_of(record: Record) -> tuple[str, ...]:
    """Return the sentences that prove the answer: those that gold documents mark, or those around the first answer."""
    documents: Iterable[Record] = record["documents"]
    gold = [document for document in documents if document["is_gold"]]
    if "answer_start" in record:
        return sentences_at(gold[0]["text"], record["answer_start"][0], len(record["answers"][0]))
    return tuple(sentence for document in gold for sentence in document.get("evidence", ()))
