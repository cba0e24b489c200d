"""Reads JSON into a tree with the places of its parts, also JSON that is cut at either end, and its dialects.

Comments, single quotes, keys without quotes and trailing commas are read as well: settings of editors, literals of
Python and JavaScript, arrays of TOML and flow collections of YAML have them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

import regex as re

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.formats.embedded import holds_code
from lingua_shared.text.structure.tree import MAX_LEVELS, Node, mark_records

_TOKEN = re.compile(
    r"""\s*+(?:(?P<mark>[{}\[\],:])|(?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')|(?P<word>[\w.+$\-]++)"""
    r"""|(?P<comment>//[^\n]*+|\#[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)|(?P<cut>["'][^\n]*+\Z))"""
)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")
_NUMBER = re.compile(r"[+\-]?\d")
_CLOSING = {"{": "}", "[": "]"}

SMALL_OBJECT = 40
"""Characters up to which an object is one unit."""

SMALL_ARRAY = 80
"""Characters up to which an array of single values is one unit."""

_FEWEST_PARALLEL = 3  # values of an array

LONG_STRING = 400
"""Characters from which a string is split into sentences."""


class NotJsonError(ValueError):
    """The text is no JSON, or not all of it."""


@dataclass(slots=True)
class _Frame:
    """An object or array that is open; `bracket` is empty for what holds the whole text."""

    node: Node
    bracket: str = ""
    key: int | None = None
    name: str = ""
    pending: tuple[int, int] | None = None
    done: bool = False
    numeric: bool = True
    values: int = 0


@dataclass
class JsonScanner:
    """Reads characters start to end of a text.

    Attributes:
        text: the whole text.
        start: first character to read.
        end: one behind the last character to read.
        may_be_cut: whether brackets and strings may be missing at both ends.
        only_one: whether to stop behind the first value.
        members: how many keys were found.
        position: how far it has read.
    """

    text: str
    start: int
    end: int
    may_be_cut: bool = False
    only_one: bool = False
    members: int = 0
    is_literal: bool = True
    position: int = 0
    _frames: list[_Frame] = field(default_factory=list)

    def read(self, cut_string: int | None = None) -> Node:
        """Return a node of the values that were read; its children are those values and the commas between them.

        Args:
            cut_string: end of a string whose beginning is missing, at the start.

        Raises:
            NotJsonError: what was read is no JSON.
        """
        self._frames = [_Frame(Node(self.start, self.end))]
        if cut_string is not None:
            self._frames[-1].pending = (self.start, cut_string)
        for kind, start, end in self._tokens(cut_string or self.start):
            self.position = end
            self._take(kind, start, end)
            if self.only_one and len(self._frames) == 1 and self._frames[0].done:
                break
        while len(self._frames) > 1:
            if not self.may_be_cut:
                self._fail()
            self._close(None, self._last_end())
        root = self._frames[0]
        self._flush(root, is_last=True)
        mark_records(root.node.children)
        return root.node

    def _tokens(self, position: int) -> Iterator[tuple[str, int, int]]:
        while position < self.end:
            match = _TOKEN.match(self.text, position, self.end)
            if match is None:
                if self.text[position : self.end].isspace():
                    return
                self._fail()
            kind = str(match.lastgroup)
            if kind == "cut" and not self.may_be_cut:
                self._fail()
            start, end = match.span(kind)
            yield kind, start, end
            position = end

    def _take(self, kind: str, start: int, end: int) -> None:
        frame, mark = self._frames[-1], self.text[start]
        if kind == "comment":
            self._flush(frame)
            frame.node.children.append(Node(start, end, "comment"))
        elif kind != "mark":
            self._take_scalar(frame, kind, start, end)
        elif mark in "{[":
            self._open(frame, start, end)
        elif mark in "}]":
            self._close(start, end)
        elif mark == ",":
            self._flush(frame)
            if not frame.done and not (self.may_be_cut and len(self._frames) == 1):
                self._fail()
            frame.node.children.append(Node(start, end, "markup", is_separator=True))
            frame.done = False
        else:
            self._take_colon(frame, start)

    def _take_scalar(self, frame: _Frame, kind: str, start: int, end: int) -> None:
        if frame.done or frame.pending:
            self._fail()
        is_number = bool(_NUMBER.match(self.text, start))
        frame.numeric = frame.numeric and is_number
        if (
            kind == "word"
            and not is_number
            and self.text[start:end] not in {"true", "false", "null", "None", "True", "False"}
        ):
            self.is_literal = False
        frame.pending = (start, end)
        if frame.key is not None:
            self._flush(frame)

    def _take_colon(self, frame: _Frame, position: int) -> None:
        if position == self.start and self.may_be_cut:  # its key is missing
            frame.key = position
            return
        if frame.pending is None or frame.key is not None or frame.bracket == "[":
            self._fail()
        start, end = frame.pending
        frame.key, frame.name, frame.pending = start, self.text[start:end].strip("\"'"), None
        self.members += 1

    def _flush(self, frame: _Frame, *, is_last: bool = False) -> None:
        """Add the value that was read last to its object or array."""
        if frame.pending is None:
            if frame.key is not None:
                if not (is_last and self.may_be_cut):
                    self._fail()
                self._append(frame, Node(frame.key, self._last_end(), name=frame.name))
            return
        start, end = frame.pending
        if frame.bracket == "{" and frame.key is None and not (is_last and self.may_be_cut):
            self._fail()
        node = Node(start if frame.key is None else frame.key, end, name=frame.name)
        if end - start >= LONG_STRING and self.text[start] == self.text[end - 1] == '"':
            split_string(self.text, node, start)
        self._append(frame, node)

    def _append(self, frame: _Frame, node: Node) -> None:
        frame.node.children.append(node)
        frame.values += 1
        frame.key, frame.name, frame.pending, frame.done = None, "", None, True

    def _open(self, frame: _Frame, start: int, end: int) -> None:
        if frame.pending or (frame.bracket == "{" and frame.key is None) or (frame.done and frame.bracket):
            self._fail()
        node = Node(start if frame.key is None else frame.key, end, name=frame.name, head=end)
        self._frames.append(_Frame(node, self.text[start]))

    def _close(self, tail: int | None, end: int) -> None:
        frame = self._frames[-1]
        self._flush(frame, is_last=tail is None)
        if not frame.bracket:
            self._close_unopened(frame, tail, end)
            return
        if tail is not None and self.text[tail] != _CLOSING[frame.bracket]:
            self._fail()
        self._frames.pop()
        node = frame.node
        node.tail, node.end = tail, end
        if frame.bracket == "[":
            node.values = 0 if any(child.children for child in node.children) else frame.values
            mark_records(node.children)
        else:
            _keep_whole(parallel_arrays(node))
        parent = self._frames[-1]
        if self._is_one_unit(frame, parent):
            node.children, node.kind = [], "field" if node.name or frame.bracket == "[" else "record"
        parent.numeric = parent.numeric and frame.numeric and frame.bracket == "["
        self._append(parent, node)

    def _close_unopened(self, frame: _Frame, tail: int | None, end: int) -> None:
        """What was read so far is in an object or array whose beginning is missing."""
        if not self.may_be_cut or not frame.node.children:
            self._fail()
        children = frame.node.children
        inner = Node(children[0].start, end, tail=tail, children=children)
        frame.node.children = []
        self._append(frame, inner)

    def _is_one_unit(self, frame: _Frame, parent: _Frame) -> bool:
        node, size = frame.node, frame.node.end - frame.node.start
        if not frame.values or len(self._frames) > MAX_LEVELS or (frame.numeric and frame.bracket == "["):
            return True
        if any(child.children or child.kind == "comment" for child in node.children):
            return False
        if frame.bracket == "{":
            return size <= SMALL_OBJECT
        return size <= SMALL_ARRAY or parent.bracket == "["

    def _last_end(self) -> int:
        return self.start + len(self.text[self.start : self.end].rstrip())

    def _fail(self) -> NoReturn:
        msg = f"no JSON at character {self.position}"
        raise NotJsonError(msg)


def parallel_arrays(node: Node) -> list[Node]:
    """Return arrays in an object that have as many single values as another one, so that places mean something."""
    arrays = [child for child in node.children if child.values >= _FEWEST_PARALLEL]
    lengths = Counter(array.values for array in arrays)
    return [array for array in arrays if lengths[array.values] > 1]


def _keep_whole(nodes: list[Node]) -> None:
    """Make each node one unit: with values missing, the others would stand beside the wrong ones."""
    for node in nodes:
        node.children, node.kind = [], "field"


def split_string(text: str, node: Node, start: int) -> None:
    """Make the sentences of a long string the children of its node, where it has several.

    Args:
        text: the whole text.
        node: the field.
        start: where the string begins, at its quotation mark.
    """
    inside = text[start + 1 : node.end - 1]
    if holds_code(re.sub(r"\\[nrt]", "\n", inside)):
        return
    escapes = [match.span() for match in _ESCAPE.finditer(inside)]
    within = {place for first, last in escapes for place in range(first + 1, last)}
    readable = re.sub(r"\\[nrt]", " \n", inside)
    borders = [border for border in sentence_borders(readable) if border not in within]
    spans = [(start + 1 + a, start + 1 + b) for a, b in pairwise(borders)]
    spans = [(a, b) for a, b in spans if text[a:b].strip()]
    if len(spans) > 1:
        node.head, node.tail = start + 1, node.end - 1
        node.children = [Node(a, b, "sentence") for a, b in spans]
