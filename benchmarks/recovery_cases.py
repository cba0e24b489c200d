"""Test answers for recovery: right answers, which must not change, and damaged quotations, which should be restored."""

import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from benchmarks.sets import Question
from lingua_shared import CompressionResult, DroppedPassage, KeptPassage, Span
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Interval, join, kept_spans

FORMS = {
    "alone": "{}",
    "at the end of a sentence": "According to the text, {}.",
    "within a sentence": "I think it was {} as far as I know.",
}
"""How a quotation stands in an answer."""
UNSEEN = "free text of passages on the same subject that were not handed in"
"""The hardest sort of right answers: some of these sentences differ from a source in one word only."""
_Thing = TypeVar("_Thing")
_LENGTHS = (2, 3, 4, 5, 6, 8, 10, 12)
_STAY = 0.5  # chance that a word is kept or dropped like the word before it, so that words are dropped in runs


@dataclass(frozen=True)
class Right:
    """An answer that is right as it is, and its sort."""

    sort: str
    answer: str


@dataclass(frozen=True)
class Damaged:
    """A quotation of kept text with gaps.

    Attributes:
        quote: The kept text.
        truth: The source from the first to the last word of the quotation.
        words: Number of kept words.
    """

    quote: str
    truth: str
    words: int


def masked(question: Question, rate: float, rng: random.Random, *, atoms: bool) -> CompressionResult:
    """Return a result in which words of all passages were dropped at random.

    Args:
        question: The question with the passages to compress.
        rate: Share of the words that are kept.
        rng: Random generator.
        atoms: whether names, dates and numbers are one word, as Lingua has it, or as many as they have parts.
    """
    pieces = {
        index: list(_drawn(_words(text) if atoms else _parts(text), rate, rng))
        for index, text in enumerate(question.passages)
    }
    spans = kept_spans(question.passages, pieces)
    kept = tuple(_kept(index, text, spans[index]) for index, text in enumerate(question.passages) if index in spans)
    dropped = tuple(
        DroppedPassage(index=index, source=text, relevance=None, signals={}, original_tokens=len(text.split()))
        for index, text in enumerate(question.passages)
        if index not in spans
    )
    return CompressionResult(
        text="\n\n".join(passage.text for passage in kept),
        question=question.question,
        passages=kept,
        dropped=dropped,
        original_tokens=sum(len(text.split()) for text in question.passages),
        compressed_tokens=sum(passage.compressed_tokens for passage in kept),
        seconds={},
        model=None,
        method="random words",
        device=None,
    )


def right_answers(
    question: Question, others: Sequence[Question], hidden: Sequence[str], rng: random.Random
) -> Iterator[Right]:
    """Yield answers that are right as they are.

    Args:
        question: The question that was compressed.
        others: Other questions of the set.
        hidden: Passages on the same subject that were not compressed.
        rng: Random generator.
    """
    answers = [answer for answer in question.answers if any(answer in passage for passage in question.passages)]
    yield from (Right("gold answer", answer) for answer in answers[:1])
    sentences = [sentence for passage in question.passages for sentence in _sentences(passage)]
    yield from (Right("sentence of a source", sentence) for sentence in _draw(sentences, 2, rng))
    yield from (Right("whole passage", passage) for passage in _draw(question.passages, 2, rng))
    elsewhere = [sentence for other in _draw(others, 2, rng) for sentence in _sentences(rng.choice(other.passages))]
    yield from (Right("free text", sentence) for sentence in _draw(elsewhere, 2, rng))
    yield from (Right("other question's answer", other.answers[0]) for other in _draw(others, 2, rng))
    unseen = [sentence for passage in hidden for sentence in _sentences(passage)]
    yield from (Right(UNSEEN, sentence) for sentence in _draw(unseen, 2, rng))


def damaged_quotes(result: CompressionResult, count: int, rng: random.Random) -> list[Damaged]:
    """Draw quotations of kept text with gaps, leaving out those that stand in a source or in the question unchanged."""
    sources = [_plain(passage.source or "") for passage in (*result.passages, *result.dropped)]
    sources.append(_plain(result.question or ""))
    drawn: dict[str, Damaged] = {}
    for passage in rng.sample(result.passages, len(result.passages)):
        runs = list(_runs(passage))
        for run in _draw(runs, 2, rng):
            quote = _quote(passage, run)
            if quote and not any(_plain(quote.quote) in source for source in sources):
                drawn.setdefault(quote.quote, quote)
    return list(drawn.values())[:count]


def _drawn(words: Sequence[Interval], rate: float, rng: random.Random) -> Iterator[Interval]:
    stays = rng.random() < rate
    for word in words:
        if rng.random() >= _STAY:
            stays = rng.random() < rate
        if stays:
            yield word


def _words(text: str) -> list[Interval]:
    return list(pairwise(segment(text).words))


def _parts(text: str) -> list[Interval]:
    return [match.span() for match in re.finditer(r"\S+\s*", text)]


def _kept(index: int, text: str, spans: Sequence[Interval]) -> KeptPassage:
    short = join(text, spans)
    return KeptPassage(
        index=index,
        source=text,
        relevance=None,
        signals={},
        original_tokens=len(text.split()),
        text=short,
        spans=tuple(Span(*span) for span in spans),
        compressed_tokens=len(short.split()),
    )


def _sentences(text: str) -> list[str]:
    found = (text[start:end].strip() for start, end in pairwise(segment(text).sentences))
    return [sentence for sentence in found if sentence]


def _draw(things: Sequence[_Thing], count: int, rng: random.Random) -> list[_Thing]:
    return rng.sample(list(things), min(count, len(things)))


def _runs(passage: KeptPassage) -> Iterator[list[Interval]]:
    """Yield runs of kept words of one sentence, each with a gap."""
    source = passage.source or ""
    segments = segment(source)
    starts = [span.start for span in passage.spans]
    by_sentence: dict[int, list[Interval]] = {}
    for start, end in pairwise(segments.words):
        at = bisect_right(starts, start) - 1
        if at >= 0 and source[start:end].rstrip() and start + len(source[start:end].rstrip()) <= passage.spans[at].end:
            by_sentence.setdefault(bisect_right(segments.sentences, start), []).append((start, end))
    for words in by_sentence.values():
        for length in _LENGTHS:
            for first in range(0, len(words) - length + 1, max(1, length // 2)):
                run = words[first : first + length]
                if any(a[1] < b[0] for a, b in pairwise(run)):
                    yield run


def _quote(passage: KeptPassage, run: Sequence[Interval]) -> Damaged | None:
    source = passage.source or ""
    start, end = run[0][0], run[-1][1]
    truth = source[start:end].strip().rstrip(".,;:!?\u3002\uff0c\u3001")
    end = start + len(source[start:end]) - len(source[start:end].lstrip()) + len(truth)
    spans = [(max(start, s.start), min(end, s.end)) for s in passage.spans if s.start < end and s.end > start]
    quote = join(source, [span for span in spans if span[0] < span[1]]).strip()
    return Damaged(quote, truth, len(run)) if quote != truth else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
