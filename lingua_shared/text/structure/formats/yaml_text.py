"""YAML: documents of mappings and lists, by their indentation. A field needs the keys above it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import regex as re

from lingua_shared.text.structure.formats.embedded import holds_markup
from lingua_shared.text.structure.formats.yaml_lines import Entry, read_entries
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.tree import MAX_LEVELS, Node, add_tree
from lingua_shared.text.structure.wrapped import wrapped_sentences

_IDENTIFIER = re.compile(r"(?!\d+$)[\w.$/@+~*<{}\-]++")
_LOWER_KEY = re.compile(r"[\p{Ll}_$][\w.\-]*+")
_CONDITIONS = frozenset(("when", "if", "unless", "only", "except", "only_if", "not_if", "condition"))
_ANCHOR = re.compile(r"(?<=[\s\-:\[{,])&([\w\-.]++)")
_ALIAS = re.compile(r"(?<=[\s\-:\[{,])\*([\w\-.]++)")
_ENDS_SENTENCE = re.compile(r"[.!?:;\u3002\uff01\uff1f]['\")\]]?\s*$")

LONG_BLOCK = 300
"""Characters from which a block scalar is split into its lines, or its sentences where they end at line ends."""


@dataclass
class _Level:
    """A node that is open: `column` is that of its key or dash."""

    node: Node
    column: int = -1
    is_item: bool = False
    keys: set[str] = field(default_factory=set)


@dataclass
class _Counts:
    entries: int = 0
    keys: int = 0
    identifiers: int = 0
    lower: int = 0
    repeated: int = 0
    loose: int = 0
    nested: int = 0
    bare_items: int = 0


class _Builder:
    """Puts entries into a tree, by their columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.documents: list[Node] = []
        self.counts = _Counts()
        self._levels: list[_Level] = []
        self._comments: list[Node] = []

    def build(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.kind == "comment":
                self._comments.append(Node(entry.start, entry.end, "comment"))
            elif entry.kind == "document":
                self._start_document(entry)
            elif entry.kind == "end":
                self._end_document(entry)
            else:
                self._add(entry)
        self._attach_comments(self._levels[0].node if self._levels else None)

    def _start_document(self, entry: Entry) -> None:
        last = self.documents[-1] if self.documents else None
        if last and last.head is not None and not last.children and not self._comments and self._levels:
            last.head = last.end = entry.end
            return
        self._attach_comments(self._levels[0].node if self._levels else None)
        self._open_document(Node(entry.start, entry.end, "markup", head=entry.end))

    def _open_document(self, node: Node) -> None:
        self.documents.append(node)
        self._levels = [_Level(node)]

    def _end_document(self, entry: Entry) -> None:
        if not self._levels:
            self._open_document(Node(entry.start, entry.end, "markup"))
            return
        self._attach_comments(self._levels[0].node)
        node = self._levels[0].node
        node.tail, node.end = entry.start, entry.end
        self._levels = []

    def _attach_comments(self, parent: Node | None) -> None:
        if self._comments and parent is None:
            self._open_document(Node(self._comments[0].start, self._comments[-1].end))
            parent = self._levels[0].node
        if parent is not None:
            parent.children += self._comments
        self._comments = []

    def _add(self, entry: Entry) -> None:
        counts = self.counts
        counts.entries += 1
        if not self._levels:
            self._open_document(Node(entry.start, entry.end))
        for dash in entry.dashes:
            level = self._level_for(dash, is_dash=True)
            self._attach_comments(level.node)
            item = Node(entry.start, entry.end, "record", needs_first=True)
            self._append(level, _Level(item, dash, is_item=True))
        level = self._level_for(entry.column, is_dash=False)
        self._attach_comments(level.node)
        if entry.key is None:
            self._add_without_key(entry, level)
            return
        self._count_key(entry.key, level)
        node = Node(entry.start, entry.end, name=entry.key, is_condition=entry.key in _CONDITIONS)
        if entry.has_value:
            level.node.children.append(node)
            if entry.is_block:
                self._split_block(node, entry.head)
            return
        node.head = entry.end
        self._append(level, _Level(node, entry.column))

    def _add_without_key(self, entry: Entry, level: _Level) -> None:
        if not entry.has_value and entry.dashes:
            level.node.head, level.node.needs_first = entry.end, False
            return
        if not entry.dashes:
            self._add_loose(entry, level.node)
            return
        if not any(parent.node.name for parent in self._levels):
            self.counts.bare_items += 1
        node = Node(entry.start, entry.end)
        level.node.children.append(node)
        if entry.is_block:
            self._split_block(node, entry.head)

    def _add_loose(self, entry: Entry, parent: Node) -> None:
        """Add a line without key or dash: text that goes on, or what is no YAML."""
        last = parent.children[-1] if parent.children else None
        if last is not None and last.kind == "sentence":
            last.end = entry.end
            self.counts.loose += 1
            return
        self.counts.loose += last is not None or not parent.name
        parent.children.append(Node(entry.start, entry.end, "sentence"))

    def _append(self, level: _Level, new: _Level) -> None:
        level.node.children.append(new.node)
        self._levels.append(new)

    def _level_for(self, column: int, *, is_dash: bool) -> _Level:
        while len(self._levels) > 1:
            top = self._levels[-1]
            if column > top.column or (column == top.column and is_dash and not top.is_item):
                break
            self._levels.pop()
        return self._levels[-1]

    def _count_key(self, key: str, level: _Level) -> None:
        counts = self.counts
        counts.keys += 1
        counts.identifiers += bool(_IDENTIFIER.fullmatch(key))
        counts.lower += bool(_LOWER_KEY.fullmatch(key))
        counts.repeated += key in level.keys
        counts.nested += len(self._levels) > 1
        level.keys.add(key)

    def _split_block(self, node: Node, head: int) -> None:
        if node.end - head < LONG_BLOCK or holds_markup(self.text[head : node.end]):
            return
        node.head = head
        node.children = list(_block_nodes(self.text, head, node.end))


def _block_nodes(text: str, start: int, end: int) -> Iterator[Node]:
    """Yield the lines of a block scalar; where its lines are wrapped text, those of a sentence together.

    A line that is indented more than the first one is one with the lines before it.
    """
    lines = [
        (match.start(), match.end()) for match in re.finditer(r"[^\n]++", text[start:end]) if match.group().strip()
    ]
    lines = [(start + a, start + b) for a, b in lines]
    base = min(_indent(text, a) for a, _ in lines)
    if all(_indent(text, a) == base for a, _ in lines):
        spans = wrapped_sentences(text, lines[0][0], lines[-1][1])
        if 2 * len(spans) <= len(lines):
            yield from (Node(a, b, "sentence") for a, b in spans)
            return
    is_wrapped = sum(bool(_ENDS_SENTENCE.search(text[a:b])) for a, b in lines) * 5 > len(lines)
    first, last = lines[0]
    for a, b in lines[1:]:
        goes_on = is_wrapped and not _ENDS_SENTENCE.search(text[first:last][-5:]) and text.count("\n", last, a) < 2
        if _indent(text, a) > base or goes_on or _indent(text, first) > base:
            last = b
        else:
            yield Node(first, last, "sentence")
            first, last = a, b
    yield Node(first, last, "sentence")


def _indent(text: str, start: int) -> int:
    position = start
    while text[position] == " ":
        position += 1
    return position - start


def parse_yaml(part: Part) -> bool:
    """Add the units of a text that is YAML, whole or cut at line ends."""
    text = part.text
    if ":" not in text:
        return False
    builder = _Builder(part.draft.text)
    builder.build(read_entries(part.draft.text, part.lines()))
    if not _is_yaml(builder):
        return False
    documents = [_finished(document, 0) for document in builder.documents]
    for document in documents:
        document.is_record = len(documents) > 1 and bool(document.children)
        add_tree(part, document)
    _add_needs_of_aliases(part, documents)
    return True


def _is_yaml(builder: _Builder) -> bool:
    counts = builder.counts
    if counts.keys < 2 or counts.loose > 1 + counts.entries // 12 or counts.repeated > counts.keys // 20:
        return False
    if counts.identifiers < 0.8 * counts.keys or counts.bare_items * 5 > 4 * counts.entries:
        return False
    is_nested = counts.nested and counts.lower >= 0.5 * counts.keys
    return bool(is_nested) or counts.lower == counts.keys or (counts.nested > 1 and len(builder.documents) > 1)


def _finished(node: Node, depth: int) -> Node:
    """Return a node with its end; an item of one field is that field, and what is too deep is one unit."""
    if not node.children:
        if not node.name and node.kind == "record":
            node.kind = "field"
        return node
    node.children = [_finished(child, depth + 1) for child in node.children] if depth < MAX_LEVELS else []
    if node.tail is None:
        node.end = max([node.end, *(child.end for child in node.children)])
    if node.needs_first and len(node.children) == 1 and not node.children[0].children:
        return node.children[0]
    items = [child for child in node.children if child.children and (child.needs_first or not child.name)]
    for item in items:
        item.is_record = len(items) > 1
    return node


def _add_needs_of_aliases(part: Part, documents: Iterable[Node]) -> None:
    text = part.draft.text
    if not _ALIAS.search(text, part.start, part.end):
        return
    anchors: dict[str, Node] = {}
    open_nodes = list(documents)[::-1]
    while open_nodes:
        node = open_nodes.pop()
        end = node.head if node.children else node.end
        if node.number >= 0 and end is not None:
            for alias in _ALIAS.finditer(text, node.start, end):
                if alias.group(1) in anchors:
                    part.change(node.number, needs=[_first_number(anchors[alias.group(1)])])
            anchors.update((anchor.group(1), node) for anchor in _ANCHOR.finditer(text, node.start, end))
        open_nodes += node.children[::-1]


def _first_number(node: Node) -> int:
    while node.children:
        node = node.children[0]
    return node.number
