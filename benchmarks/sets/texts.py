"""Texts without a question, each with the answers to all questions about it: what a compressor keeps that knows none.

A text is a paragraph (SQuAD, HotpotQA), an article (COVID-QA) or a whole meeting (QMSum).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from benchmarks.sets.base import Draft, Question, Record, SetSource, evidence_of
from lingua_shared.evaluation.answers import contains_answer, is_yes_or_no
from lingua_shared.training.records import titled


@dataclass
class _Asked:
    """What is asked about a text: one accepted answer for each question, and sentences that prove them."""

    answers: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


def paragraph_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    """Return a draft for each gold document that has an answer to a question."""
    asked: dict[str, _Asked] = {}
    for record in records:
        for document in record["documents"]:
            if document["is_gold"]:
                _add(asked.setdefault(titled(document), _Asked()), record, titled(document))
    return [partial(_build, (text,), of_text) for text, of_text in asked.items() if of_text.answers]


def _add(of_text: _Asked, record: Record, text: str) -> None:
    found = None if is_yes_or_no(record["answers"]) else _first_in(text, record["answers"])
    if found is not None:
        of_text.answers.append(found)
    of_text.evidence += [sentence for sentence in evidence_of(record) if sentence in text]


def _first_in(text: str, answers: Iterable[str]) -> str | None:
    return next((answer for answer in answers if contains_answer(text, (answer,))), None)


def meeting_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    """Return a draft for each meeting, with the turns that answer a question about a part of it."""
    drafts: list[Draft] = []
    for meeting in records:
        passages = tuple(titled(document) for document in meeting["documents"])
        gold = sorted({index for query in meeting["queries"] for index in query["gold_documents"]})
        evidence = [meeting["documents"][index]["text"] for index in gold]
        drafts.append(partial(_build, passages, _Asked(evidence=evidence)))
    return drafts


def _build(passages: tuple[str, ...], asked: _Asked) -> Question:
    return Question(
        id=sha256("\n".join(passages).encode()).hexdigest()[:16],
        question=None,
        answers=tuple(asked.answers),
        passages=passages,
        gold=frozenset(),
        evidence=tuple(dict.fromkeys(asked.evidence)),
        kind="all_spans",
    )


def _dev(stem: str, drafts: Callable[[Sequence[Record], int], list[Draft]]) -> SetSource:
    return SetSource({"dev": f"{stem}-dev.jsonl.gz"}, drafts, is_usual=False)


SETS = {
    "squad-texts": _dev("squad", paragraph_drafts),
    "hotpotqa-texts": _dev("hotpotqa", paragraph_drafts),
    "covidqa-texts": _dev("longdoc-covidqa", paragraph_drafts),
    "qmsum-texts": _dev("qmsum", meeting_drafts),
}
