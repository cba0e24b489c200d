"""Reads files of questions with their passages, and marks supporting sentences and answers in gold passages.

A file is gzip JSON lines with `question`, `answers`, `documents` (`title`, `text`, `is_gold`, sometimes `evidence`: its
supporting sentences) and sometimes `answer_start`: the start of each answer in the text of the only gold document.
Knows the format, no model.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError
from lingua_shared.text.segments import segment
from lingua_shared.text.words import is_spaceless

TextSpan = tuple[int, int]
"""Start and end in characters of a text."""

ENDING = ".jsonl.gz"
TEST_ENDING = "-test.jsonl.gz"
"""Ending of the names of files that published figures are measured on."""

YES_OR_NO = frozenset(("yes", "no"))


@dataclass(frozen=True)
class MarkedPassage:
    """A gold passage: one that answers its question.

    Attributes:
        text: title and text, as retrievers return passages.
        support: spans of the supporting sentences; None where they are not known.
        answers: spans of accepted answers inside the supporting sentences; None where the answer is no quotation.
    """

    text: str
    support: tuple[TextSpan, ...] | None
    answers: tuple[TextSpan, ...] | None


@dataclass(frozen=True)
class Example:
    """A question with gold passages and distractors.

    Attributes:
        id: unique in its file.
        question: the question.
        answers: accepted answers.
        gold: passages that answer the question, at least one.
        distractors: passages of the record that do not answer it; may be empty.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    gold: tuple[MarkedPassage, ...]
    distractors: tuple[str, ...]

    @property
    def passages(self) -> list[str]:
        """Texts of all passages, gold passages first."""
        return [*(passage.text for passage in self.gold), *self.distractors]


def find_training_file(name: str, folders: Sequence[Path]) -> Path:
    """Return the path of a file of questions to train, tune or calibrate on.

    Args:
        name: name of the file without `.jsonl.gz`.
        folders: folders to search, in this order.

    Raises:
        FileNotFoundError: none of the folders has the file.
        InvalidInputError: it is a test file.
    """
    for folder in folders:
        if (path := folder / (name + ENDING)).exists():
            refuse_test_file(path)
            return path
    msg = f"no file {name}{ENDING} in {', '.join(map(str, folders))}; name its folder with --data"
    raise FileNotFoundError(msg)


def refuse_test_file(path: Path) -> None:
    """Raise an error for a test file, so that nothing is trained, tuned or calibrated on it.

    Raises:
        InvalidInputError: the path, or the file that a link points to, ends in `-test.jsonl.gz`.
    """
    if any(str(name).lower().endswith(TEST_ENDING) for name in (path, path.resolve())):
        msg = f"{path} is a test file, for published figures only; train, tune and calibrate on -train or -dev files"
        raise InvalidInputError(msg)


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a file in its order; records without a gold document are skipped."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if any(document["is_gold"] for document in record["documents"]):
                yield as_example(record)


def titled(document: Mapping[str, Any]) -> str:
    """Return the text of a document with its title as the first line, as retrievers return it."""
    return f"{document['title']}\n{document['text']}".strip()


def contains(text: str, answers: Sequence[str]) -> bool:
    """Return whether a text contains one of the answers as whole words, ignoring case."""
    return any(True for _ in _occurrences(text, answers))


def as_example(record: Mapping[str, Any]) -> Example:
    """Return the example of one line of a file, with no gold passages where none of its documents is gold."""
    answers = tuple(record["answers"])
    gold = [document for document in record["documents"] if document["is_gold"]]
    return Example(
        id=record["id"],
        question=record["question"].strip(),
        answers=answers,
        gold=tuple(_marked(document, record, answers) for document in gold),
        distractors=tuple(titled(document) for document in record["documents"] if not document["is_gold"]),
    )


def _marked(document: Mapping[str, Any], record: Mapping[str, Any], answers: tuple[str, ...]) -> MarkedPassage:
    text = titled(document)
    shift = len(text) - len(document["text"].strip()) - (len(document["text"]) - len(document["text"].lstrip()))
    is_quotation = not (record.get("answer_not_a_span") or all(a.lower() in YES_OR_NO for a in answers))
    found = (_starts(record, answers, shift) or list(_occurrences(text, answers))) if is_quotation else []
    support = _support(document, record, text, found)
    if not is_quotation or support is None:
        return MarkedPassage(text, support, None)
    inside = (s for s in found if any(s[0] < b and s[1] > a for a, b in support))  # some cross a sentence boundary
    return MarkedPassage(text, support, tuple(dict.fromkeys(inside)))


def _support(
    document: Mapping[str, Any], record: Mapping[str, Any], text: str, answers: Sequence[TextSpan]
) -> tuple[TextSpan, ...] | None:
    """The supporting sentences that the document names, else those with an answer; None if there are neither."""
    if record.get("evidence_is_whole_text"):
        return None
    if named := document.get("evidence"):
        spans = [(text.find(sentence), len(sentence)) for sentence in map(str.strip, named)]
        return tuple((start, start + length) for start, length in spans if start >= 0) or None
    sentences = pairwise(segment(text).sentences)
    return tuple((a, b) for a, b in sentences if any(start < b and end > a for start, end in answers)) or None


def _starts(record: Mapping[str, Any], answers: Sequence[str], shift: int) -> list[TextSpan]:
    starts = record.get("answer_start") or ()
    return [(shift + start, shift + start + len(answer)) for start, answer in zip(starts, answers, strict=False)]


def _occurrences(text: str, answers: Sequence[str]) -> Iterator[TextSpan]:
    for answer in (answer.strip() for answer in answers):
        if answer:
            # In scripts without spaces between words, letters may stand right beside the answer.
            before = "" if is_spaceless(answer[0]) else r"(?<!\w)"
            behind = "" if is_spaceless(answer[-1]) else r"(?!\w)"
            found = re.finditer(before + re.escape(answer) + behind, text, re.IGNORECASE)
            yield from (match.span() for match in found)
