"""Cuts a text into sentences and words in any script, keeping names, dates, numbers and ids in one piece.

Boundaries come from ICU (Unicode Standard Annex 29, with dictionaries for Chinese, Japanese, Thai, Lao, Khmer and
Burmese). Sentences and words tile the text: each ends where the next begins, and white space belongs to the piece
before it, so pieces put side by side are text again. Knows no model and no budget.
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

_LONGEST_REMEMBERED = 10_000  # characters
_LOCALE = "en@ss=standard"  # with the list of abbreviations that do not end a sentence
_BEFORE_NAMES = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "vs", "al", "gen", "col", "lt", "sgt", "capt", "rev", "hon")
)
_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
_BEFORE_NUMBERS = frozenset(("no", "nos", "vol", "fig", "eq", "ca", "cf", "pp", "op", "approx", "est", *_MONTHS))
_LAST_WORD = plain_re.compile(r"(\w+)\.\s*$")
SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー々〆]"
"""Pattern of a character of a script that writes no spaces between words."""

_SPACELESS = re.compile(SPACELESS, flags=re.VERSION1)
_PHRASE_SPACED = re.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_OPENING = re.compile(r"[\p{Ps}\p{Pi}¿¡]")
_IN_GRAPHEME = re.compile(
    r"(?=[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}])|(?<=\p{GCB=Prepend})[^\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"
)
_CLOSING = re.compile(r"[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{Mn}\p{Mc}\p{Cf}]")


@dataclass(frozen=True)
class Segments:
    """Borders of the sentences and words of a text, each list from 0 to its length; word borders include the others."""

    sentences: list[int]
    words: list[int]

    @classmethod
    def whole(cls, text: str) -> Self:
        """Return a text as one sentence of one word."""
        return cls([0, len(text)], [0, len(text)]) if text else cls([0], [0])

    def words_of(self, sentence: int) -> list[tuple[int, int]]:
        """Character spans of the words of a sentence."""
        first = bisect_left(self.words, self.sentences[sentence])
        last = bisect_left(self.words, self.sentences[sentence + 1])
        return [(self.words[i], self.words[i + 1]) for i in range(first, last)]


def segment(text: str) -> Segments:
    """Cut a text into sentences and words.

    Word borders never fall inside an entity (a name, date, number with unit, URL, e-mail address, identifier or quoted
    id), nor inside a grapheme, nor inside a run without white space of a script that separates words by spaces.

    Args:
        text: any text without lone surrogates.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _segmented(text)


def _segmented(text: str) -> Segments:
    if not text:
        return Segments([0], [0])
    entities = _Spans(find_entities(text))
    sentences = [i for i in _sentence_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)]
    words = {i for i in _word_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)}
    return Segments(sentences, sorted(words.union(sentences)))


_remembered = lru_cache(maxsize=256)(_segmented)
"""A request asks for the borders of a passage several times, and so does the next one."""


def clear_cache() -> None:
    """Forget the borders of all texts; for who measures how long it takes to find them."""
    _remembered.cache_clear()


def is_spaceless(character: str) -> bool:
    """Whether a character belongs to a script that writes no spaces between words."""
    return bool(_SPACELESS.match(character))


def whole_word(words: str) -> str:
    """Return the pattern that finds words as words of their own; where no spaces are written, anywhere."""
    before = r"(?<!\w)" if _is_spaced(words[0]) else ""
    after = r"(?!\w)" if _is_spaced(words[-1]) else ""
    return before + re.escape(words) + after


def normalized_text(text: str) -> str:
    """Return what a text says, whatever its case and white space."""
    return " ".join(text.casefold().split())


def _is_spaced(character: str) -> bool:
    return character.isalnum() and not is_spaceless(character)


def splits_grapheme(text: str, border: int) -> bool:
    """Whether a border parts a mark from the character that it belongs to."""
    return 0 < border < len(text) and bool(_IN_GRAPHEME.match(text, border))


class _Spans:
    """Disjoint character spans, asked whether a border falls inside one."""

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
    blank = len(text) - len(text.lstrip())  # white space at the start belongs to the first sentence
    for border in borders[1:-1]:
        if border > blank and not _continues(text, kept[-1], border):
            kept.append(border)
    return [*_with_phrase_borders(text, kept), len(text)]


def _continues(text: str, start: int, border: int) -> bool:
    """Whether the sentence goes on behind a border: white space, code, an abbreviation, an initial, a wrapped line."""
    last, following = text[border - 1], text[border]
    if following.isspace():  # white space belongs to the piece before it
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
    """Add borders after spaces in scripts that part phrases and sentences by a space (Thai, Lao, Khmer, Burmese)."""
    if not _PHRASE_SPACED.search(text):
        return borders
    spaces = [m.end() for m in plain_re.finditer(r"\s+", text) if _PHRASE_SPACED.match(text[m.start() - 1])]
    return sorted({*borders, *(i for i in spaces if i < len(text))})


def _word_borders(text: str) -> list[int]:
    """Borders in front of words: after white space, and between the words of scripts that have no spaces."""
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
    """Borders that an ICU breaker finds, as Python string indices, from 0 to the length of the text."""
    ends = [end for _, end in breaker(text, _LOCALE).segments()]
    if _counts_utf16() and not text.isascii() and max(text) > "\uffff":
        ends = _from_utf16(text, ends)
    return [0, *ends]


@cache
def _counts_utf16() -> bool:
    # icu4py 1.2 reports UTF-16 code units; ask it, so that a corrected release needs no change here.
    return [end for _, end in CharacterBreaker("😀", _LOCALE).segments()] == [2]


def _from_utf16(text: str, offsets: list[int]) -> list[int]:
    wide = [i for i, character in enumerate(text) if character > "\uffff"]
    # The n-th wide character starts n units later in UTF-16 than in the string.
    wide_ends = [index + number + 2 for number, index in enumerate(wide)]
    return [offset - bisect_right(wide_ends, offset) for offset in offsets]
