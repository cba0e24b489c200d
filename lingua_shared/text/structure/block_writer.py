"""Maps the blocks of a document in a markup language to units, with the headings and lead-in lines they need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from types import MappingProxyType
from typing import ClassVar

import regex as re

from lingua_shared.text.structure.blocks import MAX_WARNING, Block, is_label, is_warning, leads_in, names_release
from lingua_shared.text.structure.code import add_code
from lingua_shared.text.structure.items import add_head
from lingua_shared.text.structure.paragraphs import add_paragraph, sentence_spans
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.units import Role

SHORT_QUOTE = 300  # characters of a quotation that is one unit
PSEUDO_LEVEL = 7  # of a paragraph in bold that is used as a heading
MIN_FAQ = 2  # headings that are questions, from which on a document is a list of questions and answers

_BOLD_LINE = re.compile(r"\s*(\*\*|__)[^*_\n]{1,100}\1:?\s*$")
_CONNECTS = re.compile(r"(?i)\W{0,4}(?:or|and|then|and then|else|otherwise|alternatively|oder|ou|o|или)\b.{0,40}$")
_INTRODUCED = frozenset(("list", "code", "table", "quote", "definitions"))
_DRAWN_LINE = re.compile(r"[|:+=\-\s]+$")
_GROUP_ROW = re.compile(
    r"[ \t]*+\|?[ \t]*+(?:(?:\*\*|__)[^|*_\n]{1,100}(?:\*\*|__)[ \t]*+(?:\|[ \t]*+)+"
    r"|(?=[^|\s])[^|\n]*+\|[ \t]*+(?:\|[ \t]*+){2,})$"
)
"""A row with nothing but its first cell: in bold, or with two empty cells or more."""

_TAGS_ONLY = re.compile(r"(?:\s*(?:<!--(?:[^-]|-(?!->))*+-->|</?[A-Za-z][^<>]*+>))++\s*$")


def write_blocks(part: Part, blocks: Sequence[Block]) -> None:
    """Add the units of a document's blocks to a part."""
    questions = sum(block.kind == "heading" and _text(part, block).endswith(("?", "？")) for block in blocks)
    BlockWriter(part, asks=questions >= MIN_FAQ).write(blocks)


def _text(part: Part, block: Block) -> str:
    return part.draft.text[slice(*block.body)].strip()


@dataclass
class _Heading:
    level: int
    number: int
    is_needed: bool


