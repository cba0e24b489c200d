"""Source code: a statement needs the openers of its blocks; an opener needs the line that closes its block.

Blocks are found by brackets and by indentation, whatever the language is. Comments and docstrings are units, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import regex as re

from lingua_shared.text.structure.code_lines import Bracket, CodeReader, Statement
from lingua_shared.text.structure.code_syntax import code_syntax, looks_like_code
from lingua_shared.text.structure.formats.plain import add_blocks
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.wrapped import add_wrapped

MAX_BLOCKS = 40
"""Blocks within blocks; what is deeper is in the last of them."""

_SHORT_COMMENT = 160  # characters

_CLOSER = re.compile(r"[ \t]*(?:[}\])]+[;,)]*|(?:fi|done|esac|end\w*|END\w*|;;)\b;?|;;)[ \t]*")
_CONTINUER = re.compile(
    r"[ \t]*(?:\}[ ]?)?(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|do|while)\b"
)
_DECORATOR = re.compile(r"[ \t]*(?:@\w[\w.]*(?:\(.*\))?|#!?\[.*\])\s*$", re.DOTALL)
_COMMENT_SIGN = re.compile(r"[ \t]*(?:/\*+!?|\*+/|\*(?!/)|///?!?|#+!?|--+|;+)?[ \t]?")
_OPENING = re.compile(r"[ \t]*(?:[rRuUbBfF]{0,2}(?:\"\"\"|'''|\"|')|/\*+!?|\{-)[ \t]*\n?")
_CLOSING = re.compile(r"[ \t]*(?:\"\"\"|'''|\"|'|\*+/|-\})[ \t;]*\n?$")


def parse_code(part: Part) -> bool:
    """Add the units of a source code; what does not look like one is refused."""
    if not looks_like_code(part.text):
        return False
    add_code(part)
    return True


def add_code(part: Part) -> None:
    """Add the units of a text that is known to be code, in whatever language."""
    lines = part.lines()
    while lines and lines[0].is_blank:
        lines = lines[1:]
    if not lines:
        return
    text = part.draft.text[lines[0].start : part.end]
    syntax = code_syntax(text)
    reader = CodeReader(text, lines, syntax)
    _Writer(part, reader).write(reader.read())


_CONTROL = re.compile(
    r"\s*+\W{0,3}\s*+(?:if|else|elif|for|foreach|while|try|except|catch|finally|with|switch|case|when|unless)\b"
)
"""Opens a block that is no definition."""


@dataclass
class _Block:
    """A block that is open.

    Attributes:
        number: the unit that opens it.
        root: the unit that begins a chain such as if, elif, else.
        column: where its opener begins.
        bracket: its opening bracket; None where the block is deeper lines only.
    """

    number: int
    root: int
    column: int
    bracket: Bracket | None = None

    def ends_before(self, statement: Statement, *, has_closer: bool) -> bool:
        """Whether a statement is no longer in the block, or begins with what closes it."""
        if self.bracket is None or self.bracket.closed is None:
            return statement.column <= self.column
        return statement.first > self.bracket.closed or (has_closer and statement.first == self.bracket.closed)

    def holds_comment(self, statement: Statement) -> bool:
        """Whether a comment is in the block."""
        if self.bracket is None or self.bracket.closed is None:
            return statement.column > self.column
        return statement.first <= self.bracket.closed


@dataclass
class _Writer:
    """Adds statements.

    Attributes:
        part: where units are added.
        reader: the lines.
        blocks: blocks that are open, outermost first.
        left: the block that was left last at a column, for what goes on with it, such as "else".
        before: the last statement, as the block that deeper lines would be in.
        decorators: units that the next statement needs.
        comments: units that need the statement right below them.
        behind: one behind the last line of the comment or decorator before.
        filled: units whose block has a statement.
    """

    part: Part
    reader: CodeReader
    blocks: list[_Block] = field(default_factory=list)
    left: dict[int, _Block] = field(default_factory=dict)
    before: _Block | None = None
    decorators: list[int] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    behind: int = 0
    filled: set[int] = field(default_factory=set)

    def write(self, statements: Sequence[Statement]) -> None:
        """Add all statements."""
        for statement in statements:
            if statement.is_comment or statement.is_string:
                self._add_text(statement)
            else:
                self._add_statement(statement)
        for number in self.decorators:
            self.part.change(number, role="content")

    def _span(self, statement: Statement) -> tuple[int, int]:
        lines = self.reader.lines
        return lines[statement.first].start, lines[statement.last - 1].end

    def _add_statement(self, statement: Statement) -> None:
        start, end = self._span(statement)
        text = self.part.draft.text[start:end]
        closer = _CLOSER.match(text)
        ended = self._enter(statement, has_closer=closer is not None)
        closing = [block for block in ended if _closes(block, statement, text, closer)]
        middle = closer.end() if closer else 0
        rest = text[middle:].strip()
        if closer and (not rest or rest[0] in "#/" or _CONTINUER.match(rest)):
            self._add_closer(start, start + middle if rest and _CONTINUER.match(rest) else end, closing)
            closing = []
            if not (rest and _CONTINUER.match(rest)):
                return
            start += middle
        self._add_rest(statement, start, end, closing)

    def _enter(self, statement: Statement, *, has_closer: bool) -> list[_Block]:
        """Enter the block of deeper lines that a statement begins, leave those that have ended; return the latter."""
        before = self.before
        if before and statement.column > before.column and not self._is_open(before) and len(self.blocks) < MAX_BLOCKS:
            self.blocks.append(before)
        ended = []
        while self.blocks and self.blocks[-1].ends_before(statement, has_closer=has_closer):
            block = self.blocks.pop()
            self.left[block.column] = block
            ended.append(block)
        return ended

    def _is_open(self, block: _Block) -> bool:
        return bool(self.blocks) and self.blocks[-1].number == block.number

    def _needs(self) -> tuple[int, ...]:
        return (self.blocks[-1].number,) if self.blocks else ()

    def _add_closer(self, start: int, end: int, closing: Sequence[_Block]) -> None:
        """Add the line, or its beginning, that closes blocks; their openers need it."""
        number = self.part.add(start, end, "markup", role="support", needs=self._needs())
        self._close(number, closing)

    def _close(self, number: int, closing: Sequence[_Block]) -> None:
        for block in closing:
            for opener in {block.number, block.root if block.bracket is None else block.number}:
                self.part.change(opener, needs=(number,))

    def _add_rest(self, statement: Statement, start: int, end: int, closing: Sequence[_Block]) -> None:
        """Add a statement, or what stands behind a closing bracket in its first line."""
        text = self.part.draft.text[start:end]
        chain = self.left.get(statement.column) if _CONTINUER.match(text) else None
        needs = (
            *(block.number for block in closing),
            *((chain.number,) if chain else ()),
            *self.decorators,
            *self._needs(),
        )
        is_decorator = bool(_DECORATOR.match(text))
        number = self.part.add(start, end, "code_line", role="support" if is_decorator else "content", needs=needs)
        self._fill(number)
        self._close(number, closing)
        self._close_within(statement, number)
        self._attach(statement, number, is_decorator=is_decorator)
        if not chain:
            self.left.pop(statement.column, None)
        self.before = _Block(number, chain.root if chain else number, statement.column, statement.opens)
        if statement.opens and len(self.blocks) < MAX_BLOCKS:
            self.blocks.append(self.before)

    def _fill(self, number: int) -> None:
        """Let a condition or loop need the first statement in it: without one, it would hold what is behind it."""
        if not self.blocks:
            return
        opener = self.blocks[-1].number
        if opener not in self.filled and _CONTROL.match(self.part.text_of(opener)):
            self.part.change(opener, needs=(number,))
        self.filled.add(opener)

    def _close_within(self, statement: Statement, number: int) -> None:
        """Let openers need a statement in which, not at its beginning, their block is closed."""
        for block in reversed(self.blocks):
            if block.bracket is None or block.bracket.closed is None:
                continue
            if block.bracket.closed >= statement.last:
                return
            self.part.change(block.number, needs=(number,))

    def _attach(self, statement: Statement, number: int, *, is_decorator: bool) -> None:
        """Join decorators to the definition behind them, and comments to the statement right below.

        A comment without its statement would be read as one about the next statement that is kept.
        """
        adjacent = statement.first == self.behind
        if is_decorator:
            self.decorators = [number]
            self.comments = self.comments if adjacent else []
            self.behind = statement.last
            return
        if adjacent:
            for comment in self.comments:
                self.part.change(comment, needs=(number,))
        self.decorators, self.comments = [], []

    def _add_text(self, statement: Statement) -> None:
        """Add a comment or docstring: one unit if it is short, else sentences that need what is around them."""
        start, end = self._span(statement)
        needs = self._needs_of_text(statement)
        first = self.part.next
        if end - start <= _SHORT_COMMENT:
            self.part.add(start, end, "comment", needs=needs)
        elif statement.is_string or statement.first in self.reader.held:
            self._add_enclosed(start, end, needs, is_string=statement.is_string)
        else:
            add_wrapped(self.part, start, end, "comment", prefix=_COMMENT_SIGN, needs=needs)
        if statement.is_comment:
            self.comments = [*(self.comments if statement.first == self.behind else ()), *range(first, self.part.next)]
            self.behind = statement.last

    def _needs_of_text(self, statement: Statement) -> tuple[int, ...]:
        before = self.before
        if before and statement.column > before.column and not self._is_open(before):
            return (before.number,)
        inside = (block.number for block in reversed(self.blocks[-MAX_BLOCKS:]) if block.holds_comment(statement))
        return tuple(islice(inside, 1))

    def _add_enclosed(self, start: int, end: int, needs: tuple[int, ...], *, is_string: bool) -> None:
        """Add a text between signs, such as quotation marks, that stay with each of its sentences."""
        text = self.part.draft.text
        opening, closing = _OPENING.match(text[start:end]), _CLOSING.search(text[start:end])
        body, behind = start + (opening.end() if opening else 0), start + closing.start() if closing else end
        if not text[body:behind].strip():
            self.part.add(start, end, "comment", needs=needs)
            return
        first = self.part.next
        if opening:
            needs = (self.part.add(start, body, "markup", role="support", needs=needs), *needs)
        if is_string:
            add_blocks(self.part.inner(body, behind, needs=needs), is_whole=text[body - 1] == "\n")
        else:
            add_wrapped(self.part, body, behind, "comment", prefix=_COMMENT_SIGN, needs=needs)
        if closing:
            number = self.part.add(behind, end, "markup", role="support")
            for other in (first,) if opening else range(first, number):
                self.part.change(other, needs=(number,))


def _closes(block: _Block, statement: Statement, text: str, closer: re.Match[str] | None) -> bool:
    """Whether a statement begins with what closes a block that has ended before it."""
    if block.bracket and block.bracket.closed is not None:
        return block.bracket.closed == statement.first
    return bool(closer) and block.column == statement.column and text.lstrip()[0] not in "}])"
