"""The units of HTML's blocks.

Headings are the path of what is below them. A row needs its header rows, an item its list, a definition its term, and
a sentence the tags of its paragraph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import regex as re

from lingua_shared.text.structure.formats.html_names import HEADINGS, RAW, WRAPPERS
from lingua_shared.text.structure.formats.html_tree import Block
from lingua_shared.text.structure.formats.inline import inline_nodes
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.tree import Node, add_tree
from lingua_shared.text.structure.units import Kind, Role

_ROW_SPAN = re.compile(r"""(?i)\browspan\s*+=\s*+["']?(\d{1,3})""")
_MARKUP = re.compile(r"<[^<>]*+>")
_DIGIT = re.compile(r"\d")
_LISTS = frozenset(("ul", "ol", "dl", "table", "pre", "blockquote"))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))

LONG_ROW = 700
"""Characters from which a row of a table with blocks in its cells is split."""

LONG_CODE = 300
"""Characters from which preformatted text is split into its lines."""


class HtmlWriter:
    """Adds the units of blocks, and remembers the headings above them and the sentence before them."""

    def __init__(self, part: Part) -> None:
        """Write to a part, which has no units yet."""
        self._part = part
        self._text = part.draft.text
        self._headings: list[tuple[int, int]] = []
        self._before: int | None = None

    def add_children(self, block: Block, needs: Sequence[int]) -> None:
        """Add the units of all blocks in a block; each needs certain units."""
        for child in block.children:
            self.add_block(child, needs)

    def add(self, start: int, end: int, kind: Kind, needs: Sequence[int] = (), *, support: bool = False) -> int:
        """Add one unit, below the headings above it."""
        role: Role = "support" if support else "content"
        return self._part.add(start, end, kind, needs=needs, path=self._path(), role=role)

    def markup(self, start: int, end: int, needs: Sequence[int] = ()) -> int:
        """Add a tag, or an element that says nothing."""
        return self._part.add(start, end, "markup", needs=needs, role="support")

    def add_block(self, block: Block, needs: Sequence[int]) -> None:
        """Add the units of a block, or of running text between blocks."""
        name = block.name
        if not name:
            self._add_sentences(self._sentences(block), needs)
        elif name in HEADINGS or name == "title":
            self._add_heading(block)
        elif name in RAW or not block.head:
            self.markup(block.start, block.end)
        elif name in _LISTS:
            self._add_list(block, needs)
        elif name in WRAPPERS and (len(block.children) != 1 or block.children[0].name):
            self._add_wrapper(block, needs)
        else:
            self.add_paragraph(block, needs)

    def _add_heading(self, block: Block) -> None:
        level = int(block.name[1]) if block.name != "title" else 0
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        number = self.add(block.start, block.end, "heading", support=True)
        self._headings.append((level, number))
        self._before = None

    def _sentences(self, block: Block) -> list[Node]:
        return inline_nodes(self._text, block.start, block.end, block.tags)

    def _add_sentences(self, nodes: Sequence[Node], needs: Sequence[int]) -> None:
        part = replace(self._part, path=(*self._path(), *self._part.path))
        for node in nodes:
            if node.kind == "markup":
                self.markup(node.start, node.end)
            else:
                add_tree(part, node, needs)
        self._before = self._part.next - 1

    def _path(self) -> list[int]:
        return [number for _, number in reversed(self._headings)]

    def _add_wrapper(self, block: Block, needs: Sequence[int]) -> None:
        self.markup(block.start, block.head)
        self.add_children(block, needs)
        if block.tail is not None:
            self.markup(block.tail, block.end)

    def add_paragraph(self, block: Block, needs: Sequence[int], kind: Kind = "sentence") -> None:
        """Add a block with running text, as one unit where it has one sentence."""
        if not block.children:
            self.markup(block.start, block.end)
            return
        text = block.children[0]
        nodes = self._sentences(text) if not text.name and len(block.children) == 1 else None
        if nodes is not None and len(nodes) == 1 and not nodes[0].children and nodes[0].kind != "markup":
            self._before = self.add(block.start, block.end, kind, needs)
            return
        opening = self.open(block, needs)
        if nodes is None:
            self.add_children(block, (opening,))
        else:
            self._add_sentences(nodes, (opening,))
        self.close(block, opening)

    def open(self, block: Block, needs: Sequence[int]) -> int:
        """Add the opening tag of a block."""
        return self.markup(block.start, block.head, needs)

    def close(self, block: Block, opening: int) -> None:
        """Add the closing tag of a block, which its opening tag needs."""
        if block.tail is not None:
            self._part.change(opening, needs=[self.markup(block.tail, block.end)])

    def _add_list(self, block: Block, needs: Sequence[int]) -> None:
        needs = (*self._lead_in(), *needs)
        if block.name == "pre":
            self._add_code(block, needs)
            return
        opening = self.open(block, needs)
        if block.name == "table":
            _add_table(self, self._text, block, opening)
        elif block.name == "dl":
            self._add_definitions(block, opening)
        else:
            self.add_children(block, (opening,))
        self.close(block, opening)
        self._before = None

    def _lead_in(self) -> list[int]:
        """Return the sentence right before a list, where it ends with a colon; it comes with the list only."""
        if self._before is None:
            return []
        unit = self._part.draft.units[self._before]
        start = unit.start
        if unit.kind == "markup" and self._before:  # the closing tag of a paragraph
            self._before -= 1
            start = self._part.draft.units[self._before].start
        words = _MARKUP.sub("", self._text[start : unit.end]).rstrip()
        if not words.endswith((":", "\uff1a")):
            return []
        self._part.change(self._before, role="support", kind="lead_in")
        return [self._before]

    def _add_definitions(self, block: Block, opening: int) -> None:
        terms: list[int] = []
        last = ""
        for child in _without_groups(block):
            if child.name == "dt":
                terms = terms if last == "dt" else []
                terms.append(self.add(child.start, child.end, "term", (opening,), support=True))
            elif child.name == "dd":
                self.add_paragraph(child, (*terms, opening), "definition")
            else:
                self.add_block(child, (opening,))
            last = child.name

    def _add_code(self, block: Block, needs: Sequence[int]) -> None:
        start, end = block.head, block.end if block.tail is None else block.tail
        whole = self._text[start:end]
        if len(whole) < LONG_CODE or len(block.children) != 1:
            self.add(block.start, block.end, "code_line", needs)
            return
        wrapped = re.match(r"\s*+<code\b[^<>]*+>", whole)
        closed = re.search(r"</code>\s*+\Z", whole[-40:])
        if wrapped and closed:
            start, end = start + wrapped.end(), end - (len(whole[-40:]) - closed.start())
        opening = self.markup(block.start, start, needs)
        for line in self._part.inner(start, end).lines():
            if not line.is_blank:
                self.add(line.start, line.end, "code_line", (opening,))
        if end < block.end:
            self._part.change(opening, needs=[self.markup(end, block.end)])


