"""Plain text with structure: manual pages, help of commands, licences, contracts, RFCs, lists, indented definitions.

Headings above are the path of what stands below; of a clause, the number is needed. A list item, an option or a term
is one unit with what it says where that is short; otherwise its marker or term is support that each sentence needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from lingua_shared.text.structure.blocks import MAX_WARNING, is_warning, leads_in
from lingua_shared.text.structure.formats.markdown_signs import has_markup
from lingua_shared.text.structure.part import MAX_DEPTH, Part
from lingua_shared.text.structure.plain_blocks import Block, BlockReader, is_title_sentence
from lingua_shared.text.structure.units import Kind
from lingua_shared.text.structure.wrapped import add_labelled, add_wrapped, wrapped_sentences

_SHORT_ENTRY = 200  # characters
_LONG_ENTRY = 12  # lines
_SHORT_TITLE = 40  # characters
MIN_OPTIONS = 2
_MAX_BLANKS = 200  # characters at the end of a text
_LISTED = ("item", "entry", "row", "table")


def parse_manual(part: Part) -> bool:
    """Add the units of a manual page or of the help of a command: it describes two options or more.

    One option is enough for a chunk of it: most lines but the first, which a splitter strips, are indented.
    """
    reader = BlockReader(part.lines())
    blocks = reader.read()
    options = sum(block.shape in ("entry", "row") and reader.is_option(block.first) for block in blocks)
    filled = [line.indent > 0 for line in reader.lines[1:] if not line.is_blank]
    is_chunk = bool(filled) and 4 * sum(filled) >= 3 * len(filled)
    if options < MIN_OPTIONS - is_chunk:
        return False
    _Writer(part, reader).write(blocks)
    return True


def parse_plain(part: Part) -> bool:
    """Add the units of a plain text with headings, clauses or terms; what has other signs of Markdown is refused."""
    lines = part.lines()
    if has_markup([line.text for line in lines]):
        return False
    reader = BlockReader(lines)
    blocks = reader.read()
    if not _is_plain(blocks):
        return False
    _Writer(part, reader).write(blocks)
    return True


def parse_lists(part: Part) -> bool:
    """Add the units of a text with lists, tables, headings, clauses or terms among paragraphs."""
    reader = BlockReader(part.lines())
    blocks = reader.read()
    shapes = [block.shape for block in blocks]
    if not (_is_plain(blocks) or shapes.count("item") > 1 or "table" in shapes):
        return False
    _Writer(part, reader).write(blocks)
    return True


def add_blocks(part: Part, *, is_whole: bool = True) -> None:
    """Add a part of a text that may have lists, terms and paragraphs in any order.

    Args:
        part: where units are added.
        is_whole: whether the part begins where a line does; not so behind the marker of an item.
    """
    if part.depth >= MAX_DEPTH:
        add_wrapped(part, part.start, part.end)
        return
    reader = BlockReader(part.lines(), is_whole=is_whole)
    _Writer(part, reader).write(reader.read())


def _is_plain(blocks: Sequence[Block]) -> bool:
    """Whether there is a clause, several terms, or a heading that is more than a line between blank lines."""
    shapes = [block.shape for block in blocks]
    titled = any(block.shape == "heading" and block.level < 8 for block in blocks)
    return "clause" in shapes or shapes.count("entry") + shapes.count("row") > 1 or titled


@dataclass
class _Section:
    """A heading or clause under which blocks stand: units they need, and units on their path.

    Attributes:
        level: 1 is the highest.
        column: where it begins; a numbered item there is the next one of its kind, where it has a number, too.
        needs: its number, or the whole heading with the number; none without a number.
        path: its title.
    """

    level: int
    column: int
    needs: tuple[int, ...] = ()
    path: tuple[int, ...] = ()

    @property
    def units(self) -> tuple[int, ...]:
        """Its units, nearest first."""
        return (*self.path, *self.needs)


@dataclass
class _Writer:
    """Adds the blocks of a part.

    Attributes:
        part: where units are added.
        reader: its lines.
        sections: headings and clauses above, highest first.
        lead: number and column of the lead-in line above; blocks of a list need it.
        warning: units of a warning right above a list, whose items need it.
        is_synopsis: whether the last heading says that commands follow.
    """

    part: Part
    reader: BlockReader
    sections: list[_Section] = field(default_factory=list)
    lead: tuple[int, int] | None = None
    warning: tuple[int, ...] = ()
    is_synopsis: bool = False

    def write(self, blocks: Sequence[Block]) -> None:
        for number, block in enumerate(blocks):
            following = blocks[number + 1] if number + 1 < len(blocks) else None
            if self.lead and block.shape not in _LISTED and block.column <= self.lead[1]:
                self.lead = None
            if self.warning and block.shape != "item" and not self._leads_in(block):
                self.warning = ()
            getattr(self, f"_add_{block.shape}")(block, following)

    def _leads_in(self, block: Block) -> bool:
        return block.shape == "paragraph" and leads_in(self.reader.text(block.last - 1))

    def _span(self, block: Block) -> tuple[int, int]:
        lines = self.reader.lines
        return lines[block.first].start, lines[block.last - 1].end

    def _settings(self) -> dict[str, Any]:
        above = self.sections[::-1]
        needs = [number for section in above[:1] for number in section.needs]
        path = [
            number for place, section in enumerate(above) for number in section.units if place or number not in needs
        ]
        needs = [*self.warning, *((self.lead[0],) if self.lead else ()), *needs]
        return {"needs": tuple(needs), "path": tuple(path)}

    def _inner(self, start: int, end: int, *needs: int, path: Sequence[int] = ()) -> Part:
        settings = self._settings()
        return self.part.inner(start, end, needs=(*needs, *settings["needs"]), path=(*path, *settings["path"]))

    def _add_rule(self, block: Block, _: Block | None) -> None:
        self.part.add(*self._span(block), "markup", role="support")

    def _add_heading(self, block: Block, following: Block | None) -> None:
        start, end = self._span(block)
        self._leave(block.level)
        path = tuple(number for section in self.sections[::-1] for number in section.units)
        is_content = following is None and not any(self.reader.columns)
        number = self.part.add(start, end, "heading", role="content" if is_content else "support", path=path)
        numbered = 1 < block.level < 8 and end - start <= _SHORT_TITLE and block.last - block.first == 1
        needs, path = ((number,), ()) if numbered else ((), (number,))
        self.sections.append(_Section(block.level, block.column, needs, path))
        self.is_synopsis = self.reader.text(block.first) in ("SYNOPSIS", "USAGE", "SYNTAX")

    def _leave(self, level: int) -> None:
        """Leave the sections that end where one of a level begins."""
        self.lead = None
        while self.sections and self.sections[-1].level >= level:
            self.sections.pop()

    def _add_paragraph(self, block: Block, following: Block | None) -> None:
        start, end = self._span(block)
        if self.is_synopsis:
            self._add_lines(block)
            return
        if following is None and self._is_cut_option(block):
            self.part.add(start, end, "term", role="support", **self._settings())
            return
        numbers = add_wrapped(self.part, start, end, **self._settings())
        self._lead_in(numbers, block, following)
        if is_warning(self.reader.text(block.first)):
            self.warning = tuple(numbers[:MAX_WARNING])

    def _is_cut_option(self, block: Block) -> bool:
        """Whether a chunk ends right behind an option, so that its description is missing."""
        if block.first == 0 or block.last - block.first > 1 or not self.reader.is_option(block.first):
            return False
        text, end = self.part.draft.text, self.reader.lines[block.last - 1].end
        return len(text) - end <= _MAX_BLANKS and not text[end:].strip()

    def _add_lines(self, block: Block) -> None:
        """Add each line with the deeper ones behind it, as in the synopsis of a command."""
        lines, columns = self.reader.lines, self.reader.columns
        starts = [n for n in range(block.first, block.last) if columns[n] <= block.column]
        for first, last in pairwise([*starts, block.last]):
            self.part.add(lines[first].start, lines[last - 1].end, "code_line", **self._settings())

    def _lead_in(self, numbers: Sequence[int], block: Block, following: Block | None) -> None:
        """Make the last sentence of a paragraph the lead-in of the list behind it, if it ends with a colon."""
        if not numbers or not following or not self.reader.text(block.last - 1).endswith((":", "：")):
            return
        if following.shape in _LISTED or following.column > block.column:
            self.part.change(numbers[-1], kind="lead_in", role="support")
            self.lead = numbers[-1], block.column

    def _add_item(self, block: Block, _: Block | None) -> None:
        start, end = self._span(block)
        body = start + block.body
        self._leave_sibling(block)
        inner = self.part.inner(body, end)
        reader = BlockReader(inner.lines(), is_whole=False)
        blocks = reader.read()
        if len(blocks) == 1:
            numbers = add_labelled(self.part, start, body, end, ("list_marker", "sentence"), **self._settings())
            self._set_title(numbers)
        elif len({one.shape for one in blocks[1:]}) == 1 and blocks[1].shape == "item":
            self._add_nest(start, inner, reader, blocks)
        else:
            marker = self.part.add(start, body, "list_marker", role="support", **self._settings())
            self._add_inner(self._inner(body, end, marker), is_whole=False)

    def _set_title(self, numbers: Sequence[int]) -> None:
        """Make a first sentence such as "Grant of License." the path of the sentences behind it."""
        unit = self.part.draft.units[numbers[0]]
        if len(numbers) > 1 and is_title_sentence(self.part.draft.text[unit.start : unit.end]):
            self.part.change(numbers[0], kind="heading", role="support")
            for number in numbers[1:]:
                path = self.part.draft.units[number].path
                self.part.change(number, path=(numbers[0], *path))

    def _leave_sibling(self, block: Block) -> None:
        """Leave a section with a number where an item with the next number stands in the same column."""
        section = self.sections[-1] if self.sections else None
        if not section or not section.needs or block.column > section.column:
            return
        if self.reader.markers[block.first].style == "1.":
            self.sections.pop()

    def _add_nest(self, start: int, inner: Part, reader: BlockReader, blocks: Sequence[Block]) -> None:
        """Add an item with a list in it: what the item says is the path of the list, or its lead-in."""
        body, middle = inner.start, reader.lines[blocks[1].first].start
        numbers = add_labelled(self.part, start, body, middle, ("list_marker", "sentence"), **self._settings())
        if self.part.draft.text[body:middle].rstrip().endswith((":", "：")):
            self.part.change(numbers[-1], kind="lead_in", role="support")
            self._add_inner(self._inner(middle, inner.end, numbers[-1]))
        else:
            self._add_inner(self._inner(middle, inner.end, path=numbers[:1]))

    def _add_inner(self, part: Part, *, is_whole: bool = True) -> None:
        add_blocks(part, is_whole=is_whole)

    def _add_clause(self, block: Block, following: Block | None) -> None:
        """Add a clause. Its number is needed by its sentences, and by what stands under it."""
        start, end = self._span(block)
        self._leave(block.level)
        path = [number for section in self.sections[::-1] for number in section.units]
        settings = {"path": tuple(path)}
        numbers = add_labelled(
            self.part, start, start + block.body, end, ("list_marker", "sentence"), short=0, **settings
        )
        label = numbers[0] if len(numbers) == 1 else numbers[0] - 1
        self._set_title(numbers)
        self._lead_in(numbers, block, following)
        needs = (label,) if len(numbers) > 1 else ()
        self.sections.append(_Section(block.level, block.column, needs, tuple(numbers[:1])))

    def _add_row(self, block: Block, _: Block | None) -> None:
        start, end = self._span(block)
        self._add_pair(start, start + block.body, end)

    def _add_entry(self, block: Block, _: Block | None) -> None:
        start, end = self._span(block)
        body = self.reader.lines[block.first + block.terms].start
        if block.last - block.first > _LONG_ENTRY and not self.reader.is_option(block.first):
            title = self.part.add(start, body, "heading", role="support", **self._settings())
            self._add_inner(self._inner(body, end, path=(title,)))
        else:
            self._add_pair(start, body, end)

    def _add_pair(self, start: int, body: int, end: int) -> None:
        """Add a term with its description: one unit where it is short, or the term as support of what it means."""
        text = self.part.draft.text
        few = end - start <= _SHORT_ENTRY and "\n\n" not in text[body:end].strip("\n")
        if few and len(wrapped_sentences(text, body, end)) <= 2:
            self.part.add(start, end, "definition", **self._settings())
            return
        kind: Kind = "term"
        term = self.part.add(start, body, kind, role="support", **self._settings())
        self._add_inner(self._inner(body, end, term), is_whole=text[body - 1] == "\n")

    def _add_table(self, block: Block, _: Block | None) -> None:
        self._inner(*self._span(block)).parse()
