"""Code blocks in markup: fences, and the lines or records between them."""

import re
from collections.abc import Sequence

from lingua_shared.text.structure.blocks import Block
from lingua_shared.text.structure.part import Part

SHORT_CODE = 8
"""Lines of a code block that is one unit, fences not counted."""

_FORMATS_OF_TEXT = frozenset(("prose", "markdown", "markdown document", "rst", "changelog"))
"""What is code looks like one of them by chance: a comment is taken for a heading."""

_PROSE_LINE = re.compile(r"\s*[^\W\d_][\w,;'’()\-\s]{20,}[.!?]$")


def add_code(part: Part, block: Block, needs: Sequence[int], *, nested: bool = True) -> None:
    """Add a code block. A short one is one unit; the parts of a long one need its fences.

    Args:
        part: where units are added.
        block: the code block; its body lies between the fences.
        needs: units that introduce it.
        nested: whether the body may be parsed in a format of its own; not where marks of quotation stand in it.
    """
    text = part.draft.text
    start, end = block.body
    if text.count("\n", start, end) <= SHORT_CODE or not text[start:end].strip():
        part.add(block.start, block.end, "code_line", needs=needs)
        return
    opening = part.add(block.start, start, "markup", role="support") if text[block.start : start].strip() else None
    closes = bool(text[end : block.end].strip())
    fences = (opening,) if opening is not None and closes else ()
    _add_body(part.inner(start, end, needs=(*fences, *needs)), nested=nested)
    if closes:
        closing = part.add(end, block.end, "markup", role="support")
        if opening is not None:
            part.change(opening, needs=[closing])


def _add_body(inner: Part, *, nested: bool) -> None:
    """Add what is between the fences: in its own format, else line by line, unless it is running text."""
    before = inner.next
    if nested and inner.parse() not in _FORMATS_OF_TEXT:
        return
    lines = [line for line in inner.lines() if not line.is_blank]
    if nested and sum(bool(_PROSE_LINE.match(line.text.rstrip())) for line in lines) > len(lines) / 2:
        return
    del inner.draft.units[before:]
    for line in lines:
        inner.add(line.start, line.end, "code_line")