def _without_groups(block: Block) -> Iterator[Block]:
    """Give the children of a list of definitions; those of a <div> in it, which only groups them, in its place."""
    for child in block.children:
        if child.name == "div" and any(child.of("dt", "dd")):
            yield replace(child, end=child.head, children=[], tail=None)
            yield from child.children
            if child.tail is not None:
                yield replace(child, start=child.tail, head=child.end, children=[], tail=None)
        else:
            yield child


@dataclass
class _Headers:
    """Units above a row that it needs.

    Attributes:
        rows: header rows and the caption.
        section: a row of one heading across the table, in the middle of it.
        spans: rows with a cell that reaches over the rows below, and how many of these there are.
        is_top: whether only header rows were seen.
    """

    rows: list[int] = field(default_factory=list)
    section: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    is_top: bool = True

    def add(self, number: int) -> None:
        """Add a header row; in the middle of a table it takes the place of the one above it."""
        if self.is_top:
            self.rows.append(number)
        else:
            self.section = [number]

    def above(self) -> list[int]:
        return [*self.rows, *self.section, *(number for number, _ in self.spans)]

    def pass_row(self, number: int, below: int) -> None:
        """Count a row; `below` is how many rows below its cells reach."""
        self.spans = [(other, left - 1) for other, left in self.spans if left > 1]
        if below > 0:
            self.spans.append((number, below))


def _add_table(writer: HtmlWriter, text: str, table: Block, opening: int) -> None:
    headers = _Headers()
    plain_header = _plain_header(text, table)
    for child in table.children:
        if child.name == "caption":
            headers.rows.append(writer.add(child.start, child.end, "lead_in", (opening,), support=True))
        elif child.name in _GROUPS:
            group = writer.open(child, (opening,))
            for row in child.children:
                is_header = child.name == "thead" or row is plain_header
                _add_row(writer, text, row, group, headers, is_header=is_header)
            writer.close(child, group)
        else:
            _add_row(writer, text, child, opening, headers, is_header=child is plain_header)


def _add_row(writer: HtmlWriter, text: str, row: Block, opening: int, headers: _Headers, *, is_header: bool) -> None:
    if row.name != "tr":
        writer.add_block(row, (opening,))
        return
    needs = (*headers.above(), opening)
    cells = list(row.of("td", "th"))
    is_header = is_header or (all(cell.name == "th" for cell in cells) and bool(cells))
    if is_header and (headers.is_top or len(cells) == 1):
        number = writer.add(row.start, row.end, "table_header", (*headers.rows, opening), support=True)
        headers.add(number)
        return
    headers.is_top = False
    if row.end - row.start > LONG_ROW and any(child.name for cell in cells for child in cell.children):
        number = writer.open(row, needs)
        for cell in row.children:
            writer.add_block(cell, (number,))
        writer.close(row, number)
    else:
        number = writer.add(row.start, row.end, "table_row", needs)
    below = max((int(found.group(1)) for found in _ROW_SPAN.finditer(text, row.start, row.end)), default=1) - 1
    headers.pass_row(number, below)


def _plain_header(text: str, table: Block) -> Block | None:
    """Return the first row where the table has no <th>, no digit is in that row, and most of the others have one."""
    rows = list(_rows(table))
    if len(rows) < 3 or any(cell.name == "th" for row in rows for cell in row.children):
        return None
    with_digits = sum(bool(_DIGIT.search(_MARKUP.sub("", text[row.start : row.end]))) for row in rows[1:])
    first = _MARKUP.sub("", text[rows[0].start : rows[0].end])
    return rows[0] if not _DIGIT.search(first) and with_digits * 2 > len(rows) - 1 else None


def _rows(table: Block) -> Iterator[Block]:
    for child in table.children:
        yield from child.of("tr") if child.name in _GROUPS else [child] * (child.name == "tr")
