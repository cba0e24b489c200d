"""Sets whose records need no preparation: one question a record, its documents are the passages."""

from collections.abc import Sequence
from functools import partial

from benchmarks.sets.base import Draft, Question, Record, evidence_of, span_kind
from lingua_shared.training.records import titled


def drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    """Return a draft for each record."""
    return [partial(build, record) for record in records]


def build(record: Record) -> Question:
    """Return the record's question over its documents."""
    documents = record["documents"]
    return Question(
        id=record["id"],
        question=record["question"],
        answers=tuple(record["answers"]),
        passages=tuple(titled(document) for document in documents),
        gold=frozenset(i for i, document in enumerate(documents) if document["is_gold"]),
        evidence=evidence_of(record),
        kind=span_kind(record["answers"]),
        language=record.get("lang"),
    )
