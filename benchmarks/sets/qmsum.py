"""QMSum: long meetings, with questions about a part of the meeting, and requests for a summary of all of it."""

from collections.abc import Sequence
from functools import partial

from benchmarks.sets.base import Draft, Question, Record, dev_and_test
from lingua_shared.training.records import titled


def query_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    """Return a draft for each question about a part of a meeting."""
    return [partial(_build_query, meeting, query) for meeting in records for query in meeting["queries"]]


def general_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    """Return a draft for each summary of a meeting."""
    numbered = [(meeting, pair) for meeting in records for pair in enumerate(meeting["general_queries"])]
    return [partial(_build_general, meeting, *pair) for meeting, pair in numbered]


def _build_query(meeting: Record, query: Record) -> Question:
    gold = sorted(query["gold_documents"])
    return Question(
        id=query["id"],
        question=query["question"],
        answers=tuple(query["answers"]),
        passages=_passages(meeting),
        gold=frozenset(gold),
        evidence=tuple(meeting["documents"][index]["text"] for index in gold),
        kind="free",
    )


def _build_general(meeting: Record, number: int, query: Record) -> Question:
    return Question(
        id=f"{meeting['id']}-general{number}",
        question=None,
        answers=tuple(query["answers"]),
        passages=_passages(meeting),
        gold=frozenset(),
        evidence=(),
        kind="summary",
    )


def _passages(meeting: Record) -> tuple[str, ...]:
    return tuple(titled(document) for document in meeting["documents"])


SETS = {
    "qmsum": dev_and_test("qmsum", query_drafts),
    "qmsum-general": dev_and_test("qmsum", general_drafts),
}