@dataclass
class BlockWriter:
    """Adds blocks that follow each other, and remembers what stands above the next one.

    Attributes:
        part: where units are added.
        quoted: whether ">" before lines is a mark of quotation.
        asks: whether headings that are questions are needed by their answers.
        lead: units that introduce the next block.
        headings: those above the next block, highest first.
        step: units of the last item, which a warning behind it is needed by.
        warning: units of a warning right above a list, whose items need it.
    """

    part: Part
    quoted: bool = False
    asks: bool = False
    lead: tuple[int, ...] = ()
    headings: list[_Heading] = field(default_factory=list)
    step: range = range(0)
    warning: tuple[int, ...] = ()

    def write(self, blocks: Sequence[Block]) -> None:
        """Add blocks in their order."""
        for block, following in zip_longest(blocks, blocks[1:]):
            if not self.part.draft.text[block.start : block.end].strip():
                continue
            first = self.part.next
            if block.kind == "paragraph":
                self._paragraph(block, following)
            else:
                self._WRITERS[block.kind](self, block)
                self.lead = self.lead if block.kind == "code" else ()
            self._after(block, range(first, self.part.next))

    def _after(self, block: Block, added: range) -> None:
        text = self.part.draft.text[block.start : block.end]
        if block.kind in ("paragraph", "quote") and is_warning(text.lstrip("> ")):
            require(self.part, self.step, added)
            self.warning = tuple(added)[:MAX_WARNING]
        elif not self.lead:
            self.warning = ()
        self.step = self.step if block.kind == "list" else range(0)

    def _here(self, needs: Sequence[int] = ()) -> Part:
        """Return the part with the headings above the next block."""
        above = self.headings[::-1]
        needed = tuple(heading.number for heading in above if heading.is_needed)[:1]
        path = tuple(heading.number for heading in above if heading.number not in needed)
        every = dict.fromkeys((*needs, *needed, *self.part.needs))
        return replace(self.part, needs=tuple(every), path=(*path, *self.part.path))

    def _heading(self, block: Block) -> None:
        while self.headings and self.headings[-1].level >= block.level:
            self.headings.pop()
        text = _text(self.part, block)
        question = self.asks and text.endswith(("?", "？"))
        number = self._here().add(block.start, block.end, "question" if question else "heading", role="support")
        self.headings.append(_Heading(block.level, number, question or block.is_needed or names_release(text)))

    def _paragraph(self, block: Block, following: Block | None) -> None:
        text = self.part.draft.text[block.start : block.end]
        before, self.lead = self.lead, ()
        bold = bool(_BOLD_LINE.match(text))
        introduces = following is not None and following.kind in _INTRODUCED
        if bold and following is not None and not introduces and following.kind != "heading":
            self._heading(replace(block, level=PSEUDO_LEVEL))
            return
        here = self._here(before if before and _CONNECTS.match(text) else ())
        numbers = add_paragraph(here, block.start, block.end, quoted=self.quoted)
        if following is None or not introduces:
            return
        if leads_in(text) or is_label(text):
            here.change(numbers[-1], kind="lead_in", role="support")
            self.lead = (numbers[-1],)
        elif following.kind == "code":
            self.lead = (numbers[-1],)

    def _list(self, block: Block) -> None:
        self.lead = (*self.warning, *self.lead)
        for item in block.children:
            first = self.part.next
            self._item(item)
            self.step = range(first, self.part.next)

    def _item(self, item: Block) -> None:
        here = self._here(self.lead)
        head, rest = add_head(here, item, quoted=self.quoted)
        lead = head.last if rest and rest[0].kind == "code" else ()
        BlockWriter(replace(here, needs=(*head.line, *here.needs)), quoted=self.quoted, lead=lead).write(rest)
        own = range(head.first, here.next)
        require(here, own, [number for number in own[1:] if is_warning(here.text_of(number))])

    def _code(self, block: Block) -> None:
        add_code(self._here(), block, self.lead, nested=not self.quoted)

    def _table(self, block: Block) -> None:
        here, text = self._here(self.lead), self.part.draft.text
        header: tuple[int, ...] = ()
        if text[block.start : block.body[0]].strip():
            header = (self._header(here, block),)
        if block.children:
            BlockWriter(replace(here, needs=(*header, *here.needs))).write(block.children)
            return
        self._rows(here, [line for line in here.inner(*block.body).lines() if not line.is_blank], header)

    @staticmethod
    def _rows(here: Part, lines: Sequence[Line], header: tuple[int, ...]) -> None:
        """Add the rows of a table; one that has only its first cell is a heading of the rows below it."""
        group: tuple[int, ...] = ()
        for line, following in zip_longest(lines, lines[1:]):
            if not _GROUP_ROW.match(line.text):
                here.add(line.start, line.end, "table_row", needs=(*header, *group))
                continue
            is_heading = following is not None and not _GROUP_ROW.match(following.text)
            role: Role = "support" if is_heading else "content"
            group = (here.add(line.start, line.end, "table_row", role=role, needs=header),)

    @staticmethod
    def _header(here: Part, block: Block) -> int:
        """Add the header of a table; the line below its names is a unit of its own, which it needs."""
        text, (start, end) = here.draft.text, (block.start, block.body[0])
        line = text.rfind("\n", start, start + len(text[start:end].rstrip())) + 1
        if text.count("\n", start, line) != 1 or not _DRAWN_LINE.match(text[line:end]):
            return here.add(start, end, "table_header", role="support")
        number = here.add(start, line, "table_header", role="support")
        here.change(number, needs=[here.add(line, end, "markup", role="support")])
        return number

    def _quote(self, block: Block) -> None:
        here = self._here(self.lead)
        plain = all(child.kind == "paragraph" for child in block.children)
        if plain and block.end - block.start <= SHORT_QUOTE:
            here.add(block.start, block.end, "quote")
        else:
            self._long_quote(here, block)

    @staticmethod
    def _long_quote(here: Part, block: Block) -> None:
        children = block.children
        if children and children[0].kind == "paragraph":
            children = [replace(children[0], start=block.start), *children[1:]]
        elif here.draft.text[block.start : block.body[0]].strip():
            mark = here.add(block.start, block.body[0], "markup", role="support")
            here = replace(here, needs=(mark, *here.needs))
        BlockWriter(here, quoted=True).write(children)

    def _html(self, block: Block) -> None:
        here = self._here()
        if _TAGS_ONLY.match(self.part.draft.text[block.start : block.end]):
            here.add(block.start, block.end, "markup", role="support")
        else:
            here.inner(block.start, block.end).parse()

    def _rule(self, block: Block) -> None:
        self._here().add(block.start, block.end, "markup", role="support")

    def _whole(self, block: Block) -> None:
        role = "support" if block.unit == "markup" else "content"
        self._here(self.lead).add(block.start, block.end, block.unit, role=role)

    def _entry(self, block: Block) -> None:
        here = self._here(self.lead)
        text = here.draft.text[block.start : block.body[0]].strip()
        if not block.children or not text:
            BlockWriter(here, quoted=self.quoted).write(block.children or [replace(block, kind="whole")])
            return
        term = here.add(block.start, block.body[0], "term", role="support")
        BlockWriter(replace(here, needs=(term, *here.needs)), quoted=self.quoted).write(block.children)

    def _definitions(self, block: Block) -> None:
        here = self._here(self.lead)
        for child in block.children:
            term = here.add(child.start, child.body[0], "term", role="support")
            for start, end in sentence_spans(here.draft.text, *child.body):
                here.add(start, end, "definition", needs=(term,))

    def _front_matter(self, block: Block) -> None:
        part, (start, end) = self.part, block.body
        opening = part.add(block.start, start, "markup", role="support")
        if part.draft.text[start:end].strip():
            inner = part.inner(start, end, needs=(opening,))
            first = part.next
            if inner.parse() == "prose":
                del part.draft.units[first:]
                for line in inner.lines():
                    if not line.is_blank:
                        inner.add(line.start, line.end, "front_matter")
        closing = part.add(end, block.end, "markup", role="support")
        part.change(opening, needs=[closing])

    _WRITERS: ClassVar[Mapping[str, Callable[["BlockWriter", Block], None]]] = MappingProxyType(
        {
            "heading": _heading,
            "list": _list,
            "code": _code,
            "table": _table,
            "quote": _quote,
            "html": _html,
            "rule": _rule,
            "definitions": _definitions,
            "front_matter": _front_matter,
            "entry": _entry,
            "whole": _whole,
        }
    )
    """What adds the blocks of each kind."""


def require(part: Part, numbers: Sequence[int], others: Sequence[int]) -> None:
    """Let content among some units need others, such as the warning of a step."""
    if others:
        for number in numbers:
            if part.draft.units[number].role == "content":
                part.change(number, needs=others)
