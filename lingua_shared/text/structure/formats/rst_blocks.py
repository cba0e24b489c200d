"""The blocks of reStructuredText, by their indentation."""

import re
from collections.abc import Sequence

from lingua_shared.text.structure.blocks import Block, BlockKind
from lingua_shared.text.structure.formats.rst_signs import ADORNMENT, EXPLICIT, is_title
from lingua_shared.text.structure.formats.tables import BORDER, table_blocks
from lingua_shared.text.structure.part import Line

MAX_NESTING = 16

_ITEM = re.compile(
    r"[ \t]*(?:[-*+•‣]|(?:\d{1,4}|#|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\((?:\d{1,4}|[a-zA-Z])\))(?:[ \t]+(?=\S)|$)"
)
_FIELD = re.compile(r"[ \t]*:[^:\s](?:[^:\n]|:(?!\s|$)){0,80}:(?:[ \t]+|$)")
_OPTION = re.compile(
    r"[ \t]*(?:--?|/)[A-Za-z][\w-]*(?:[ =][<\[]?[\w.|-]+[>\]]?)?"
    r"(?:, --?[\w-]+(?:[ =][<\[]?[\w.|-]+[>\]]?)?){0,4}(?:[ ]{2,}\S|$)"
)
_DIRECTIVE = re.compile(r"[ \t]*\.\. (?:\|[^|\n]{1,60}\| )?([\w:+.\-]+)::")
_TARGET = re.compile(r"[ \t]*(?:\.\. _|__ )")
_CODE = frozenset(
    (
        "code",
        "code-block",
        "sourcecode",
        "parsed-literal",
        "math",
        "doctest",
        "testcode",
        "testoutput",
        "prompt",
        "console",
        "ipython",
        "highlight",
        "jupyter-execute",
        "plot",
        "mermaid",
        "graphviz",
        "digraph",
        "raw",
        "literal",
    )
)
_ADMONITIONS = frozenset(
    (
        "note",
        "warning",
        "caution",
        "danger",
        "tip",
        "hint",
        "important",
        "attention",
        "error",
        "seealso",
        "admonition",
        "todo",
        "topic",
        "sidebar",
        "deprecated",
        "versionadded",
        "versionchanged",
        "versionremoved",
    )
)
_WHOLE = frozenset(
    (
        "image",
        "figure",
        "include",
        "literalinclude",
        "contents",
        "toctree",
        "automodule",
        "autoclass",
        "autofunction",
        "index",
        "replace",
    )
)
_LIST_TABLES = frozenset(("list-table", "flat-table"))
_HEADER_ROWS = re.compile(r"[ \t]*:header-rows:[ \t]*(\d{1,2})$")


