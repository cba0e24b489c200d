"""Cuts a text into words that can be compared, and what stands between them; whole or as it streams in.

A word is a run of letters and digits, one character of a script without spaces, or a run of symbols, each with the
marks that belong to it, so that no border falls inside a grapheme. Knows no source and no answer.
"""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

import regex as re

from lingua_shared.text.segments import SPACELESS

LONGEST_WORD = 64
"""Characters of a word; a longer one is cut, and its pieces match nothing."""
LONGEST_SEPARATOR = 16
"""Characters between two words; a longer piece is cut, and nothing is restored inside it."""

_SPACELESS = rf"[[\p{{L}}\p{{N}}]&&{SPACELESS}]"
_LETTER = rf"[[\p{{L}}\p{{N}}_]--{SPACELESS}]"
_SYMBOL = r"[\p{S}--[`\^~|<>]]"
_MARK = r"[\p{M}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\u00ad]"
_REST = f"{{0,{LONGEST_WORD - 1}}}+"
_WORD = re.compile(
    rf"{_LETTER}[{_LETTER}{_MARK}]{_REST}|{_SPACELESS}{_MARK}{_REST}|{_SYMBOL}[{_SYMBOL}{_MARK}]{_REST}",
    flags=re.VERSION1,
)


class Word(NamedTuple):
    """A word, and the separator before it.

    Attributes:
        before: the text between the word before and this one.
        text: the word; "" where a separator was too long and was cut.
        start: where the word begins in its text.
        key: what is compared; "" matches nothing.
    """

    before: str
    text: str
    start: int
    key: str

    @property
    def end(self) -> int:
        """Where the word ends in its text."""
        return self.start + len(self.text)


@lru_cache(maxsize=1 << 16)
def word_key(text: str) -> str:
    """Return a word as it is compared: without case, compatibility forms and soft hyphens; "" if it is too long."""
    if len(text) >= LONGEST_WORD:
        return ""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold()).replace("\u00ad", "").replace(" ", "")


def split_words(text: str) -> list[Word]:
    """Return the words of a whole text; what stands behind the last is left out."""
    reader = WordReader()
    return [word for word in [*reader.feed(text), *reader.finish()] if word.text]


class WordReader:
    """Reads words from a text that comes in pieces; the same words, however it is cut."""

    def __init__(self) -> None:
        """Nothing has been read yet."""
        self.rest = ""
        """What came in and belongs to no finished word."""
        self.start = 0
        """Where the rest begins in the whole text."""
        self._is_cut = False  # the word before was too long, and may go on

    @property
    def separator(self) -> str:
        """The part of the rest that is known to stand between words."""
        match = _WORD.search(self.rest)
        return self.rest[: match.start()] if match else self.rest

    def feed(self, text: str) -> list[Word]:
        """Take the next piece of the text, and return the words that are finished by it."""
        return self._read(self.rest + text, is_end=False)

    def finish(self) -> list[Word]:
        """Return the last word, if there is one; the rest is what stands behind it."""
        return self._read(self.rest, is_end=True)

    def _read(self, text: str, *, is_end: bool) -> list[Word]:
        words: list[Word] = []
        at = 0
        for match in _WORD.finditer(text):
            start, end = match.span()
            at = self._cut_separator(text, at, start, words)
            if end == len(text) and not is_end:
                break  # it may go on
            is_piece = self._is_cut and start == at
            self._is_cut = end - start >= LONGEST_WORD
            words.append(Word(text[at:start], match[0], self.start + start, "" if is_piece else word_key(match[0])))
            at = end
        else:
            at = self._cut_separator(text, at, len(text), words)
        self.rest, self.start = text[at:], self.start + at
        return words

    def _cut_separator(self, text: str, at: int, end: int, words: list[Word]) -> int:
        """Cut a separator that is too long; return where what is left of it begins."""
        while end - at > LONGEST_SEPARATOR:
            words.append(Word(text[at : at + LONGEST_SEPARATOR], "", self.start + at + LONGEST_SEPARATOR, ""))
            at += LONGEST_SEPARATOR
        return at
