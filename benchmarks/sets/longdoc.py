"""Long documents: COVID-QA and MultiFieldQA-zh, cut into passages; Multi-News, stories to summarise. No test files."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from benchmarks.sets.base import Draft, Question, Record, SetSource, sentences_at
from lingua_shared.text.segments import segment
from lingua_shared.training.records import titled

WORDS = 150
CHARACTERS = 300
_EARLIEST = 2 / 3
_LEAST = 1 / 3

Span = tuple[int, int]


def cut(text: str, size: Callable[[str], int], target: int) -> list[Span]:
    """Cut a text into passages of about one size, at ends of sentences, and earlier where a paragraph ends.

    Args:
        text: The text.
        size: Function that returns the size of a piece of the text.
        target: A passage ends with the sentence that reaches this size, or with a paragraph of two thirds of it. A
            rest of less than a third joins the passage before it.
    """
    spans = list(_full_spans(text, size, target))
    if len(spans) > 1 and size(text[slice(*spans[-1])]) < _LEAST * target:
        last = spans.pop()
        spans[-1] = (spans[-1][0], last[1])
    return spans


def _full_spans(text: str, size: Callable[[str], int], target: int) -> Iterator[Span]:
    start = 0
    borders = segment(text).sentences
    for before, border in pairwise(borders):
        reached = size(text[start:border])
        ends_paragraph = "\n" in text[len(text[before:border].rstrip()) + before : border]
        if reached >= target or (ends_paragraph and reached >= _EARLIEST * target):
            yield start, border
            start = border
    if text[start:].strip():
        yield start, len(text)


def count_words(text: str) -> int:
    """Count the words of a text, split at white space."""
    return len(text.split())


def _covid_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    return [partial(_build_covid, record) for record in records]


def _build_covid(record: Record) -> Question:
    text, start, length = record["documents"][0]["text"], record["answer_start"][0], len(record["answers"][0])
    spans = cut(text, count_words, WORDS)
    return Question(
        id=record["id"],
        question=record["question"],
        answers=tuple(record["answers"]),
        passages=tuple(text[a:b].strip() for a, b in spans),
        gold=frozenset(i for i, (a, b) in enumerate(spans) if a < start + length and b > start),
        evidence=sentences_at(text, start, length),
        kind="span",
    )


def _field_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    return [partial(_build_field, record) for record in records if "multifieldqa" in record["source"]]


def _build_field(record: Record) -> Question:
    text = record["documents"][0]["text"]
    return Question(
        id=record["id"],
        question=record["question"],
        answers=tuple(record["answers"]),
        passages=tuple(text[a:b].strip() for a, b in cut(text, len, CHARACTERS)),
        gold=frozenset(),
        evidence=(),
        kind="free",
    )


def _news_drafts(records: Sequence[Record], _seed: int) -> list[Draft]:
    return [partial(_build_news, record) for record in records if "multi_news" in record["source"]]


def _build_news(record: Record) -> Question:
    # Its file marks every passage as gold, which says nothing about a ranking: here none is.
    return Question(
        id=record["id"],
        question=None,
        answers=tuple(record["answers"]),
        passages=tuple(titled(document) for document in record["documents"]),
        gold=frozenset(),
        evidence=(),
        kind="summary",
    )


SETS = {
    "covidqa": SetSource({"dev": "longdoc-covidqa-dev.jsonl.gz"}, _covid_drafts),
    "multifieldqa_zh": SetSource({"dev": "longdoc-longbench-dev.jsonl.gz"}, _field_drafts),
    "multi_news": SetSource({"dev": "longdoc-longbench-dev.jsonl.gz"}, _news_drafts),
}
