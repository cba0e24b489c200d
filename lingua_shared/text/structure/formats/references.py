"""Bibliographies: entries such as "[1] A. Marsh: Lamps. 1883." or "Marsh, A. (1883). Lamps.", each one unit."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.blocks import Block
from lingua_shared.text.structure.part import Line, Part

MAX_LINES = 12  # of one entry

_NUMBERED = re.compile(r"[ \t]{0,4}\[(\d{1,4})\][ \t]+\S")
_KEYED = re.compile(r"[ \t]{0,4}\[[A-Z][\w+\-]{1,12}\d{2,4}[a-z]?\][ \t]+\S")
_AUTHOR = re.compile(
    r"[ \t]{0,4}\w[\w'’\- ]{1,40}, (?:\w\.[ -]?){1,4}(?:,| &| and|;| \().{0,300}?\(?(?:19|20)\d\d[a-z]?\)?[.,:]?"
)


def parse_references(part: Part) -> bool:
    """Add the units of a text that is mostly a bibliography; False for another text."""
    if "\n" not in part.text:
        return False
    lines = part.lines()
    starts = entry_starts(lines)
    if len(starts) < 2:
        return False
    blocks: list[Block] = []
    covered, at = 0, 0
    for first, following in pairwise([*starts, len(lines)]):
        if at < first:
            blocks += _paragraphs(lines[at:first])
        at = _entry_end(lines, first, following)
        covered += at - first
        blocks.append(_block("whole", lines[first:at]))
    blocks += _paragraphs(lines[at:])
    if covered < sum(not line.is_blank for line in lines) / 2:
        return False
    for block in blocks:
        if block.kind == "whole":
            block.unit = "reference"
    write_blocks(part, blocks)
    return True


def entry_starts(lines: Sequence[Line]) -> list[int]:
    """Return the numbers of the lines with which entries begin: numbered in order, or author and year."""
    numbered = [(number, int(found[1])) for number, line in enumerate(lines) if (found := _NUMBERED.match(line.text))]
    if len(numbered) > 1 and all(a[1] < b[1] for a, b in pairwise(numbered)):
        return [number for number, _ in numbered]
    keyed = [number for number, line in enumerate(lines) if _KEYED.match(line.text)]
    if len(keyed) > 1:
        return keyed
    return [
        number
        for number, line in enumerate(lines)
        if _AUTHOR.match("".join(other.text for other in lines[number : number + 3]).replace("\n", " "))
        and (number == 0 or lines[number - 1].is_blank or lines[number - 1].text.rstrip()[-1] in ".:/)0123456789")
    ]


def _entry_end(lines: Sequence[Line], first: int, following: int) -> int:
    """Return the line behind an entry: a blank line, or the next entry."""
    at = first + 1
    while at < min(following, first + MAX_LINES) and not lines[at].is_blank:
        at += 1
    return at


def _block(kind: str, lines: Sequence[Line]) -> Block:
    start, end = lines[0].start, lines[-1].end
    return Block("whole" if kind == "whole" else "paragraph", start, end, (start, end))


def _paragraphs(lines: Sequence[Line]) -> list[Block]:
    """Return the paragraphs of lines; a short one right above the entries, such as "References", is a heading."""
    blocks: list[Block] = []
    current: list[Line] = []
    for line in [*lines, None]:
        if line is not None and not line.is_blank:
            current.append(line)
        elif current:
            blocks.append(_block("paragraph", current))
            current = []
    last = blocks[-1] if blocks else None
    if last and lines and last.end - last.start <= 60 and not last.level:
        blocks[-1] = Block("heading", last.start, last.end, last.body, level=1)
    return blocks
