"""Finds line breaks that only wrap a paragraph at some width, as in e-mail, PDF text and plain-text documents.

A line break is judged by what the lines around it look like: their length beside that of the paragraph's other lines,
punctuation, brackets, case, common words, digits, indentation and list markers. No model is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex as re

from lingua_shared.cache.locks import cached_property
from lingua_shared.text.common_words import is_common

_QUOTED = re.compile(r"[ \t]{0,3}(?:>[ \t]?)++")
_BULLET = re.compile(r"(?:[-*+•‣▪●○◦■□·][ \t]|[–—][ \t](?!\p{Ll})|#{1,6}[ \t]|[|§])")
_ITEM_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,5})(?:\.\d{1,3}){0,4}[.)\]][ \t]")
_LABEL = re.compile(r"\p{Lu}[\p{L}\p{N} .'’()/\-]{0,30}:(?:[ \t]|$)", flags=re.VERSION1)
_KEY = re.compile(r"[^\s:]{1,40}:(?:[ \t]|$)")
_LETTER = re.compile(r"\p{L}")
_RULE = re.compile(r"[-=_*~+|. ]{3,}+$")
_COLUMNS = re.compile(r"[^\s.!?:;](?: {3}|\t)|[.!?:;](?: {4}|\t)")
_TERMINAL = re.compile(r"[.!?…。！？।؟:][\p{Pe}\p{Pf}\"'*_]{0,3}$")
_SENTENCE_INSIDE = re.compile(r"[\p{Ll}\p{N})\"”][.!?][\"”)]? {1,2}\p{Lu}")
_HYPHENATED = re.compile(r"\p{L}[-‐\u00ad]$")
_FIRST_WORD = re.compile(r"[`*_\"“(\[]{0,3}+([\p{L}\p{M}\p{N}'’]++)")
_CODE = re.compile(r"`[^`\s]++`?+")
_LAST_WORD = re.compile(r"(?<![\p{L}\p{M}\p{N}'’])[\p{L}\p{M}\p{N}'’]{1,20}+$")
_UNCASED = re.compile(r"\p{Lo}")
_OPENING, _CLOSING = "([（［「『“", ")]）］」』”"

_NARROW = 40
"""Characters; lines that are no longer than this are no paragraph, unless their words say so."""

_WIDE = 200
"""Characters; longer lines are paragraphs of their own."""

_FEW_WORDS = 3
_MOST_CAPITALS = 2.2
_LINES_PER_SIGN = 3
"""A block with a sign of running text in every third line is running text."""


@dataclass(frozen=True)
class _Line:
    """A line without its quotation prefix and without white space at its ends."""

    start: int
    prefix: int
    end: int
    indent: int
    words: str

    @cached_property
    def ends_sentence(self) -> bool:
        return _TERMINAL.search(self.words[-6:]) is not None

    @cached_property
    def is_open(self) -> bool:
        """Whether a bracket that it opens is not closed, or it ends within a hyphenated word."""
        tail = self.words[-_NARROW * 2 :]
        opened = max(tail.rfind(sign) for sign in _OPENING)
        closed = max(tail.rfind(sign) for sign in _CLOSING)
        return opened > closed or _HYPHENATED.search(tail) is not None

    @property
    def width(self) -> int:
        return self.indent + len(self.words)

    @cached_property
    def first_word(self) -> str:
        word = _FIRST_WORD.match(self.words)
        return word.group(1) if word else self.words[:1]

    @cached_property
    def last_word(self) -> str:
        word = _LAST_WORD.search(self.words[-24:])
        return word.group() if word else ""

    @cached_property
    def is_item(self) -> bool:
        return bool(_BULLET.match(self.words) or _ITEM_NUMBER.match(self.words))

    @cached_property
    def is_row(self) -> bool:
        """Whether it is a row of a table, or a rule."""
        return bool(_RULE.match(self.words) or _COLUMNS.search(self.words))


def unwrap(text: str, language: str) -> str:
    """Return a text of the same length with blanks for the line breaks that only wrap a paragraph.

    If all lines have the prefix of quoted mail, "> ", the prefixes become blanks as well.

    Args:
        text: any text.
        language: code of two letters; tells the common words.
    """
    if "\n" not in text:
        return text
    lines = _lines(text)
    wrapped = _wrapped(lines, language)
    parts: list[str] = []
    for line in lines:
        parts += [" " * line.prefix, text[line.start + line.prefix : line.end]]
        parts.append(" " if line.end in wrapped else text[line.end : line.end + 1])
    return "".join(parts)


def _lines(text: str) -> list[_Line]:
    raw = text.split("\n")
    quoted = all(_QUOTED.match(line) for line in raw if not line.isspace() and line)
    lines, start = [], 0
    for line in raw:
        prefix = _QUOTED.match(line) if quoted else None
        length = prefix.end() if prefix else 0
        content = line[length:].rstrip()
        words = content.lstrip()
        lines.append(_Line(start, length, start + len(line), len(content) - len(words), words))
        start += len(line) + 1
    return lines


def _wrapped(lines: Sequence[_Line], language: str) -> set[int]:
    """Return the offsets of the line breaks that only wrap a paragraph."""
    found: set[int] = set()
    for block in _blocks(lines):
        found.update(line.end for line in _Block(block, language).wrapped_lines())
    return found


def _blocks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Give lines without a blank line between them; at least two at a time."""
    block: list[_Line] = []
    for line in lines:
        if line.words:
            block.append(line)
            continue
        if len(block) > 1:
            yield block
        block = []
    if len(block) > 1:
        yield block


