"""Splits a text in any format and script into units and words. An entity, such as a name or a date, is one word.

Units are what a compression keeps or drops: sentences of running text, rows, list items, fields of records, lines of
code (see `lingua_shared.text.structure`). Units and words cover the text without gaps: each ends where the next one
begins, and white space belongs to the one before it, apart from the indentation of a line. Joined together, they are
the text again. No model is used.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from lingua_shared.text.entities import cached_entities, find_entities
from lingua_shared.text.intervals import Spans
from lingua_shared.text.structure.parse import parse
from lingua_shared.text.structure.units import Structure, TextUnit
from lingua_shared.text.words import splits_grapheme, word_borders

_MAX_CACHED_LENGTH = 10_000  # characters
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True)
class Segments:
    """Where the units and words of a text begin and end.

    Attributes:
        structure: the units.
        sentences: character offsets from 0 to the length of the text; unit i lies between offsets i and i + 1.
        words: the same for words; every border of a unit is a word border, too.
    """

    structure: Structure
    sentences: list[int]
    words: list[int]

    @classmethod
    def whole(cls, text: str) -> Self:
        """Return the segments of a text that is not split: one unit of one word."""
        units = (TextUnit(0, len(text), "sentence"),) if text else ()
        borders = [0, len(text)] if text else [0]
        return cls(Structure("whole", units), borders, list(borders))

    def words_of(self, sentence: int) -> list[tuple[int, int]]:
        """Return the (start, end) character spans of the words of unit number `sentence`, counted from 0."""
        first = bisect_left(self.words, self.sentences[sentence])
        last = bisect_left(self.words, self.sentences[sentence + 1])
        return [(self.words[i], self.words[i + 1]) for i in range(first, last)]


def segment(text: str) -> Segments:
    """Split a text into units and words.

    No border falls inside an entity (see `lingua_shared.text.entities`), inside a grapheme, or inside a run of
    characters without white space of a script that separates words by spaces; in a structured text, borders of units
    do where its format says so.

    Args:
        text: any text without lone surrogates.

    Returns:
        The borders. Those of texts up to 10,000 characters are cached.
    """
    return _cached_segments(text) if len(text) <= _MAX_CACHED_LENGTH else _compute_segments(text)


def _compute_segments(text: str) -> Segments:
    structure = parse(text)
    borders = structure.borders
    entities = Spans(find_entities(text))
    words = {i for i in word_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)}
    words.difference_update(_behind_space(text, border) for border in borders[1:-1])  # indentation alone is no word
    return Segments(structure, borders, sorted(words.union(borders)))


def _behind_space(text: str, border: int) -> int:
    space = _SPACE.match(text, border)
    return space.end() if space else border


_cached_segments = lru_cache(maxsize=256)(_compute_segments)
"""`_compute_segments` with a cache: one request asks for the segments of a passage several times."""


def clear_cache() -> None:
    """Empty the cache of `segment`, for example to measure its time."""
    _cached_segments.cache_clear()
    cached_entities.cache_clear()
