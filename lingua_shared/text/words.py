"""Borders between words, in any script, and what belongs to a word. No model is used."""

import re as plain_re
from itertools import pairwise
from unicodedata import normalize

import regex as re
from icu4py.breakers import WordBreaker

from lingua_shared.text.icu import icu_borders

SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー々〆]"
"""Regular expression of one character of a script without spaces between words."""

_SPACELESS = re.compile(SPACELESS, flags=re.VERSION1)
_OPENING = re.compile(r"[\p{Ps}\p{Pi}¿¡]")
_IN_GRAPHEME = re.compile(
    r"(?=[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}])|(?<=\p{GCB=Prepend})[^\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"
)
_IN_THAI_SYLLABLE = re.compile(
    r"(?<=[เแโใไ])|(?=[ะาำๅๆฯ])"  # behind a vowel that is written before its consonant, or before a vowel
    r"|(?<=[เแโใไ]ห)(?=[งญนมยรลว])|(?=[ก-ฮ][ิุ]?์)"  # in "หล" of "แหลม", or before a silent "ร์"
)
_CLOSING = re.compile(r"[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{Mn}\p{Mc}\p{Cf}]")


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
    """Return a text in one case, with single spaces and in plain letters, to tell whether two texts say the same.

    Full-width, mathematical and other forms of letters become plain ones (Unicode's NFKC).
    """
    plain = text if text.isascii() else normalize("NFKC", text)
    return " ".join(plain.casefold().split())


def _is_spaced(character: str) -> bool:
    return character.isalnum() and not is_spaceless(character)


def splits_grapheme(text: str, border: int) -> bool:
    """Whether a border falls inside a grapheme, for example between a letter and its combining mark."""
    return 0 < border < len(text) and bool(_IN_GRAPHEME.match(text, border))


def word_borders(text: str) -> list[int]:
    """Return the borders between words: after white space, and between words of scripts without spaces."""
    borders = [m.end() for m in plain_re.finditer(r"(?<!\s)\s+|^\s+", text) if m.end() < len(text)]
    if _SPACELESS.search(text):
        icu = icu_borders(WordBreaker, text)
        borders += [icu[i] for i in range(1, len(icu) - 1) if _parts_words(text, icu[i])]
    return borders


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words of a text, without the white space around them."""
    pairs = pairwise([0, *word_borders(text), len(text)])
    return [(start, start + len(text[start:end].rstrip())) for start, end in pairs if text[start:end].strip()]


def _parts_words(text: str, border: int) -> bool:
    before, after = text[border - 1], text[border]
    if after.isspace() or before.isspace() or _CLOSING.match(after) or _OPENING.match(before):
        return False
    return (is_spaceless(before) or is_spaceless(after)) and not _IN_THAI_SYLLABLE.match(text, border)
