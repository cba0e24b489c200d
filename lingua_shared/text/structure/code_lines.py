"""Reads source code as statements: lines that belong together by brackets, strings or continuation.

Nothing is compiled. Code that is cut at its beginning or its end is read as far as it is there.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex as re

from lingua_shared.text.structure.code_syntax import PYTHON, Syntax, end_of_cut_token
from lingua_shared.text.structure.part import Line
from lingua_shared.text.structure.wrapped import column

MAX_JOINED = 12
"""Lines of a statement that is one unit; a longer one has its first line as the opener of the others."""

_MAX_SMALL_BLOCK = 3  # lines of a block in braces that is one unit with its opener
_PAIRS = {")": "(", "]": "[", "}": "{"}
_GOES_ON = re.compile(r"(?:.*(?:[^+\s][+\-*/%]|&&|\|\||[^=<>!]=|\?|[^:]:[^:]?|<<|\|)|.*\w\.)[ \t]*$")
_CONTINUES = re.compile(r"[ \t]+(?:\?\.|\.(?=[\w])|&&|\|\||[+*/?|](?!\+)|<<|\|>|=[^=>]|->)")
_BRACE_ALONE = re.compile(r"[ \t]*\{[ \t]*$")
_KEYWORD_ALONE = re.compile(r"[ \t]*(?:then|do)[ \t]*$")
_TEMPLATE = re.compile(r"[ \t]*template[ ]?<[^\n]*>[ \t]*$")


@dataclass
class Bracket:
    """A bracket, the line it opens in, and the line it closes in; None without a closing one."""

    sign: str
    opened: int
    closed: int | None = None


@dataclass(frozen=True)
class Statement:
    """Lines first to last - 1, with what is known of them.

    Attributes:
        first: number of the first line.
        last: one behind the last line.
        column: where it begins.
        is_comment: whether it is nothing but a comment.
        is_string: whether it is nothing but a string, as a docstring is.
        opens: the innermost bracket that is open at its end, if the statement opened it.
    """

    first: int
    last: int
    column: int
    is_comment: bool = False
    is_string: bool = False
    opens: Bracket | None = None


@dataclass
class CodeReader:
    """Reads the lines of a code.

    Attributes:
        text: the code.
        lines: its lines.
        syntax: how it is written.
        tops: the innermost bracket that is open at the end of each line.
        held: for each line that ends within a string or comment, the line where that ends.
        alone: what each line begins with, "comment" or "string", where the line or lines have nothing else.
    """

    text: str
    lines: Sequence[Line]
    syntax: Syntax
    tops: list[Bracket | None] = field(default_factory=list)
    held: dict[int, int] = field(default_factory=dict)
    alone: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find brackets, strings and comments."""
        self._offset = self.lines[0].start
        self._starts = [line.start - self._offset for line in self.lines]
        stack: list[Bracket] = []
        self.tops = [None] * len(self.lines)
        done = 0
        begin = end_of_cut_token(self.text, self.syntax)
        if begin:
            self._cut(begin)
        for match in self.syntax.token.finditer(self.text, begin):
            line = self._line_at(match.start())
            for number in range(done, line):
                self.tops[number] = stack[-1] if stack else None
            done = max(done, line)
            if match["bracket"]:
                _turn(stack, match["bracket"], line)
            else:
                self._hold(match.start(), match.end(), "comment" if match["comment"] else "string")
        for number in range(done, len(self.lines)):
            self.tops[number] = stack[-1] if stack else None

    def _line_at(self, character: int) -> int:
        return bisect_right(self._starts, character) - 1

    def _hold(self, start: int, end: int, kind: str) -> None:
        """Note that lines are held together by a string or comment, and whether they have nothing else."""
        first, last = self._line_at(start), self._line_at(max(start, end - 1))
        if kind == "string" or self.text[start] in "/{":
            for number in range(first, last):
                self.held[number] = last
        before = self.text[self._starts[first] : start].strip()
        line_end = self._starts[last + 1] if last + 1 < len(self.lines) else len(self.text)
        if before in ("", "r", "f", "u", "b") and not self.text[end:line_end].strip(" \t\r\n;"):
            self.alone[first] = kind

    def _cut(self, end: int) -> None:
        """Hold the lines together of a string or comment that begins before the text."""
        last = self._line_at(end - 1)
        for number in range(last):
            self.held[number] = last
        self.alone[0] = "comment"

    def read(self) -> list[Statement]:
        """Return the statements in order; blank lines between them are in none."""
        found, at = [], 0
        while at < len(self.lines):
            if self.lines[at].is_blank:
                at += 1
                continue
            found.append(self._statement(at))
            at = found[-1].last
        return found

    def _statement(self, at: int) -> Statement:
        kind = self.alone.get(at)
        if kind == "comment" or (kind == "string" and self.syntax is PYTHON):
            last = self.held.get(at, at) + 1
            while kind == "comment" and last < len(self.lines) and self._goes_on_as_comment(at, last):
                last += 1
            return Statement(at, last, column(self.lines[at]), kind == "comment", kind == "string")
        last = self._end(at)
        top = self.tops[last]
        opens = top if top and at <= top.opened <= last else None
        return Statement(at, last + 1, column(self.lines[at]), opens=opens)

    def _goes_on_as_comment(self, at: int, number: int) -> bool:
        """Whether a line is another comment line like the ones before; a comment over lines stands for itself."""
        line = self.lines[number]
        single = number not in self.held and number - 1 not in self.held and at not in self.held
        return single and self.alone.get(number) == "comment" and line.indent == self.lines[at].indent

    def _end(self, at: int) -> int:
        """Return the last line of the statement that begins at a line."""
        last = at
        while last + 1 < len(self.lines) and last - at < MAX_JOINED:
            following = self._joined(at, last)
            if following <= last:
                break
            last = following
        return last

    def _joined(self, at: int, last: int) -> int:
        """Return a line up to which a statement goes on behind line `last`; `last` if it ends there."""
        top = self.tops[last]
        if last in self.held:
            return self.held[last] if self.held[last] - at < 4 * MAX_JOINED else last
        if top and top.opened >= at:
            return top.closed if top.closed is not None and self._is_small(top, at) else last
        text, following = self.lines[last].text.rstrip(), self.lines[last + 1].text
        if not following.strip() or self.alone.get(last + 1) == "comment":
            return last
        if text.endswith("\\") or _KEYWORD_ALONE.match(following):
            return last + 1
        if self.syntax.has_braces and self._goes_on(text, following, at, last):
            return last + 1
        if self.syntax.ends_with_semicolon and not (text.endswith(";") or ";" in text.split("--")[0][-2:]):
            return last + 1
        return last

    def _is_small(self, top: Bracket, at: int) -> bool:
        lines = (top.closed or 0) - at
        if top.sign == "{" and self.syntax.has_braces:
            return lines < _MAX_SMALL_BLOCK
        return lines < MAX_JOINED

    def _goes_on(self, text: str, following: str, at: int, last: int) -> bool:
        if _TEMPLATE.match(text) or (_BRACE_ALONE.match(following) and not text.endswith((";", "{", "}"))):
            return True
        deeper = column(self.lines[last + 1]) > column(self.lines[at])
        ends = text.endswith((";", "{", "}", ",", "=>"))
        return deeper and not ends and bool(_CONTINUES.match(following) or _GOES_ON.match(text))


def _turn(stack: list[Bracket], sign: str, line: int) -> None:
    """Open a bracket, or close the innermost one of its kind; a closing one alone counts for nothing."""
    opening = _PAIRS.get(sign)
    if opening is None:
        stack.append(Bracket(sign, line))
        return
    for back in range(1, min(len(stack), 3) + 1):
        if stack[-back].sign == opening:
            for _ in range(back):
                stack.pop().closed = line
            return
