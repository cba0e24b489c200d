"""Borders of sentences and words as ICU finds them (Unicode Standard Annex 29, with dictionaries).

Knows no rule of its own; `sentences` and `words` correct what ICU says.
"""

from bisect import bisect_right
from functools import cache

from icu4py.breakers import CharacterBreaker

_SUPPRESSIONS = "@ss=standard"  # ICU's abbreviations that do not end a sentence; it has them for some languages


def icu_borders(breaker: type, text: str, language: str = "en") -> list[int]:
    """Return the borders that an ICU breaker finds, as indices of the Python string, from 0 to its length.

    Args:
        breaker: class of `icu4py.breakers`.
        text: any text without lone surrogates.
        language: code of two letters; matters to sentences only.
    """
    ends = [end for _, end in breaker(text, f"{language}{_SUPPRESSIONS}").segments()]
    if _counts_utf16() and not text.isascii() and max(text) > "\uffff":
        ends = _from_utf16(text, ends)
    return [0, *ends]


@cache
def _counts_utf16() -> bool:
    # icu4py 1.2 returns offsets in UTF-16 code units. This asks it, in case a later version does not.
    return [end for _, end in CharacterBreaker("😀", "en").segments()] == [2]


def _from_utf16(text: str, offsets: list[int]) -> list[int]:
    wide = [i for i, character in enumerate(text) if character > "\uffff"]
    # UTF-16 has two units for such a character, so the n-th of them (from 0) starts n units later there.
    wide_ends = [index + number + 2 for number, index in enumerate(wide)]
    return [offset - bisect_right(wide_ends, offset) for offset in offsets]
