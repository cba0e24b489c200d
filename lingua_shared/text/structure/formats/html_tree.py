"""Reads HTML into a tree of its blocks; running text between their tags stays together with its inline tags.

Missing and needless closing tags are no fault, as in a browser; a part of a page is read as far as it goes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lingua_shared.text.structure.formats.html_names import BLOCKS, RAW, VOID
from lingua_shared.text.structure.formats.tags import Tag, find_tags

MAX_BLOCKS_WITHIN = 48
"""Levels of blocks; the tags of deeper ones are left out."""

_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("tr",))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))
_CLOSED_BY: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(("li", "p")), frozenset(("ul", "ol", "menu"))),
    "dt": (frozenset(("dt", "dd", "p")), frozenset(("dl",))),
    "dd": (frozenset(("dt", "dd", "p")), frozenset(("dl",))),
    "td": (_CELLS | {"p"}, frozenset(("tr", "table"))),
    "th": (_CELLS | {"p"}, frozenset(("tr", "table"))),
    "tr": (_CELLS | _ROWS | {"p"}, frozenset(("table",))),
    **{name: (_CELLS | _ROWS | _GROUPS | {"p", "caption"}, frozenset(("table",))) for name in _GROUPS},
}
"""Which open elements an opening tag closes, and up to which element it looks for them."""

_BARRIERS = frozenset(("td", "th", "li", "dd", "table"))
"""Elements out of which the closing tag of a paragraph or a wrapper does not reach."""


@dataclass(slots=True)
class Block:
    """A block, or running text between blocks: characters start to end of a text.

    Attributes:
        name: its tag in lower case; empty for running text.
        start: first character.
        end: one behind the last one.
        head: end of its opening tag.
        tail: start of its closing tag; None where it has none.
        children: blocks and running text in it.
        tags: of running text, the tags in it.
    """

    name: str
    start: int
    end: int
    head: int = 0
    tail: int | None = None
    children: list["Block"] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)

    def of(self, *names: str) -> Iterator["Block"]:
        """Yield the children with one of several names."""
        return (child for child in self.children if child.name in names)


class _Builder:
    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self.root = Block("", start, end, head=start)
        self._open = [self.root]
        self._tags: list[Tag] = []
        self._position = start

    def read(self, tags: Sequence[Tag]) -> None:
        at = 0
        while at < len(tags):
            tag, name = tags[at], tags[at].name.lower()
            at += 1
            if name not in BLOCKS and tag.kind not in ("comment", "declaration"):
                self._tags.append(tag)
                continue
            self._end_text(tag.start)
            self._position = tag.end
            if name in RAW and tag.kind == "open":
                at = self._take_raw(tags, at, tag, name)
            elif tag.kind == "open" and name not in VOID:
                self._open_block(tag, name)
            elif tag.kind == "close":
                self._close_block(tag, name)
            else:
                self._append(Block(name or "!", tag.start, tag.end))
        self._end_text(self.root.end)
        self._close_to(1, self.root.end)

    def _append(self, block: Block) -> None:
        self._open[-1].children.append(block)

    def _end_text(self, end: int) -> None:
        text = self._text[self._position : end]
        if text.strip():
            start = self._position + len(text) - len(text.lstrip())
            end = self._position + len(text.rstrip())
            self._append(Block("", start, end, tags=self._tags))
        self._tags = []

    def _take_raw(self, tags: Sequence[Tag], at: int, opening: Tag, name: str) -> int:
        """Take an element with all that is in it; return the number of the tag behind it."""
        depth, first = 1, at
        while at < len(tags) and depth:
            if tags[at].name.lower() == name:
                depth += (tags[at].kind == "open") - (tags[at].kind == "close")
            at += 1
        if depth:
            self._append(Block("!", opening.start, opening.end))
            return first
        self._append(Block(name, opening.start, tags[at - 1].end))
        self._position = tags[at - 1].end
        return at

    def _open_block(self, tag: Tag, name: str) -> None:
        closed, barriers = _CLOSED_BY.get(name, (frozenset(("p",)), _BARRIERS))
        level, at = len(self._open), len(self._open) - 1
        while at > 0 and self._open[at].name not in barriers:
            if self._open[at].name in closed:
                level = at
            elif name not in _CLOSED_BY:
                break
            at -= 1
        self._close_to(level, tag.start)
        if len(self._open) > MAX_BLOCKS_WITHIN:
            self._append(Block("!", tag.start, tag.end))
            return
        block = Block(name, tag.start, tag.end, head=tag.end)
        self._append(block)
        self._open.append(block)

    def _close_block(self, tag: Tag, name: str) -> None:
        at = len(self._open) - 1
        while at > 0 and self._open[at].name != name:
            if self._open[at].name in _BARRIERS and name not in ("table", "ul", "ol", "dl", "tr", *_GROUPS):
                at = 0
                break
            at -= 1
        if at <= 0:
            self._append(Block("!", tag.start, tag.end))
            return
        self._close_to(at + 1, tag.start)
        block = self._open.pop()
        block.tail, block.end = tag.start, tag.end

    def _close_to(self, level: int, end: int) -> None:
        """Close blocks without their tags until a number of them is open."""
        while len(self._open) > level:
            block = self._open.pop()
            block.end = block.children[-1].end if block.children else min(block.head, end)


def read_html(text: str, start: int, end: int) -> Block:
    """Return a block that holds the blocks of a text.

    Args:
        text: the whole text.
        start: first character to read.
        end: one behind the last one.
    """
    builder = _Builder(text, start, end)
    builder.read(list(find_tags(text, start, end, frozenset(("script", "style", "textarea")))))
    return builder.root
