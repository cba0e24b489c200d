"""Reads the lines of a plain text as blocks: paragraphs, headings, list items, clauses, terms with their description.

Only the look of the lines counts: blank lines, columns, markers. Nothing is added to a draft here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

import regex as re

from lingua_shared.text.structure.markers import Marker, begins_sentence, find_markers
from lingua_shared.text.structure.part import Line
from lingua_shared.text.structure.wrapped import column

Shape = Literal["paragraph", "heading", "item", "clause", "entry", "row", "table", "rule"]

MAX_TITLE = 72  # characters
MAX_TERM = 64  # characters
_MIN_WRAPPED = 40  # characters of a line that may go on in the next one

_ALL_CAPS = re.compile(r"\p{Lu}[\p{Lu}\d ,/&()'’.:\-–]{1,60}+$")
_NUMBERED_TITLE = re.compile(r"(?:[A-Z]\.)?\d{1,3}(?:\.\d{1,3}){0,5}\.?[ \t]++(\S.*)$")
_UNDERLINE = re.compile(r"([=\-~^\"*#+_])\1{2,}$")
_ENDS_SENTENCE = re.compile(r"[.:;,!?。：；，][\"'”’»)\]]*$")
_SMALL_WORD = r"(?:of|the|and|or|for|to|in|on|by|with|from|an?|de|des|du|la|le|les|et|y|el|und|der|die|das|von|im)"
_TITLE_WORD = rf"(?:(?:\p{{Lu}}|\d)[\w'’\-]*+|{_SMALL_WORD})"
_TITLE_WORDS = re.compile(rf"{_TITLE_WORD}(?:,? {_TITLE_WORD}){{0,7}}\.$")
_RULE = re.compile(r"[^\p{L}\p{N}]+$")
_PAGE = re.compile(r".*\[Page \d+\]$|.{0,60}\bPage \d+(?: of \d+)?$")
_ROW = re.compile(r"[ \t]*+(\S{1,32}(?: \S{1,32}){0,4})(?:[ ]{2,}|[ ]*\t[ \t]*)(?=\S)")
_GAPS = re.compile(r"(?<=\S)(?: {2,}| *\| *)(?=\S)")
_OPTION = re.compile(r"[ \t]*+(?:--?[\w?#]|/[A-Z?]\b|\+[a-z]\b)")


@dataclass(frozen=True)
class Block:
    """Lines first to last - 1 of a text.

    Attributes:
        shape: what they look like.
        first: number of the first line.
        last: one behind the last line.
        column: where the first line begins.
        body: characters before the body: of an item its marker, of a row its term.
        level: of a heading or clause; 1 is the highest.
        terms: lines of an entry that are its terms.
    """

    shape: Shape
    first: int
    last: int
    column: int
    body: int = 0
    level: int = 0
    terms: int = 1


@dataclass
class BlockReader:
    """Reads lines as blocks, from the first line to the last.

    Attributes:
        lines: lines of a text, or of a part of it.
        columns: where each line begins.
        markers: markers of list items and clauses, by line.
        is_whole: whether the first line is a whole one; else the marker of an item was before it.
        is_table: whether all lines are one table, which another format would have taken if it were one for certain.
    """

    lines: Sequence[Line]
    columns: list[int] = field(default_factory=list)
    markers: dict[int, Marker] = field(default_factory=dict)
    is_whole: bool = True
    is_table: bool = False

    def __post_init__(self) -> None:
        """Find columns and markers. The first line of an item's body stands where the second one does."""
        self.columns = [column(line) for line in self.lines]
        following = next((i for i in range(1, len(self.lines)) if not self.lines[i].is_blank), 0)
        if following and not self.is_whole:
            self.columns[0] = self.columns[following]
        elif following and not self.columns[0]:
            self.columns[0] = self._lost_column(following)
        self.markers = find_markers(self.lines, is_whole=self.is_whole)

    def _lost_column(self, following: int) -> int:
        """Return where the first line of a chunk began, whose indentation a splitter has stripped; 0 if it had none.

        Args:
            following: number of the next line that is not blank.
        """
        if _ALL_CAPS.match(self.text(0)) or _NUMBERED_TITLE.match(self.text(0)):
            return 0
        filled = [number for number in range(following, len(self.lines)) if not self.lines[number].is_blank]
        own = [self.columns[number] for number in takewhile(lambda number: self.columns[number], filled)]
        least, below = min(own, default=0), self.columns[following]
        options = [self.columns[number] for number in filled if self.is_option(number)]
        if self.is_option(0):
            return next((place for place in options if place < below or following > 1), least if least < below else 0)
        if options and following == 1:
            return below
        return least if len(own) == len(filled) and (following > 1 or below > least) else 0

    def read(self) -> list[Block]:
        """Return the blocks; blank lines between them are in none."""
        blocks: list[Block] = []
        at = 0
        while at < len(self.lines):
            if self.lines[at].is_blank:
                at += 1
                continue
            blocks.append(self._block(at, blocks[-1] if blocks else None))
            at = blocks[-1].last
        return blocks

    def _block(self, at: int, before: Block | None) -> Block:
        readers = (self._rule, self._heading, self._item, self._table, self._row)
        for reader in readers:
            block = reader(at)
            if block:
                return block
        return self._entry(at, before) or self._paragraph(at)

    def text(self, at: int) -> str:
        """Return a line without white space around it; nothing behind the last line."""
        return self.lines[at].text.strip() if 0 <= at < len(self.lines) else ""

    def is_option(self, at: int) -> bool:
        """Whether a line begins with an option of a command, such as ``--all``."""
        return bool(_OPTION.match(self.lines[at].text))

    def _next(self, at: int) -> int:
        """Return the number of the next line that is not blank."""
        while at < len(self.lines) and self.lines[at].is_blank:
            at += 1
        return at

    def _rule(self, at: int) -> Block | None:
        text = self.text(at)
        header = at > 0 and "\f" in self.lines[at - 1].text and text.startswith("RFC ")
        if _RULE.match(text) or _PAGE.match(text) or header:
            return Block("rule", at, at + 1, self.columns[at])
        return None

    def _heading(self, at: int) -> Block | None:
        text = self.text(at)
        if len(text) > MAX_TITLE or (at and not begins_sentence(self.lines, at) and self.text(at - 1)):
            return None
        if _is_underline(text, self.text(at + 1)):
            return Block("heading", at, at + 2, self.columns[at], level=1 if self.text(at + 1)[0] == "=" else 2)
        following = self._next(at + 1)
        is_last = following == len(self.lines)
        apart = is_last or following > at + 1
        deeper = not is_last and self.columns[following] > self.columns[at]
        level = self._title_level(at, following, apart=apart, deeper=deeper)
        return Block("heading", at, at + 1, self.columns[at], level=level) if level else None

    def _title_level(self, at: int, following: int, *, apart: bool, deeper: bool) -> int:
        """Return the level of a title; 0 if a line is none.

        Args:
            at: number of the line.
            following: number of the next line that is not blank.
            apart: whether a blank line is between them.
            deeper: whether the next line is indented more.
        """
        text = self.text(at)
        if _ALL_CAPS.match(text) and (apart or deeper) and sum(map(str.isalpha, text)) > 1:
            return 1
        numbered = _NUMBERED_TITLE.match(text)
        free = at == 0 or self.lines[at - 1].is_blank
        if numbered and free and apart and self._is_numbered_title(numbered.group(1), at, following):
            return 1 + len(re.findall(r"\d+", text[: numbered.start(1)]))
        if text.endswith(":") and deeper and not apart and self.columns[at] == 0 and len(text) <= MAX_TERM // 2:
            return 9
        return 8 if free and apart and at not in self.markers and self._is_title(text, at, following) else 0

    def _is_numbered_title(self, title: str, at: int, following: int) -> bool:
        sibling = self.markers.get(following)
        if sibling and at in self.markers and sibling.level <= self.markers[at].level:
            return False
        if not (title[0].isupper() or title[0].isdigit()):
            return False
        return not _ENDS_SENTENCE.search(title) or bool(_TITLE_WORDS.match(title))

    def _is_title(self, text: str, at: int, following: int) -> bool:
        """Whether a line between blank lines, before a paragraph, looks like a title."""
        if (
            text.startswith(("Copyright", "©", "(c)"))
            or following == len(self.lines)
            or _ENDS_SENTENCE.search(text)
            or not text[0].isupper()
            or _ROW.match(text)
        ):
            return False
        next_text = self.lines[following].text.strip()
        right = self.columns[following] >= self.columns[at] and following not in self.markers
        return right and len(text.split()) <= 8 and len(next_text) > max(_MIN_WRAPPED, len(text))

    def _item(self, at: int) -> Block | None:
        marker = self.markers.get(at)
        if not marker:
            return None
        shape: Shape = "clause" if marker.level else "item"
        last = self._clause_end(at) if marker.level else self._item_end(at)
        return Block(shape, at, last, self.columns[at], body=marker.length, level=marker.level + 1)

    def _clause_end(self, at: int) -> int:
        last = at + 1
        while last < len(self.lines) and not self.lines[last].is_blank and last not in self.markers:
            last += 1
        return last

    def _item_end(self, at: int) -> int:
        """Return where an item ends: its lines are deeper than the marker, or go on with an unfinished line."""
        own, last = self.columns[at], at + 1
        while last < len(self.lines):
            following = self._next(last)
            if following == len(self.lines):
                break
            deeper = self.columns[following] > own
            lazy = following == last and following not in self.markers and self._goes_on(following - 1)
            if not (deeper or lazy):
                break
            last = following + 1
        return last

    def _goes_on(self, at: int) -> bool:
        """Whether a line is long and no end of a sentence, or the next one begins with a small letter."""
        text, following = self.text(at), self.text(at + 1)
        if not text or text.endswith((".", ":", "!", "?")):
            return False
        return following[:1].islower() or len(text) >= _MIN_WRAPPED

    def _table(self, at: int) -> Block | None:
        """Return lines whose cells begin in the same columns, three or more; not if that is all there is."""
        if self.is_table:
            return None
        last, cells = at + 1, self._cells(at)
        while last < len(self.lines) and len(cells) > 2:
            others = self._cells(last)
            if len(others) < 3 or len(cells & others) < 3:
                break
            last, cells = last + 1, others
        self.is_table = at == 0 and last == len(self.lines)
        return Block("table", at, last, self.columns[at]) if last - at > 1 and not self.is_table else None

    def _cells(self, at: int) -> set[int]:
        """Return the columns in which the cells of a line begin; a pipe counts as one."""
        line = self.lines[at].text.expandtabs(8)
        return {len(line) - len(line.lstrip()), *(match.end() for match in _GAPS.finditer(line.rstrip()))}

    def _row(self, at: int) -> Block | None:
        """Return a term with its description in the same line; without an option, two such lines must be alike."""
        place = self._right(at)
        if not place:
            return None
        alike = any(self._right(other) == place for other in (self._next(at + 1), self._previous(at)))
        if not (alike or self.is_option(at)):
            return None
        last = at + 1
        while last < len(self.lines) and not self.lines[last].is_blank and self.columns[last] >= place[1] - 1:
            last += 1
        match = _ROW.match(self.lines[at].text)
        return Block("row", at, last, self.columns[at], body=match.end() if match else 0)

    def _previous(self, at: int) -> int:
        at -= 1
        while at >= 0 and self.lines[at].is_blank:
            at -= 1
        return at

    def _right(self, at: int) -> tuple[int, int] | None:
        """Return the columns of a line's term and of its description; None without two columns."""
        if not 0 <= at < len(self.lines):
            return None
        line = self.lines[at].text
        match = _ROW.match(line)
        if not match or _ENDS_SENTENCE.search(match.group(1).removesuffix(":")):
            return None
        return self.columns[at], len(line[: match.end()].expandtabs(8))

    def _entry(self, at: int, before: Block | None) -> Block | None:
        """Return a term, or several, with a description that is indented deeper."""
        own, body = self.columns[at], at + 1
        if not (at == 0 or self.lines[at - 1].is_blank or (before and before.shape in ("entry", "heading"))):
            return None
        while body < len(self.lines) and self.columns[body] == own and self.is_option(body):
            body += 1
        if body == len(self.lines) or self.lines[body].is_blank or self.columns[body] <= own:
            return None
        if not all(self._is_term(number) for number in range(at, body)):
            return None
        return Block("entry", at, self._deeper_end(body, own), own, terms=body - at)

    def _is_term(self, at: int) -> bool:
        text = self.text(at)
        if self.is_option(at):
            return True
        return len(text) <= MAX_TERM and not _ENDS_SENTENCE.search(text.rstrip(":"))

    def _deeper_end(self, at: int, own: int) -> int:
        last = at
        while True:
            following = self._next(last)
            if following == len(self.lines) or self.columns[following] <= own:
                return last
            last = following + 1

    def _paragraph(self, at: int) -> Block:
        last = at + 1
        while last < len(self.lines) and not self.lines[last].is_blank and not self._begins_block(last):
            last += 1
        return Block("paragraph", at, last, self.columns[at])

    def _begins_block(self, at: int) -> bool:
        if at in self.markers or self._rule(at):
            return True
        if self.is_option(at) and self._row(at):
            return True
        if self.columns[at] > self.columns[at - 1] and self._hangs(self.text(at - 1)):
            return False
        moved = self.columns[at] != self.columns[at - 1]
        return moved and not self._goes_on(at - 1)

    @staticmethod
    def _hangs(text: str) -> bool:
        """Whether a line may go on in a deeper one: it ends no sentence."""
        return not _ENDS_SENTENCE.search(text) or text.endswith((",", "..."))


def _is_underline(title: str, line: str) -> bool:
    return bool(_UNDERLINE.match(line)) and abs(len(line) - len(title)) <= 3 and not _RULE.match(title)


def is_title_sentence(text: str) -> bool:
    """Whether a sentence is nothing but a title with a full stop, such as "Grant of License."."""
    return len(text) <= MAX_TITLE and bool(_TITLE_WORDS.match(text))
