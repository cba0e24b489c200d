"""Passages in the selection whose scores are written by hand, one value per word; tokens are words."""

from collections.abc import Iterable

import numpy as np

from lingua_shared.scoring.protocol import SentenceScores, TokenScores
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.cutting import Protection
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Render


def count_words(text: str) -> int:
    """Return the number of words."""
    return len(text.split())


def scored_words(text: str, values: list[float]) -> TokenScores:
    """Return token scores with one model token per word of the text."""
    starts, ends, at = [], [], 0
    for word in text.split():
        starts.append(text.index(word, at))
        ends.append(at := starts[-1] + len(word))
    return TokenScores(np.asarray(starts), np.asarray(ends), np.asarray(values, dtype=np.float32))


def candidate_of(
    text: str,
    values: list[float] | None = None,
    *,
    index: int = 0,
    words: list[float] | None = None,
    render: Render = str,
    title: str = "",
) -> Candidate:
    """Return a passage; its sentences have the mean of the values, its words the values or values of their own."""
    segments = segment(text)
    of_words = words or values
    return Candidate(
        index,
        text,
        segments,
        count=count_words,
        sentences=SentenceScores.of_tokens(segments.sentences, scored_words(text, values)) if values else None,
        words=(lambda _: scored_words(text, of_words)) if of_words else None,
        render=render,
        title=title,
    )


def texts_of(units: Iterable[Unit], *sources: str) -> list[str]:
    """Return the characters of units."""
    return [sources[unit.passage][unit.start : unit.end] for unit in units]


def flat(purchases: Iterable[Purchase]) -> list[Unit]:
    """Return all units of purchases, in their order."""
    return [unit for purchase in purchases for unit in purchase]


NOTHING_PROTECTED = Protection(lambda _text: [], lambda _text: [])
