"""XML: elements as fields and records. A field needs the tags of all elements that it is in."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.text.structure.formats.html_names import is_html
from lingua_shared.text.structure.formats.inline import inline_nodes
from lingua_shared.text.structure.formats.tags import Tag, find_tags
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.tree import MAX_LEVELS, Node, add_tree
from lingua_shared.text.structure.units import Kind

_IDENTITY_ATTRIBUTE = re.compile(r"""\s(?:[\w\-]*+:)?(?:[\w\-]{0,30}?(?i:name|id|title|key|code))\s*+=\s*+["']""")

SMALL_ELEMENT = 40
"""Characters up to which an element is one unit."""

LONG_TEXT = 400
"""Characters from which an element with running text is split into its sentences."""

_MIN_ELEMENTS = 3


class NotXmlError(ValueError):
    """The tags are not those of XML."""


@dataclass
class _Open:
    """An element that is open; the outermost has no tag and holds the whole text."""

    node: Node
    has_text: bool = False


@dataclass
class _Builder:
    text: str
    tags: Sequence[Tag]
    open: list[_Open]
    elements: int = 0
    unclosed: int = 0

    def read(self, start: int, end: int) -> Node:
        position = start
        for tag in self.tags:
            self._take_text(position, tag.start)
            self._take(tag)
            position = tag.end
        self._take_text(position, end)
        self.unclosed = len(self.open) - 1
        while len(self.open) > 1:
            self._close(None, end)
        mark_elements(self.text, self.open[0].node.children)
        return self.open[0].node

    def _take_text(self, start: int, end: int) -> None:
        text = self.text[start:end]
        if text.strip():
            is_cut_tag = text.lstrip()[0] == "<" or (text.rstrip()[-1] == ">" and not self.elements)
            self.open[-1].has_text = self.open[-1].has_text or not is_cut_tag
            start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
            self.open[-1].node.children.append(Node(start, end, "sentence"))

    def _take(self, tag: Tag) -> None:
        top = self.open[-1]
        if tag.kind == "open":
            self.elements += 1
            node = Node(tag.start, tag.end, name=tag.name, head=tag.end)
            self.open.append(_Open(node))
        elif tag.kind == "close":
            self._close(tag, tag.end)
        elif tag.kind == "declaration":
            top.node.children.append(Node(tag.start, tag.end, "markup" if len(self.open) == 1 else "comment"))
        elif tag.kind == "cdata":
            top.has_text = True
            top.node.children.append(Node(tag.start, tag.end, "sentence"))
        else:
            self.elements += tag.kind == "empty"
            kind: Kind = "field" if tag.kind == "empty" else "comment"
            top.node.children.append(Node(tag.start, tag.end, kind, name=tag.name))

    def _close(self, tag: Tag | None, end: int) -> None:
        top = self.open[-1]
        if tag is not None and len(self.open) == 1:
            self._close_unopened(tag)
            return
        node = top.node
        if tag is not None and tag.name != node.name:
            msg = f"</{tag.name}> in <{node.name}>"
            raise NotXmlError(msg)
        self.open.pop()
        node.tail, node.end = tag.start if tag else None, end
        if tag is None:
            node.end = max([node.head or 0, *(child.end for child in node.children)])
        self._finish(top)
        self.open[-1].node.children.append(node)

    def _close_unopened(self, tag: Tag) -> None:
        """What was read so far is in an element whose beginning is missing."""
        children = self.open[0].node.children
        if not children:
            msg = "a closing tag at the start"
            raise NotXmlError(msg)
        self.open[0].node.children = [Node(children[0].start, tag.end, tail=tag.start, children=children)]

    def _finish(self, element: _Open) -> None:
        """Make an element one unit where it is small or deep; split its text where that is long."""
        node, text = element.node, self.text
        start, end, length = node.head or node.start, node.tail or node.end, node.end - node.start
        mark_elements(text, node.children)
        if element.has_text:
            if length >= LONG_TEXT:
                self._split(element, start, end)
            else:
                node.children = []
        elif len(self.open) > MAX_LEVELS or (
            length <= SMALL_ELEMENT and not any(child.children for child in node.children)
        ):
            node.children = []

    def _split(self, element: _Open, start: int, end: int) -> None:
        node = element.node
        if all(child.kind == "sentence" for child in node.children) and len(node.children) == 1:
            opening = len("<![CDATA[") if self.text.startswith("<![CDATA[", node.children[0].start) else 0
            if opening:
                start, end = node.children[0].start + opening, node.children[0].end - len("]]>")
                node.head, node.tail = start, end
                node.children = inline_nodes(self.text, start, end, [])
                return
        texts = sum(child.end - child.start for child in node.children if child.kind == "sentence")
        if texts * 5 < end - start:
            return
        first = bisect_left(self.tags, start, key=lambda tag: tag.start)
        last = bisect_left(self.tags, end, key=lambda tag: tag.start)
        node.children = inline_nodes(self.text, start, end, self.tags[first:last])
        if len(node.children) < 2:
            node.children = []


def mark_elements(text: str, nodes: Sequence[Node]) -> None:
    """Mark elements as records where siblings have the same tag and no attribute names them."""
    counts = Counter(node.name for node in nodes if node.children)
    for node in nodes:
        head = text[node.start : node.head or node.start]
        node.is_record = bool(node.children) and counts[node.name] > 1 and not _IDENTITY_ATTRIBUTE.search(head)


def parse_xml(part: Part) -> bool:
    """Add the units of a text that is XML, whole or cut."""
    text = part.draft.text
    stripped = part.text.strip()
    if stripped.count("<") < _MIN_ELEMENTS:
        return False
    tags = list(find_tags(text, part.start, part.end))
    names = [tag.name for tag in tags if tag.name]
    if len(names) < _MIN_ELEMENTS or (is_html(names) and not stripped.startswith("<?xml")):
        return False
    builder = _Builder(text, tags, [_Open(Node(part.start, part.end))])
    root = builder.read(part.start, part.end)
    if (
        builder.elements < _MIN_ELEMENTS
        or builder.unclosed * 3 > builder.elements
        or _loose_text(root) * 4 > part.end - part.start
    ):
        return False
    add_tree(part, root.children[0] if len(root.children) == 1 else root)
    _add_needs_of_prolog(part, root)
    return True


def _add_needs_of_prolog(part: Part, root: Node) -> None:
    """What is around the outermost element is no XML without it, and it needs declarations of entities only."""
    outermost = [node.number for node in root.children if node.kind not in ("comment", "markup") and node.number >= 0]
    for node in root.children:
        if node.kind == "comment":
            part.change(node.number, needs=outermost[:1])
        elif node.kind == "markup":
            part.change(node.number, role="support")
            if "[" in part.draft.text[node.start : node.end]:
                for number in outermost:
                    part.change(number, needs=[node.number])


def _loose_text(root: Node) -> int:
    return sum(node.end - node.start for node in root.children if node.kind == "sentence")
