"""Running text with tags in it, such as links: its sentences, with no element cut in two."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex as re

from lingua_shared.text.intervals import Spans
from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.formats.html_names import VOID
from lingua_shared.text.structure.formats.tags import Tag
from lingua_shared.text.structure.tree import Node

LONG_ELEMENT = 400
"""Characters from which an element within running text is split into its sentences."""

_MAY_END_SENTENCE = re.compile(
    r"[\p{Sentence_Terminal};:\u2026\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|<[bh]r\b", re.IGNORECASE
)
_INVISIBLE = "\u2060"
_BREAKS = frozenset(("br", "hr"))


@dataclass(frozen=True, slots=True)
class _Element:
    opening: Tag
    closing: Tag


def inline_nodes(text: str, start: int, end: int, tags: Sequence[Tag], levels: int = 6) -> list[Node]:
    """Return the sentences of running text as nodes.

    A tag whose other half is elsewhere is a node of kind "markup". A long element of several sentences is a node with
    its tags as head and tail.

    Args:
        text: the whole text.
        start: first character of the running text.
        end: one behind its last character.
        tags: those in it, in order.
        levels: how many elements within elements are split.
    """
    elements, loose = _elements(tags)
    run = _Run(text, tags, elements, levels)
    nodes: list[Node] = []
    position = start
    for tag in loose:
        nodes += run.sentences(position, tag.start)
        nodes.append(Node(tag.start, tag.end, "markup"))
        position = tag.end
    return nodes + run.sentences(position, end)


def _elements(tags: Sequence[Tag]) -> tuple[list[_Element], list[Tag]]:
    """Return the outermost elements, and the tags without their other half."""
    pairs, loose = _pairs(tags)
    places = [tag.start for tag in loose]
    elements: list[_Element] = []
    for opening, closing in pairs:
        if elements and opening.start < elements[-1].closing.end:
            continue
        if bisect_left(places, opening.start) == bisect_left(places, closing.start):
            elements.append(_Element(opening, closing))
        else:
            loose += [opening, closing]
    return elements, sorted(loose, key=lambda tag: tag.start)


def _pairs(tags: Sequence[Tag]) -> tuple[list[tuple[Tag, Tag]], list[Tag]]:
    """Return opening tags with their closing ones, by place, and those without."""
    open_tags: list[Tag] = []
    pairs: list[tuple[Tag, Tag]] = []
    loose: list[Tag] = []
    counts: Counter[str] = Counter()
    for tag in tags:
        name = tag.name.lower()
        if tag.kind == "open" and name not in VOID:
            open_tags.append(tag)
            counts[name] += 1
        elif tag.kind == "close" and not counts[name]:
            loose.append(tag)
        elif tag.kind == "close":
            while (opening := open_tags.pop()).name.lower() != name:
                counts[opening.name.lower()] -= 1
                loose.append(opening)
            counts[name] -= 1
            pairs.append((opening, tag))
    return sorted(pairs, key=lambda pair: pair[0].start), sorted([*loose, *open_tags], key=lambda tag: tag.start)


class _Run:
    """Running text with its tags and outermost elements; finds the sentences of a part of it."""

    def __init__(self, text: str, tags: Sequence[Tag], elements: Sequence[_Element], levels: int) -> None:
        self._text, self._tags, self._elements, self._levels = text, tags, elements, levels
        self._starts = [tag.start for tag in tags]
        self._element_starts = [element.opening.start for element in elements]

    def sentences(self, start: int, end: int) -> list[Node]:
        """Return the sentences of characters start to end; a long element is a node that has its own."""
        nodes: list[Node] = []
        position = start
        for element in self._elements_in(start, end):
            if element.closing.end - element.opening.start > LONG_ELEMENT and self._levels:
                node = self._long_element(element)
                if node is not None:
                    nodes += self._plain(position, node.start)
                    nodes.append(node)
                    position = node.end
        return nodes + self._plain(position, end)

    def _long_element(self, element: _Element) -> Node | None:
        opening, closing = element.opening, element.closing
        inside = self._tags_in(opening.end, closing.start)
        children = inline_nodes(self._text, opening.end, closing.start, inside, self._levels - 1)
        if len(children) < 2:
            return None
        return Node(opening.start, closing.end, head=opening.end, tail=closing.start, children=children)

    def _plain(self, start: int, end: int) -> list[Node]:
        """Return the sentences between two characters; no border is inside an element."""
        text = self._text[start:end]
        if not text.strip():
            return []
        if not _MAY_END_SENTENCE.search(text):
            return [Node(start, end, "sentence")]
        borders = sorted(set(self._borders(start, end)))
        places = [start, *borders, end]
        return [Node(a, b, "sentence") for a, b in pairwise(places) if self._text[a:b].strip()]

    def _borders(self, start: int, end: int) -> Iterator[int]:
        tags = self._tags_in(start, end)
        opened = {tag.end: tag.start for tag in tags if tag.kind == "open" and tag.name.lower() not in _BREAKS}
        closed = {tag.start: tag.end for tag in tags if tag.kind == "close"}
        elements = Spans((element.opening.start, element.closing.end) for element in self._elements_in(start, end))
        for border in sentence_borders(self._readable(start, end, tags))[1:-1]:
            place = start + border
            while place in opened:
                place = opened[place]
            while place in closed:
                place = closed[place]
            if start < place < end and not elements.contain(place):
                yield place

    def _readable(self, start: int, end: int, tags: Sequence[Tag]) -> str:
        """Return running text of the same length in which tags are invisible and line breaks are spaces."""
        parts: list[str] = []
        position = start
        for tag in tags:
            parts.append(self._text[position : tag.start].replace("\n", " "))
            length = tag.end - tag.start
            is_break = tag.name.lower() in _BREAKS
            parts.append(_INVISIBLE * (length - 1) + "\n" if is_break else _INVISIBLE * length)
            position = tag.end
        parts.append(self._text[position:end].replace("\n", " "))
        return "".join(parts)

    def _tags_in(self, start: int, end: int) -> Sequence[Tag]:
        return self._tags[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _elements_in(self, start: int, end: int) -> Sequence[_Element]:
        first, last = bisect_left(self._element_starts, start), bisect_left(self._element_starts, end)
        return self._elements[first:last]
