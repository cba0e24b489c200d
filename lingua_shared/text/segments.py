"""Splits a text in any script into sentences and words. An entity, such as a name or a date, is one word.

Boundaries come from ICU (Unicode Standard Annex 29, with dictionaries for Chinese, Japanese, Thai, Lao, Khmer and
Burmese). Sentences and words cover the text without gaps: each ends where the next one begins, and white space belongs
to the one before it. Joined together, they are the text again. No model is used.
"""

import re as plain_re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Self

import regex as re
from icu4py.breakers import CharacterBreaker, SentenceBreaker, WordBreaker

from lingua_shared.text.entities import find_entities

_MAX_CACHED_LENGTH = 10_000  # characters
_LOCALE = "en@ss=standard"  # with ICU's list of abbreviations that do not end a sentence
_BEFORE_NAMES = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "vs", "al", "gen", "col", "lt", "sgt", "capt", "rev", "hon")
)
_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
_BEFORE_NUMBERS = frozenset(("no", "nos", "vol", "fig", "eq", "ca", "cf", "pp", "op", "approx", "est", *_MONTHS))
_LAST_WORD = plain_re.compile(r"(\w+)\.\s*$")
SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー々〆]"
"""Regular expression of one character of a script without spaces between words."""

_SPACELESS = re.compile(SPACELESS, flags=re.VERSION1)
_PHRASE_SPACED = re.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_OPENING = re.compile(r"[\p{Ps}\p{Pi}¿¡]")
_IN_GRAPHEME = re.compile(
    r"(?=[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}])|(?<=\p{GCB=Prepend})[^\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"
)
_CLOSING = re.compile(r"[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{Mn}\p{Mc}\p{Cf}]")


@dataclass(frozen=True)
class Segments:
    """Where the sentences and words of a text begin and end.

    Attributes:
        sentences: character offsets from 0 to the length of the text; sentence i lies between offsets i and i + 1.
        words: the same for words; every sentence border is a word border, too.
    """

    sentences: list[int]
    words: list[int]

    @classmethod
    def whole(cls, text: str) -> Self:
        """Return the segments of a text that is not split: one sentence of one word."""
        return cls([0, len(text)], [0, len(text)]) if text else cls([0], [0])

    def words_of(self, sentence: int) -> list[tuple[int, int]]:
        """Return the (start, end) character spans of the words of sentence number `sentence`, counted from 0."""
        first = bisect_left(self.words, self.sentences[sentence])
        last = bisect_left(self.words, self.sentences[sentence + 1])
        return [(self.words[i], self.words[i + 1]) for i in range(first, last)]


def segment(text: str) -> Segments:
    """Split a text into sentences and words.

    No border falls inside an entity (see `lingua_shared.text.entities`), inside a grapheme, or inside a run of
    characters without white space of a script that separates words by spaces.

    Args:
        text: any text without lone surrogates.

    Returns:
        The borders. Those of texts up to 10,000 characters are cached.
    """
    return _cached_segments(text) if len(text) <= _MAX_CACHED_LENGTH else _compute_segments(text)


def _compute_segments(text: str) -> Segments:
    if not text:
        return Segments([0], [0])
    entities = _Spans(find_entities(text))
    sentences = [i for i in _sentence_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)]
    words = {i for i in _word_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)}
    return Segments(sentences, sorted(words.union(sentences)))


_cached_segments = lru_cache(maxsize=256)(_compute_segments)
"""`_compute_segments` with a cache: one request asks for the segments of a passage several times."""


def clear_cache() -> None:
    """Empty the cache of `segment`, for example to measure its time."""
    _cached_segments.cache_clear()


