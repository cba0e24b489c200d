"""CSV and its kin: records of fields parted by commas, tabs, semicolons or bars, with quoting."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.blocks import Block
from lingua_shared.text.structure.formats.markdown_signs import signs
from lingua_shared.text.structure.part import Line, Part

DELIMITERS = "\t;|,"
MIN_SAME = 0.9  # of the records have the same number of fields
MAX_NAME = 40  # characters of a field's name in a header
MAX_COMMENTS = 20  # lines above a table that begin with "#"

_VALUE = re.compile(
    r"[-+$€£¥]?[\d\s.,:/%+\-]*+(?<=\d)(?:[KMGT]?B|[ap]m|[%°€$]|[TZ\d:.+\-]*+)?$"
    r"|(?i:true|false|yes|no|null|none|n/?a)$|\S{1,64}@\S{1,64}\.\S{1,20}$|https?:"
)
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True)
class Record:
    """A record: its fields, and the characters from start to end, with the line break."""

    fields: list[str]
    start: int
    end: int


def parse_delimited(part: Part) -> bool:
    """Add the units of a text that is such a table, perhaps with a few lines of text around it."""
    if "\n" not in part.text:
        return False
    lines = part.lines()
    whole = _table(lines)
    if whole:
        write_blocks(part, whole)
        return True
    blocks: list[Block] = []
    rows = 0
    for is_blank, group in groupby(lines, key=lambda line: line.is_blank):
        chunk = list(group)
        if is_blank:
            continue
        table = _table(chunk)
        if not table and len(chunk) > 3:  # a title right above the table
            table = _table(chunk[1:])
            if table:
                blocks.append(Block("paragraph", chunk[0].start, chunk[0].end, (chunk[0].start, chunk[0].end)))
        start, end = chunk[0].start, chunk[-1].end
        blocks += table or [Block("paragraph", start, end, (start, end))]
        rows += len(chunk) if table else 0
    filled = [line.text for line in lines if not line.is_blank]
    if rows <= len(filled) / 2 or signs(filled).strong:
        return False
    write_blocks(part, blocks)
    return True


def _table(lines: Sequence[Line]) -> list[Block]:
    """Return lines as a table, with comments above it; nothing where they are none."""
    comments, above = 0, lines
    while comments < len(lines) and lines[comments].text.startswith("#") and comments < MAX_COMMENTS:
        comments += 1
    lines = lines[comments:]
    if any(line.text.startswith("|") for line in lines[:2]):
        return []  # a table in Markdown
    for delimiter in DELIMITERS:
        sample = list(_records(lines[:60], delimiter))
        if not _is_tabular(sample, delimiter):
            continue
        records = list(_records(lines, delimiter))
        if not _is_tabular(records, delimiter):
            continue
        rows = records[1:] if has_header([record.fields for record in records[:200]]) else records
        children = [Block("whole", row.start, row.end, (row.start, row.end), unit="table_row") for row in rows]
        start, end = records[0].start, records[-1].end
        table = Block("table", start, end, (rows[0].start if rows else end, end), children=children)
        comment = Block("whole", above[0].start, start, (above[0].start, start), unit="comment")
        return [comment, table] if comments else [table]
    return []


def _records(lines: Sequence[Line], delimiter: str) -> Iterator[Record]:
    """Return the records; one may go over several lines."""
    reader = csv.reader((line.text for line in lines), delimiter=delimiter, skipinitialspace=True)
    before = 0
    for fields in reader:
        if fields:
            yield Record(fields, lines[before].start, lines[reader.line_num - 1].end)
        before = reader.line_num


def _is_tabular(records: Sequence[Record], delimiter: str) -> bool:
    """Whether records have the same number of fields, and are no running text with commas."""
    widths = Counter(len(record.fields) for record in records)
    if len(records) < 2:
        return False
    width, same = widths.most_common(1)[0]
    if width < 2 or same < MIN_SAME * len(records) - 1 or same < 2:
        return False
    if any(not "".join(record.fields).strip("-+=:|. \t") for record in records):
        return False  # a line is drawn: a table of another kind
    cells = [cell for record in records for cell in record.fields]
    if delimiter == "\t":
        return sum(bool(record.fields[0].strip()) for record in records) > len(records) / 2
    if delimiter in ",;":
        values = sum(bool(_VALUE.match(cell.strip())) for cell in cells)
        spaced = sum(cell.count(" ") for cell in cells)
        return len(records) >= (3 if width == 2 else 2) and _is_terse(values, spaced, len(cells), width)
    return width > 2 or len(records) > 2


def _is_terse(values: int, spaces: int, cells: int, width: int) -> bool:
    """Whether cells are values, or names of few words, and no parts of sentences."""
    return values > cells / 6 or (spaces < cells / 2 and width > 2)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows is a header: names, all different, and no values."""
    names = [name.strip() for name in rows[0]]
    filled = [name for name in names if name]
    if len(rows) < 2 or len(filled) < max(len(names) - 1, 1) or len(set(filled)) < len(filled):
        return False
    values = [name for name in filled if _VALUE.match(name)]
    years = [int(value) for value in values if _YEAR.match(value)]
    if len(years) < len(values) or len(values) == len(filled) or (years and (len(years) < 2 or sorted(years) != years)):
        return False
    if any(len(name) > MAX_NAME or name[-1] in ".!?" for name in filled):
        return False
    return not any(name and name in (row[at] for row in rows[1:] if at < len(row)) for at, name in enumerate(names))
