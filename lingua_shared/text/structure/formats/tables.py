"""Tables in plain text: columns that stand below each other, with or without lines drawn around them.

Such are the outputs of `ls`, `ps`, `kubectl`, `psql` and `mysql`, and the tables of reStructuredText.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.blocks import Block
from lingua_shared.text.structure.formats.markdown_signs import signs
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.units import Kind

MIN_LINES = 3  # of a table
MIN_NARROW = 4  # lines of a table with two columns only
MAX_COLUMN = 300  # characters of a line in which columns are looked for

_DRAWN = r"\-=+|:─━┄═┌┐└┘├┤┬┴┼╒╕╘╛╞╡╤╧╪┏┓┗┛┡┩┳┻╇╔╗╚╝╠╣╦╩╬╭╮╰╯│┃║"
BORDER = re.compile(rf"[ \t]*(?=[{_DRAWN} ]*[\-=─━═]{{2}})[{_DRAWN}][{_DRAWN} \t]*$")
"""A line of a table that only draws: above or below the header, or between rows."""

_CELLS = re.compile(r"[ \t]*[|│┃║].*[|│┃║][ \t]*$|[^|│]*\S?[ ](?:[|│][ ]?[^|│]*)+$")
_LISTED = re.compile(r"[-dlbcps][rwxsStT-]{9}[.+@]?[ ]+\d+[ ]")
_PROMPT = re.compile(r"[ \t]*(?:[\w.@~:/\-]{0,60}[$#%>❯]|PS [^>\n]{0,80}>|mysql>|[\w-]+[=#]{1,2}[>#])[ ]\S")
_FOOTER = re.compile(r"\s*\(?\d+ (?:rows?|records?|items?)\b.*$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+$€£]?\d[\d.,:%/\-]*[A-Za-z%]{0,3}$")
_SENTENCE = re.compile(r"[^\W\d_][^|]*[.!?]$")


def parse_columns(part: Part) -> bool:
    """Add the units of a text that is mostly made of such tables; False for another text."""
    if "\n" not in part.text:
        return False
    blocks, rows, rest = [], 0, 0
    certain = False
    for is_blank, group in groupby(part.lines(), key=lambda line: line.is_blank):
        lines = list(group)
        if is_blank:
            continue
        found, drawn = table_blocks(lines)
        blocks += found
        certain = certain or drawn
        tabular = sum(block.kind == "table" for block in found) > 0
        rows, rest = rows + len(lines) * tabular, rest + len(lines) * (not tabular)
    found_signs = signs([line.text for line in part.lines()])
    if not rows or found_signs.strong or (rest > rows and (not certain or found_signs.any)):
        return False
    write_blocks(part, blocks)
    return True


def table_blocks(lines: Sequence[Line]) -> tuple[list[Block], bool]:
    """Return the blocks of lines without blank lines among them, and whether there is a table with drawn lines.

    A table may have a line above it, such as a command, and a line with its number of rows below it.
    """
    borders = [number for number, line in enumerate(lines) if _is_border(line.text)]
    if borders and _is_drawn(lines, borders):
        first = borders[0] if borders[0] == 0 or _is_boxed(lines, borders) else borders[0] - 1
        return _blocks(lines, first, _drawn_header(lines, borders, first)), True
    first = next((number for number, line in enumerate(lines) if not _PROMPT.match(line.text)), 0)
    if lines and lines[first].text.startswith("total ") and len(lines) > first + 1:
        first += 1
    below = lines[first:]
    listed = sum(bool(_LISTED.match(line.text)) for line in below)
    if listed and listed >= len(below) - 1:
        return _blocks(lines, first, first), False
    gutters = column_gutters([line.text.rstrip("\r\n") for line in below])
    if gutters and len(below) >= (MIN_LINES if len(gutters) > 1 else MIN_NARROW):
        header = first + _has_header(below, gutters)
        if len(gutters) > 1 or header > first:
            return _blocks(lines, first, header, gutters[0]), False
    return ([_paragraph(lines)] if lines else []), False


def _is_border(line: str) -> bool:
    """Whether a line is a border, and no row of a table in Markdown."""
    return bool(BORDER.match(line.rstrip())) and ("|" not in line or "+" in line)


def _is_boxed(lines: Sequence[Line], borders: Sequence[int]) -> bool:
    return len(borders) > 1 and not lines[borders[0] - 1].text.lstrip().startswith(("|", "│", "┃", "║"))


def _is_drawn(lines: Sequence[Line], borders: Sequence[int]) -> bool:
    """Whether lines have cells with bars between them, or columns of text between borders such as "=== ==="."""
    cells = sum(bool(_CELLS.match(line.text.rstrip())) for line in lines)
    if cells >= 2 and cells + len(borders) >= len(lines) / 2:
        return True
    parted = [number for number in borders if len(lines[number].text.split()) > 1]
    return bool(parted) and len(lines) >= MIN_LINES and parted[0] <= 1


def _drawn_header(lines: Sequence[Line], borders: Sequence[int], first: int) -> int:
    """Return the first row below the header; `first` where there is none."""
    if borders[0] > first:
        return borders[0] + 1
    inner = [number for number in borders[1:] if number < len(lines) - 1]
    double = [number for number in inner if "=" in lines[number].text or "═" in lines[number].text]
    alone = len(borders) == 2 and borders[1] == len(lines) - 1
    if alone:
        return first + 1
    return (double or inner or [borders[0]])[0] + 1


def _paragraph(lines: Sequence[Line]) -> Block:
    return Block("paragraph", lines[0].start, lines[-1].end, (lines[0].start, lines[-1].end))


def _blocks(lines: Sequence[Line], first: int, rows: int, gutter: int = 0) -> list[Block]:
    """Return what is above a table, the table, and what is below it.

    Args:
        lines: all lines.
        first: number of the table's first line.
        rows: number of the first row below the header.
        gutter: where the first column ends; a row goes on in lines that are blank there.
    """
    blocks = [_lead_in(lines[:first])] if first else []
    last = len(lines)
    while last > rows + 1 and _FOOTER.match(lines[last - 1].text):
        last -= 1
    end = lines[last - 1].end
    body = lines[rows].start if rows < last else end
    blocks.append(Block("table", lines[first].start, end, (body, end), children=_rows(lines[rows:last], gutter)))
    if last < len(lines):
        blocks.append(_paragraph(lines[last:]))
    return blocks


def _rows(lines: Sequence[Line], gutter: int) -> list[Block]:
    """Return the rows; one goes on to the border below it where there is a border between rows."""
    borders = [bool(BORDER.match(line.text.rstrip())) for line in lines]
    is_grid = any(borders[:-1])
    rows: list[Block] = []
    begins = True
    for line, is_border in zip(lines, borders, strict=True):
        goes_on = rows and (not begins if is_grid else bool(gutter and not line.text[:gutter].strip()))
        if goes_on:
            rows[-1].end = line.end
        else:
            unit: Kind = "markup" if is_border else "table_row"
            rows.append(Block("whole", line.start, line.end, (line.start, line.end), unit=unit))
        begins = is_border
    return rows


def _lead_in(lines: Sequence[Line]) -> Block:
    start, end = lines[0].start, lines[-1].end
    return Block("paragraph", start, end, (start, end))


def column_gutters(lines: Sequence[str]) -> list[int]:
    """Return where the blanks between columns begin: characters that are blank in all lines, at least two wide.

    Returns:
        The offsets in a line, without those before the first column; empty where lines have no columns.
    """
    lines = [line.expandtabs(8)[:MAX_COLUMN] for line in lines[:200]]
    if len(lines) < MIN_LINES or sum(bool(_SENTENCE.match(line.strip())) for line in lines) > len(lines) * 0.7:
        return []
    width = max(map(len, lines))
    filled = [False] * width
    for line in lines:
        for at, character in enumerate(line):
            if character != " ":
                filled[at] = True
    gutters, at = [], next((at for at, full in enumerate(filled) if full), width)
    while at < width:
        end = at
        while end < width and not filled[end]:
            end += 1
        if end - at >= 2 and sum(bool(line[end:].strip()) for line in lines) > len(lines) / 2:
            gutters.append(at)
        at = end + 1
    return gutters


def _has_header(lines: Sequence[Line], gutters: Sequence[int]) -> int:
    """Return how many lines are the header: a line of capitals, or one without numbers above columns that have some."""
    first = lines[0].text.strip()
    words = first.split()
    if first.isupper() and not any(map(_NUMBER.match, words)):
        return 1
    if any(map(_NUMBER.match, words)) or len(words) < len(gutters) + 1:
        return 0
    below = [line.text.split() for line in lines[1:]]
    numeric = sum(any(map(_NUMBER.match, cells)) for cells in below)
    return int(len(gutters) > 1 and numeric > len(below) / 2)
