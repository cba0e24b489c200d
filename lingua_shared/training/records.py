"""Reads questions with their passages and marks in them what answers. Knows the form of the files, no model.

A file is gzip JSON lines with `question`, `answers`, `documents` (`title`, `text`, `is_gold`, sometimes `evidence`) and
sometimes `answer_start`, characters into the text of the one gold document.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lingua_shared.text.segments import is_spaceless, segment

SpanOfText = tuple[int, int]
YES_OR_NO = frozenset(("yes", "no"))


@dataclass(frozen=True)
class MarkedPassage:
    """A passage that answers a question.

    Attributes:
        text: title and text, as passages are handed to the engine.
        evidence: characters of the sentences that answer; None where nobody said which.
        answers: characters of the accepted answers inside the evidence; None where the answer is in other words.
    """

    text: str
    evidence: tuple[SpanOfText, ...] | None
    answers: tuple[SpanOfText, ...] | None


@dataclass(frozen=True)
class Example:
    """A question, the passages that answer it, and passages that do not.

    Attributes:
        id: unique in its file.
        question: what is asked.
        answers: accepted answers.
        gold: passages that answer, at least one.
        distractors: passages that came with the question and do not answer it; may be empty.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    gold: tuple[MarkedPassage, ...]
    distractors: tuple[str, ...]

    @property
    def passages(self) -> list[str]:
        """Texts of all passages, the gold ones first."""
        return [*(passage.text for passage in self.gold), *self.distractors]


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a file, in its order; records without a gold document are passed over."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if any(document["is_gold"] for document in record["documents"]):
                yield _example(record)


def titled(document: Mapping[str, Any]) -> str:
    """The text of a document with its title as the first line, as retrievers hand it on."""
    return f"{document['title']}\n{document['text']}".strip()


def contains(text: str, answers: Sequence[str]) -> bool:
    """Whether a text has one of the answers as whole words, whatever the case."""
    return any(True for _ in _occurrences(text, answers))


def _example(record: Mapping[str, Any]) -> Example:
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
    in_other_words = bool(record.get("answer_not_a_span")) or all(a.lower() in YES_OR_NO for a in answers)
    found = [] if in_other_words else _starts(record, answers, shift) or list(_occurrences(text, answers))
    evidence = _evidence(document, record, text, found)
    if in_other_words or evidence is None:
        return MarkedPassage(text, evidence, None)
    inside = (s for s in found if any(s[0] < b and s[1] > a for a, b in evidence))  # some cross a sentence's border
    return MarkedPassage(text, evidence, tuple(dict.fromkeys(inside)))


def _evidence(
    document: Mapping[str, Any], record: Mapping[str, Any], text: str, answers: Sequence[SpanOfText]
) -> tuple[SpanOfText, ...] | None:
    """Sentences named as evidence, else those with an answer; None where neither says anything."""
    if record.get("evidence_is_whole_text"):
        return None
    if named := document.get("evidence"):
        spans = [(text.find(sentence), len(sentence)) for sentence in map(str.strip, named)]
        return tuple((start, start + length) for start, length in spans if start >= 0) or None
    sentences = pairwise(segment(text).sentences)
    return tuple((a, b) for a, b in sentences if any(start < b and end > a for start, end in answers)) or None


def _starts(record: Mapping[str, Any], answers: Sequence[str], shift: int) -> list[SpanOfText]:
    starts = record.get("answer_start") or ()
    return [(shift + start, shift + start + len(answer)) for start, answer in zip(starts, answers, strict=False)]


def _occurrences(text: str, answers: Sequence[str]) -> Iterator[SpanOfText]:
    for answer in (answer.strip() for answer in answers):
        if answer:
            # Where words have no spaces between them, an answer stands amid other letters.
            before = "" if is_spaceless(answer[0]) else r"(?<!\w)"
            behind = "" if is_spaceless(answer[-1]) else r"(?!\w)"
            found = re.finditer(before + re.escape(answer) + behind, text, re.IGNORECASE)
            yield from (match.span() for match in found)
