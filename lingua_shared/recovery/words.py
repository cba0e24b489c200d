"""Cuts a text into words that can be compared, and compares what separates them; for whole texts and for streams.

A word is a run of letters and digits, a single character in scripts without spaces, or a run of symbols, each with its
combining marks, so that no boundary falls inside a grapheme. In separators, white space, quotation marks, hyphens and
commas may differ; the ends of sentences may not.
"""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

import regex as re

from lingua_shared.recovery.policy import POLICY
from lingua_shared.text.words import SPACELESS

_SPACELESS = rf"[[\p{{L}}\p{{N}}]&&{SPACELESS}]"
_LETTER = rf"[[\p{{L}}\p{{N}}_]--{SPACELESS}]"
_SYMBOL = r"[\p{S}--[`\^~|<>]]"
_MARK = r"[\p{M}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\u00ad]"
_REST = f"{{0,{POLICY.max_word - 1}}}+"
_WORD = re.compile(
    rf"{_LETTER}[{_LETTER}{_MARK}]{_REST}|{_SPACELESS}{_MARK}{_REST}|{_SYMBOL}[{_SYMBOL}{_MARK}]{_REST}",
    flags=re.VERSION1,
)

_LINE_BREAK = re.compile(r"[\r\n\v\f\x85\u2028\u2029]")
_MARKUP = re.compile(r"[*`~_^|<>\[\]{}\\#]")
_QUOTE = re.compile(r"[\p{Pi}\p{Pf}\"'\u00b4`\u02bb\u02bc\u201a\u201e\u3008-\u300f]", flags=re.VERSION1)
_SENTENCE_END = re.compile(r"[.!?\u3002\uff01\uff1f\u0964\u061f\u06d4]")
_CERTAIN_SENTENCE_END = re.compile(r"[.!?\u0964\u061f\u06d4].*\s|[\u3002\uff01\uff1f]", flags=re.DOTALL)
_INVISIBLE = re.compile(r"[\p{Cc}\p{Cf}]")
_JOINER = re.compile(r"[\p{Pd}\p{Pc}./:,@&+\u00b7]", flags=re.VERSION1)
_DASH = re.compile(r"[\p{Pd}\u2212\u2044]", flags=re.VERSION1)
_BLANK = re.compile(r"[\s\p{Cf}\p{Cc}]", flags=re.VERSION1)
_VARIABLE = re.compile(r"[\s\p{Pd}\p{Cf}\p{Cc}\u2212\u2044*~_^,\u3001\uff0c]", flags=re.VERSION1)


class Word(NamedTuple):
    """A word and the separator before it.

    Attributes:
        before: the text between the previous word and this one.
        text: the word; "" where a separator was too long and was cut.
        start: offset of the word in its text.
        key: the form that is compared; "" matches nothing.
    """

    before: str
    text: str
    start: int
    key: str

    @property
    def end(self) -> int:
        """Offset of the end of the word in its text."""
        return self.start + len(self.text)


@lru_cache(maxsize=1 << 16)
def word_key(text: str) -> str:
    """Return the form of a word that is compared: without case, compatibility forms and soft hyphens.

    Returns:
        The key; "" if the word is too long.
    """
    if len(text) >= POLICY.max_word:
        return ""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold()).replace("\u00ad", "").replace(" ", "")


def split_words(text: str) -> list[Word]:
    """Return the words of a whole text; what follows the last word is left out."""
    reader = WordReader()
    return [word for word in [*reader.feed(text), *reader.finish()] if word.text]


class WordReader:
    """Reads words from a text that arrives in chunks; the words do not depend on how it is cut."""

    def __init__(self) -> None:
        """Start at the beginning of a text."""
        self.rest = ""
        """Text that was read and belongs to no finished word."""
        self.start = 0
        """Offset of the rest in the whole text."""
        self._was_cut = False  # the previous word was too long, and may go on

    @property
    def separator(self) -> str:
        """The part of the rest that is known to stand between words."""
        match = _WORD.search(self.rest)
        return self.rest[: match.start()] if match else self.rest

    def feed(self, text: str) -> list[Word]:
        """Read the next chunk and return the words that it finishes."""
        return self._read(self.rest + text, is_end=False)

    def finish(self) -> list[Word]:
        """Return the last word, if there is one; the rest is then what follows it."""
        return self._read(self.rest, is_end=True)

    def _read(self, text: str, *, is_end: bool) -> list[Word]:
        words: list[Word] = []
        at = 0
        for match in _WORD.finditer(text):
            start, end = match.span()
            at = self._cut_separator(text, at, start, words)
            if end == len(text) and not is_end:
                break  # the word may go on
            is_part = self._was_cut and start == at
            self._was_cut = end - start >= POLICY.max_word
            words.append(Word(text[at:start], match[0], self.start + start, "" if is_part else word_key(match[0])))
            at = end
        else:
            at = self._cut_separator(text, at, len(text), words)
        self.rest, self.start = text[at:], self.start + at
        return words

    def _cut_separator(self, text: str, at: int, end: int, words: list[Word]) -> int:
        """Cut a separator that is too long, and return the offset of what is left of it."""
        size = POLICY.max_separator
        while end - at > size:
            words.append(Word(text[at : at + size], "", self.start + at + size, ""))
            at += size
        return at


@lru_cache(maxsize=1 << 14)
def significant_part(separator: str) -> str:
    """Return what of a separator must match: not white space, quotation marks, hyphens, commas and emphasis."""
    return _QUOTE.sub("", _VARIABLE.sub("", normalize("NFKC", separator)))


@lru_cache(maxsize=1 << 14)
def normalized_separator(separator: str) -> str:
    """Return a separator without white space, with one form of quotation mark and one of hyphen."""
    return _DASH.sub("-", _QUOTE.sub('"', _BLANK.sub("", normalize("NFKC", separator))))


@lru_cache(maxsize=1 << 14)
def can_be_replaced(separator: str) -> bool:
    """Whether words may be inserted in place of a separator: it has no line break, tab or markup."""
    return not (_INVISIBLE.search(separator) or _LINE_BREAK.search(separator) or _MARKUP.search(separator))


@lru_cache(maxsize=1 << 14)
def joins_words(separator: str) -> bool:
    """Whether a separator makes one word of two, as in "1985-86" and "a.b"; an apostrophe does not."""
    return bool(_JOINER.fullmatch(separator))


@lru_cache(maxsize=1 << 14)
def ends_sentence(separator: str) -> bool:
    """Whether a sentence may end here."""
    return bool(_SENTENCE_END.search(separator))


@lru_cache(maxsize=1 << 14)
def surely_ends_sentence(separator: str) -> bool:
    """Whether a sentence ends here whatever follows; after a full stop alone a number could go on."""
    return bool(_CERTAIN_SENTENCE_END.search(separator))


@lru_cache(maxsize=1 << 14)
def is_clause_boundary(separator: str) -> bool:
    """Whether a quotation could begin or end here: at a line break, a quotation mark or between clauses."""
    return bool(significant_part(separator) or _LINE_BREAK.search(separator) or _QUOTE.search(separator))
