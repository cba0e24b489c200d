"""Splits running text into sentences, in any script. No model is used.

ICU finds the borders; the rules here take back those that end no sentence. White space belongs to the sentence before.
"""

import re as plain_re

import regex as re
from icu4py.breakers import SentenceBreaker

from lingua_shared.text.entities import find_entities
from lingua_shared.text.icu import icu_borders
from lingua_shared.text.intervals import Spans
from lingua_shared.text.words import is_spaceless, splits_grapheme

_BEFORE_NAMES = frozenset(
    ("dr", "mr", "mrs", "ms", "prof", "st", "vs", "al", "gen", "col", "lt", "sgt", "capt", "rev", "hon")
)
_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
_BEFORE_NUMBERS = frozenset(("no", "nos", "vol", "fig", "eq", "ca", "cf", "pp", "op", "approx", "est", *_MONTHS))
_LAST_WORD = plain_re.compile(r"(\w+)\.\s*$")
_PHRASE_SPACED = re.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def sentence_borders(text: str) -> list[int]:
    """Return where the sentences of a text begin and end: offsets from 0 to its length.

    No border falls inside an entity (see `lingua_shared.text.entities`) or inside a grapheme.
    """
    if not text:
        return [0]
    entities = Spans(find_entities(text))
    return [i for i in _sentence_borders(text) if not entities.contain(i) and not splits_grapheme(text, i)]


def _sentence_borders(text: str) -> list[int]:
    borders = icu_borders(SentenceBreaker, text)
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