def is_spaceless(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words, such as Chinese or Thai."""
    return bool(_SPACELESS.match(character))


def whole_word(words: str) -> str:
    """Return a regular expression that finds words or a name, but not as a part of a longer word.

    In scripts without spaces it finds them anywhere. The expression for an empty string finds nothing.
    """
    if not words:
        return r"(?!)"
    before = r"(?<!\w)" if _is_spaced(words[0]) else ""
    after = r"(?!\w)" if _is_spaced(words[-1]) else ""
    return before + re.escape(words) + after


def normalized_text(text: str) -> str:
    """Return a text in one case and with single spaces, to tell whether two texts say the same."""
    return " ".join(text.casefold().split())


def _is_spaced(character: str) -> bool:
    return character.isalnum() and not is_spaceless(character)


def splits_grapheme(text: str, border: int) -> bool:
    """Whether a border falls inside a grapheme, for example between a letter and its combining mark."""
    return 0 < border < len(text) and bool(_IN_GRAPHEME.match(text, border))


class _Spans:
    """Character spans without overlap; tells whether a border falls inside one of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = [end for _, end in ordered]

    def contain(self, border: int) -> bool:
        at = bisect_left(self._starts, border) - 1
        return at >= 0 and border < self._ends[at]


def _sentence_borders(text: str) -> list[int]:
    borders = _icu_borders(SentenceBreaker, text)
    kept = [0]
    blank = len(text) - len(text.lstrip())  # white space at the start is part of the first sentence
    for border in borders[1:-1]:
        if border > blank and not _continues(text, kept[-1], border):
            kept.append(border)
    return [*_with_phrase_borders(text, kept), len(text)]


def _continues(text: str, start: int, border: int) -> bool:
    """Whether a border of ICU is no end of a sentence.

    That is so before white space, in code such as `a!=b`, after an abbreviation or initial, and in a wrapped line.

    Args:
        text: the whole text.
        start: where the sentence before the border begins.
        border: a character offset inside the text.
    """
    last, following = text[border - 1], text[border]
    if following.isspace():  # white space belongs to the sentence before it
        return True
    if last.isascii() and not last.isspace() and not is_spaceless(following):  # a!=b
        return True
    before = text[max(start, border - 40) : border]
    last_word = _LAST_WORD.search(before)
    if last_word:
        word = last_word.group(1)
        initial = len(word) == 1 and word.isupper() and not is_spaceless(word)
        return initial or word.lower() in (_BEFORE_NUMBERS if text[border].isdigit() else _BEFORE_NAMES)
    wrapped = before.endswith("\n") and not before.rstrip(" \t\r").endswith(("\n\n", "\n\r\n"))
    return wrapped and following.islower() and before.rstrip()[-1:].isalnum()


def _with_phrase_borders(text: str, borders: list[int]) -> list[int]:
    """Add a border after each space in scripts that write spaces between phrases only (Thai, Lao, Khmer, Burmese)."""
    if not _PHRASE_SPACED.search(text):
        return borders
    spaces = [m.end() for m in plain_re.finditer(r"(?<=\S)\s+", text) if _PHRASE_SPACED.match(text[m.start() - 1])]
    return sorted({*borders, *(i for i in spaces if i < len(text))})


def _word_borders(text: str) -> list[int]:
    """Return the borders between words: after white space, and between words of scripts without spaces."""
    borders = [m.end() for m in plain_re.finditer(r"(?<!\s)\s+|^\s+", text) if m.end() < len(text)]
    if _SPACELESS.search(text):
        icu = _icu_borders(WordBreaker, text)
        borders += [icu[i] for i in range(1, len(icu) - 1) if _parts_words(text, icu[i])]
    return borders


def _parts_words(text: str, border: int) -> bool:
    before, after = text[border - 1], text[border]
    if after.isspace() or before.isspace() or _CLOSING.match(after) or _OPENING.match(before):
        return False
    return is_spaceless(before) or is_spaceless(after)


def _icu_borders(breaker: type, text: str) -> list[int]:
    """Return the borders that an ICU breaker finds, as indices of the Python string, from 0 to its length."""
    ends = [end for _, end in breaker(text, _LOCALE).segments()]
    if _counts_utf16() and not text.isascii() and max(text) > "\uffff":
        ends = _from_utf16(text, ends)
    return [0, *ends]


@cache
def _counts_utf16() -> bool:
    # icu4py 1.2 returns offsets in UTF-16 code units. This asks it, in case a later version does not.
    return [end for _, end in CharacterBreaker("😀", _LOCALE).segments()] == [2]


def _from_utf16(text: str, offsets: list[int]) -> list[int]:
    wide = [i for i, character in enumerate(text) if character > "\uffff"]
    # UTF-16 has two units for such a character, so the n-th of them (from 0) starts n units later there.
    wide_ends = [index + number + 2 for number, index in enumerate(wide)]
    return [offset - bisect_right(wide_ends, offset) for offset in offsets]
