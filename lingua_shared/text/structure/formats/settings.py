"""Files of settings: TOML, INI, .properties, .env and their like. A setting needs the header of its section."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import regex as re

from lingua_shared.text.structure.formats.comments import comment_nodes
from lingua_shared.text.structure.formats.json_scanner import JsonScanner, NotJsonError
from lingua_shared.text.structure.formats.yaml_lines import flow_end
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.tree import Node, add_tree

_SECTION = re.compile(r"[ \t]*+(\[\[?)\s*+([^\[\]\n]{1,200}+)\]\]?[ \t]*+(?:[#;][^\n]*+)?\s*+$")
_KEY = re.compile(
    r"""[ \t]*+(?:export[ \t]++|set[ \t]++)?"""
    r"""((?:[\w.$/@*+~%&<>\-]++|"[^"\n]{0,80}+"|'[^'\n]{0,80}+')"""
    r"""(?:[ \t]++[\w.$/()"\-]++){0,5}+(?:\[[^\]\n]{0,80}+\])?+)[ \t]*+([=:])[ \t]*+"""
)
_BARE = re.compile(r"[ \t]*+[\w.@/:*\-]++[ \t]*+\s*+$")
_QUOTES = ('"""', "'''")

LONG_LIST = 200
"""Characters from which a value in several lines is split into its lines."""


@dataclass
class _Section:
    node: Node
    path: tuple[str, ...] = ()
    is_array: bool = False


@dataclass
class _Reader:
    """Reads lines one after another into sections."""

    part: Part
    lines: Sequence[Line]
    roots: list[Node] = field(default_factory=list)
    open: list[_Section] = field(default_factory=list)
    comments: list[Line] = field(default_factory=list)
    headers: list[tuple[str, Node]] = field(default_factory=list)
    keys: int = 0
    equals: int = 0
    identifiers: int = 0
    loose: int = 0
    at: int = 0
    may_span: bool = True

    def read(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.is_blank:
                self._take_comments(self._here())
                self.at += 1
            elif line.text.lstrip()[0] in "#;":
                self.comments.append(line)
                self.at += 1
            elif section := _SECTION.match(line.text):
                self._open_section(line, section.group(2), is_array=section.group(1) == "[[")
            elif key := _KEY.match(line.text):
                self._take_comments(self._here())
                self._take_key(line, key.group(1), key.group(2), line.start + key.end())
            else:
                self._take_comments(self._here())
                self._take_loose(line)
        self._take_comments(self._here())

    def _here(self) -> list[Node]:
        return self.open[-1].node.children if self.open else self.roots

    def _take_comments(self, children: list[Node]) -> None:
        children += comment_nodes(self.comments)
        self.comments = []

    def _open_section(self, line: Line, name: str, *, is_array: bool) -> None:
        path = tuple(name.split("."))
        while self.open and not (
            self.open[-1].is_array and self.open[-1].path == path[: len(self.open[-1].path)] != path
        ):
            self.open.pop()
        self._take_comments(self._here())
        end = line.start + len(line.text.rstrip())
        node = Node(line.start, end, "key", name=name.strip(), head=end)
        self._here().append(node)
        self.open.append(_Section(node, path, is_array))
        self.headers.append((f"{is_array}{name}", node))
        self.at += 1

    def _take_key(self, line: Line, key: str, sign: str, value: int) -> None:
        self.keys += 1
        self.equals += sign == "="
        self.identifiers += " " not in key.strip()
        first, self.at = self.at, self._behind_value(line, value)
        last = self.lines[self.at - 1]
        node = Node(line.start, last.start + len(last.text.rstrip()), name=key.strip("\"' \t"))
        self._split(node, first, value)
        self._here().append(node)

    def _behind_value(self, line: Line, value: int) -> int:
        """Return the number of the line behind a value."""
        text, at = self.part.draft.text, self.at + 1
        if self.may_span and text[value : value + 3] in _QUOTES:
            return self._behind(text.find(text[value : value + 3], value + 3, self.part.end))
        if self.may_span and text[value : value + 1] in ("[", "{"):
            end = flow_end(text, value, self.part.end)
            return self._behind(-1 if end is None else end - 1)
        while at < len(self.lines):
            goes_on = self.lines[at - 1].text.rstrip("\r\n").endswith("\\")
            if not goes_on and (self.lines[at].is_blank or self.lines[at].indent <= line.indent):
                break
            at += 1
        return at

    def _behind(self, last: int) -> int:
        """Return the number of the line behind the one with a character; what does not end is one line."""
        self.may_span = last >= 0
        at = self.at + 1
        while at < len(self.lines) and self.lines[at].start <= last:
            at += 1
        return at

    def _split(self, node: Node, first: int, value: int) -> None:
        """Make the elements of a long list the children of its setting."""
        if self.at - first < 3 or node.end - node.start < LONG_LIST:
            return
        if self.part.draft.text[value] == "[":
            self._split_array(node, value)
        elif not self.part.draft.text.startswith(_QUOTES, value):
            lines = [line for line in self.lines[first + 1 : self.at] if not line.is_blank]
            if all(not line.text.rstrip("\r\n").endswith("\\") for line in self.lines[first : self.at]):
                node.head = self.lines[first].start + len(self.lines[first].text.rstrip())
                node.children = [Node(line.start, line.start + len(line.text.rstrip())) for line in lines]

    def _split_array(self, node: Node, value: int) -> None:
        scanner = JsonScanner(self.part.draft.text, value, node.end, only_one=True)
        try:
            array = scanner.read().children[0]
        except NotJsonError:
            return
        node.head, node.tail, node.children = array.head, array.tail, array.children

    def _take_loose(self, line: Line) -> None:
        self.at += 1
        self.loose += not (self.open and _BARE.match(line.text))
        self._here().append(Node(line.start, line.start + len(line.text.rstrip())))


def parse_settings(part: Part) -> bool:
    """Add the units of a text of `key = value` lines, with or without sections."""
    text = part.text
    if "=" not in text and "\n[" not in f"\n{text.lstrip()}":
        return False
    reader = _Reader(part, part.lines())
    reader.read()
    if not _are_settings(reader):
        return False
    _finish(reader)
    add_tree(part, Node(part.start, part.end, children=reader.roots))
    return True


def _are_settings(reader: _Reader) -> bool:
    if not reader.keys and not reader.loose:
        headers = [node for _, node in reader.headers]
        fields = [child for node in headers for child in node.children if child.kind == "field"]
        return len(fields) + sum(node.kind == "field" for node in reader.roots) > 1
    if reader.keys < 2 or reader.loose > 1 + reader.keys // 20:
        return False
    if reader.headers:
        return reader.equals > 0 or reader.identifiers == reader.keys
    if reader.loose or reader.equals < reader.keys or reader.identifiers < reader.keys:
        return False
    lines = [line.text.rstrip() for line in reader.lines if not line.is_blank]
    return sum(line.endswith((";", "{", "(", ")")) for line in lines) * 4 < len(lines)


def _finish(reader: _Reader) -> None:
    names = Counter(name for name, _ in reader.headers)
    for name, node in reversed(reader.headers):
        node.is_record = names[name] > 1
        node.end = max([node.end, *(child.end for child in node.children)])