class RstReader:
    """Reads blocks from lines without their trailing white space."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Hold the lines of a text."""
        self._lines = lines
        self._texts = [line.text for line in lines]
        self._levels: list[str] = []

    def blocks(self, first: int, last: int, depth: int = 0) -> list[Block]:
        """Return the blocks of lines first to last - 1."""
        found: list[Block] = []
        at = first
        while at < last:
            if not self._texts[at]:
                at += 1
                continue
            new, at = self._next(at, last, depth, literal=bool(found) and self._is_literal(found[-1], at, first))
            found += new
        return found

    def _next(self, at: int, last: int, depth: int, *, literal: bool) -> tuple[list[Block], int]:
        text = self._texts[at]
        line = self._lines[at]
        if literal:
            return self._literal(at, last)
        title = self._title(at, last) if not line.indent else None
        if title:
            return title
        if depth >= MAX_NESTING:
            return self._paragraph(at, last)
        if EXPLICIT.match(text.lstrip()):
            return self._explicit(at, last, depth)
        if _FIELD.match(text) or _TARGET.match(text):
            end = self._body_end(at, last)
            kind = "field" if _FIELD.match(text) else "markup"
            return [self._block("whole", at, end, unit=kind)], end
        if _ITEM.match(text):
            return self._list(at, last, depth)
        if text.lstrip().startswith(">>> "):
            end = self._paragraph_end(at, last)
            return [self._block("code", at, end)], end
        if BORDER.match(text):
            end = self._table_end(at, last)
            blocks, _ = table_blocks(self._lines[at:end])
            return blocks, end
        if self._is_term(at, last):
            return self._definition(at, last, depth)
        return self._paragraph(at, last)

    def _block(self, kind: BlockKind, first: int, last: int, body: int | None = None, **settings: object) -> Block:
        """Return lines first to last - 1 as a block whose body begins with line `body`."""
        start, end = self._lines[first].start, self._lines[last - 1].end
        inside = start if body is None else self._lines[body].start if body < last else end
        return Block(kind, start, end, (inside, end), **settings)  # type: ignore[arg-type]

    def _body_end(self, at: int, last: int) -> int:
        """Return the line behind those that are indented deeper than a line, blank lines at their end left out."""
        end = number = at + 1
        while number < last and (not self._texts[number] or self._lines[number].indent > self._lines[at].indent):
            number += 1
            if self._texts[number - 1]:
                end = number
        return end

    def _paragraph_end(self, at: int, last: int) -> int:
        number = at + 1
        while number < last and self._texts[number]:
            number += 1
        return number

    def _paragraph(self, at: int, last: int) -> tuple[list[Block], int]:
        """Return a paragraph; it ends where the indentation changes."""
        number = at + 1
        while number < last and self._texts[number] and self._lines[number].indent == self._lines[at].indent:
            if not self._lines[number].indent and is_title(self._texts, number):
                break
            number += 1
        return [self._block("paragraph", at, number)], number

    def _title(self, at: int, last: int) -> tuple[list[Block], int] | None:
        texts = self._texts
        over = (
            bool(ADORNMENT.match(texts[at])) and at + 2 < last and texts[at + 2] == texts[at] and texts[at + 1].strip()
        )
        if over:
            style, first, end, title = "over" + texts[at][0], at, at + 3, at + 1
        elif at + 1 < last and is_title(texts, at):
            style, first, end, title = texts[at + 1][0], at, at + 2, at
        elif ADORNMENT.match(texts[at]) and (at + 1 >= last or not texts[at + 1]):
            return [self._block("rule", at, at + 1)], at + 1
        else:
            return None
        if style not in self._levels:
            self._levels.append(style)
        block = self._block("heading", first, end, level=self._levels.index(style) + 1)
        line = self._lines[title]
        block.body = (line.start, line.start + len(line.text))
        return [block], end

    def _is_literal(self, before: Block, at: int, first: int) -> bool:
        """Whether an indented line begins the literal block that a paragraph ending in "::" announces."""
        if before.kind != "paragraph" or before.end != self._end_before(at) or at == first:
            return False
        last_line = next(number for number in range(at - 1, first - 1, -1) if self._texts[number])
        line = self._lines[last_line]
        return line.text.endswith("::") and self._lines[at].indent > line.indent

    def _end_before(self, at: int) -> int:
        while at and not self._texts[at - 1]:
            at -= 1
        return self._lines[at - 1].end if at else 0

    def _literal(self, at: int, last: int) -> tuple[list[Block], int]:
        indent, number, end = self._lines[at].indent, at, at + 1
        while number < last and (not self._texts[number] or self._lines[number].indent >= min(indent, 1)):
            number += 1
            if self._texts[number - 1]:
                end = number
            if number < last and self._texts[number] and self._lines[number].indent < indent:
                break
        return [self._block("code", at, end)], end

    def _explicit(self, at: int, last: int, depth: int) -> tuple[list[Block], int]:
        """Return a directive, a target, a footnote or a comment."""
        end = self._body_end(at, last)
        found = _DIRECTIVE.match(self._texts[at])
        if not found:
            text = self._texts[at].lstrip()
            kind = "markup" if text.startswith(".. _") else "reference" if text[3:4] in "[|" else "comment"
            return [self._block("whole", at, end, unit=kind)], end
        name = found[1].rpartition(":")[2] if ":" in found[1] else found[1]
        body = at + 1
        while body < end and self._texts[body] and _FIELD.match(self._texts[body]):
            body += 1
        if name in _CODE:
            block = self._block("code", at, end, body)
            return [block], end
        if name in _WHOLE or body >= end:
            block = self._block("whole", at, end, unit="reference" if name in _WHOLE else "sentence")
            return [block], end
        while body < end and not self._texts[body]:
            body += 1
        if name in _LIST_TABLES and (table := self._list_table(at, body, end)):
            return [table], end
        children = self.blocks(body, end, depth + 1)
        if name in _ADMONITIONS and all(child.kind == "paragraph" for child in children):
            children[0].start, children[0].body = self._lines[at].start, (self._lines[at].start, children[0].end)
            return [self._block("quote", at, end, children=children)], end
        return [self._block("entry", at, end, body, children=children)], end

    def _list_table(self, at: int, body: int, end: int) -> Block | None:
        """Return a table whose rows are items of a list; None where lines are in no item.

        The directive, its options and the header rows are the header of the other rows.
        """
        indent = self._lines[body].indent
        rows = [n for n in range(body, end) if self._texts[n] and self._lines[n].indent <= indent]
        if not all(self._lines[n].indent == indent and _ITEM.match(self._texts[n]) for n in rows):
            return None
        found = next((match for n in range(at, body) if (match := _HEADER_ROWS.match(self._texts[n]))), None)
        data = rows[int(found[1]) if found else 0 :]
        children = [
            self._block("whole", n, behind, unit="table_row") for n, behind in zip(data, [*data[1:], end], strict=True)
        ]
        return self._block("table", at, end, data[0] if data else None, children=children)

    def _list(self, at: int, last: int, depth: int) -> tuple[list[Block], int]:
        """Return the items with the indentation of the first one."""
        indent, items, number, end = self._lines[at].indent, [], at, at
        while number < last:
            text = self._texts[number]
            if not text:
                number += 1
                continue
            marker = _ITEM.match(text) if self._lines[number].indent == indent else None
            if not marker:
                break
            end = self._body_end(number, last)
            items.append(self._item(number, end, marker.end(), depth))
            number = end
        block = self._block("list", at, end, children=items)
        return [block], end

    def _item(self, at: int, end: int, marker: int, depth: int) -> Block:
        line = self._lines[at]
        start = line.start + marker
        first_end = at + 1
        while first_end < end and self._texts[first_end] and not _ITEM.match(self._texts[first_end]):
            first_end += 1
        head = Block("paragraph", start, self._lines[first_end - 1].end, (start, self._lines[first_end - 1].end))
        rest = self.blocks(first_end, end, depth + 1)
        if rest and rest[0].kind == "paragraph" and self._texts[first_end - 1].endswith("::"):
            below = next(number for number in range(first_end, end) if self._texts[number])
            literal, behind = self._literal(below, end)
            rest = literal + self.blocks(behind, end, depth + 1)
        item = Block("item", line.start, self._lines[end - 1].end, (start, self._lines[end - 1].end))
        item.children = ([head] if line.text[marker:].strip() else []) + rest
        return item

    def _is_term(self, at: int, last: int) -> bool:
        """Whether a line is a term or an option, with its definition indented below it."""
        if at + 1 >= last or not self._texts[at + 1] or len(self._texts[at]) > 100:
            return bool(_OPTION.match(self._texts[at])) and self._body_end(at, last) > at + 1
        return self._lines[at + 1].indent > self._lines[at].indent and not self._texts[at].endswith("::")

    def _definition(self, at: int, last: int, depth: int) -> tuple[list[Block], int]:
        end = self._body_end(at, last)
        children = self.blocks(at + 1, end, depth + 1)
        return [self._block("entry", at, end, at + 1, children=children)], end

    def _table_end(self, at: int, last: int) -> int:
        """Return where a table ends; a simple table may have blank lines, and ends with its last border."""
        end = self._paragraph_end(at, last)
        text = self._texts[at]
        if text.lstrip().startswith("="):
            borders = [number for number in range(at + 1, min(at + 400, last)) if self._texts[number] == text]
            for number in borders:
                if number + 1 >= last or not self._texts[number + 1]:
                    return number + 1
        return end