class _Block:
    """Lines without a blank line between them."""

    def __init__(self, lines: Sequence[_Line], language: str) -> None:
        self._lines = lines
        self._language = language
        self._width = max((line.width for line in lines if line.width <= _WIDE), default=0)
        self._is_list = all(len(line.words.split(maxsplit=_FEW_WORDS)) <= _FEW_WORDS for line in lines[:-1])
        self._labels = sum(_LABEL.match(line.words) is not None for line in lines)
        self._runs = self._is_running_text()

    def wrapped_lines(self) -> Iterator[_Line]:
        """Give the lines whose line break only wraps the paragraph."""
        begins = True
        for number, (line, after) in enumerate(pairwise(self._lines)):
            if self._fits_layout(line, after, is_first=number == 0) and self._goes_on(line, after, begins=begins):
                yield line
                begins = line.ends_sentence
            else:
                begins = True

    def _is_running_text(self) -> bool:
        pairs = list(pairwise(self._lines))
        signs = sum(self._words_go_on(a, b) for a, b in pairs)
        signs += sum(
            _SENTENCE_INSIDE.search(line.words) is not None for line in self._lines[:-1] if line.width <= _WIDE
        )
        return not self._is_list and signs * _LINES_PER_SIGN >= len(pairs)

    def _is_full(self, line: _Line, after: _Line) -> bool:
        """Whether the next line's first word had no room in a line."""
        code = _CODE.match(after.words)
        first = code.group() if code else after.first_word
        word = 1 if _UNCASED.match(first) else 1 + len(first)
        return self._width >= _NARROW // 2 and line.width + word > self._width

    def _fits_layout(self, line: _Line, after: _Line, *, is_first: bool) -> bool:
        """Whether indentation, markers and labels allow that one line goes on with the next."""
        if line.is_row or after.is_row or line.words.startswith("#"):
            return False
        if after.is_item and not (_ITEM_NUMBER.match(after.words) and self._ends_open(line) and not line.is_item):
            return False
        if _LABEL.match(after.words) and (self._labels > 1 or line.ends_sentence):
            return False
        if (_KEY.match(line.words) and _KEY.match(after.words)) or not _LETTER.search(line.words):
            return False
        deeper = after.indent - line.indent
        if deeper > 0:
            return line.is_item or (self._is_full(line, after) and after.first_word.islower())
        return deeper == 0 or (is_first and self._is_full(line, after))

    def _ends_open(self, line: _Line) -> bool:
        return line.is_open or (not line.ends_sentence and is_common(line.last_word, self._language))

    def _words_go_on(self, line: _Line, after: _Line) -> bool:
        """Whether words and punctuation show that a sentence goes on in the next line."""
        if line.ends_sentence:
            return False
        if self._ends_open(line):
            return True
        if self._is_list:
            return False
        if after.first_word.islower() or after.words[0] in _CLOSING:
            return True
        if line.words[-1] in ",，、،" and not self._begins_sentence(after):
            return True
        return bool(_UNCASED.match(after.words)) and self._is_full(line, after)

    def _begins_sentence(self, line: _Line) -> bool:
        is_capitalised = line.first_word[:1].isupper() and not line.words.isupper()
        return is_capitalised and is_common(line.first_word, self._language)

    def _goes_on(self, line: _Line, after: _Line, *, begins: bool) -> bool:
        full = self._is_full(line, after)
        if line.ends_sentence:
            return self._runs and full and line.words[-1] == "." and line.width <= _WIDE
        if self._words_go_on(line, after):
            return True
        if self._is_list or (self._begins_sentence(after) and not full):
            return False
        if max(line.width, after.width) > _WIDE:
            return False
        if self._runs and not begins:
            return True
        if self._runs:
            return (full or line.width * 5 >= self._width * 3) and not _is_title(line)
        return line.width >= _NARROW and after.ends_sentence and not (_is_title(line) or self._begins_sentence(after))


def _is_title(line: _Line) -> bool:
    """Whether most words of a line begin with a capital letter, as in a heading."""
    if line.words.isupper() and line.width >= _NARROW:  # a paragraph in capitals
        return False
    words = line.words.split()
    return _MOST_CAPITALS * sum(word.islower() for word in words) < len(words)
