"""Lines, rows and hunks of a text that are kept or left out as a whole, and the marker that counts and names them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex as re

from lingua_shared.text.structure.units import Structure, TextUnit

PLACE = "{left_out}"
"""Stands in the option `gap_marker` for what is left out, such as "142 lines left out: 88-229"."""

_LINE_FORMATS = frozenset({"log", "code", "shell", "diff", "lines"})
_TABLE_KINDS = frozenset({"table_row", "table_header", "markup"})
_FRAME = re.compile(r"[ \t]*+(?:Traceback \(most|File \"[^\"\n]*+\", line \d|at \S.*+\(|Caused by: |\.\.\. \d+ more)")
_PLACE_IN_FILE = re.compile(r"[ \t]+File \"[^\"\n]*+\", line \d+")
_FRAMES_SHARE = 1 / 3  # of the lines of a traceback; each other one shows source
_SAID = re.compile(r"\b\d+ (?:line|row|hunk)s? left out: (?:lines? )?\d")

Interval = tuple[int, int]


def left_out(unit: str, first: int, last: int) -> str:
    """Return what a marker says of units that are left out, such as "12 rows left out: 4-15".

    Args:
        unit: name of one of them.
        first: number of the first one, from 1.
        last: number of the last one.
    """
    return f"{counted(last - first + 1, unit)} left out: {numbers(first, last)}"


def counted(count: int, unit: str) -> str:
    """Return a number of units in words, such as "3 rows"."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def numbers(first: int, last: int) -> str:
    """Return the first and the last number of several units, or the number of one."""
    return str(first) if first == last else f"{first}-{last}"


def says_left_out(text: str) -> bool:
    """Whether a text says by itself that lines, rows or hunks are left out, so that markers would be confused."""
    return _SAID.search(text) is not None


@dataclass(frozen=True)
class SourceLines:
    """The lines of a text, and its rows or hunks where it has such.

    Attributes:
        length: characters of the text.
        starts: first character of each line.
        borders: where something may be left out, with 0 and the length. Each is the start of a line.
        rows: rows of a table, which follow each other; a header is none.
        hunks: of a diff, each with its header.
    """

    length: int
    starts: Sequence[int]
    borders: Sequence[int]
    rows: Sequence[Interval] = ()
    hunks: Sequence[Interval] = ()

    def around(self, spans: Sequence[Interval], marker: str) -> list[str] | None:
        """Return what stands before, between and behind spans, one text more than spans.

        Args:
            spans: in order, none of them empty.
            marker: has `PLACE` in it.

        Returns:
            A marker on a line of its own where something is left out, else ""; None where spans are no whole lines.
        """
        edges = [0, *(edge for span in spans for edge in span), self.length]
        if not spans or not all(self._is_border(edge) for edge in edges):
            return None
        return [self._marker(start, end, marker) for start, end in zip(edges[::2], edges[1::2], strict=True)]

    def whole(self, spans: Iterable[Interval], marker: str) -> list[Interval]:
        """Return spans in order that are whole lines, rows or hunks and have all characters of the given ones.

        What is left out between two of them is longer than the marker that says so.
        """
        wide = [(self._before(start), self._behind(end)) for start, end in sorted(spans)]
        joined: list[Interval] = []
        for start, end in wide:
            before = joined[-1][1] if joined else 0
            is_short = start - before <= len(self._marker(before, start, marker)) if start > before else True
            if is_short and (joined or start > before):
                first = joined.pop()[0] if joined else 0
                joined.append((first, max(end, before)))
            else:
                joined.append((start, end))
        if joined and self.length - joined[-1][1] <= len(self._marker(joined[-1][1], self.length, marker)):
            joined[-1] = (joined[-1][0], self.length)
        return joined

    def _marker(self, start: int, end: int, marker: str) -> str:
        if start >= end:
            return ""
        return marker.replace(PLACE, self._said(start, end)) + ("\n" if end < self.length else "")

    def _said(self, start: int, end: int) -> str:
        first, last = bisect_right(self.starts, start), bisect_right(self.starts, end - 1)
        rows = _inside(self.rows, start, end)
        if rows and (self.rows[rows[0]][0], self.rows[rows[-1]][1]) == (start, end):
            return left_out("row", rows[0] + 1, rows[-1] + 1)
        hunks = _inside(self.hunks, start, end)
        if hunks and not _cuts(self.hunks, start) and not _cuts(self.hunks, end):
            place = numbers(first, last)
            return f"{counted(len(hunks), 'hunk')} left out: {'line' if first == last else 'lines'} {place}"
        return left_out("line", first, last)

    def _is_border(self, place: int) -> bool:
        at = bisect_left(self.borders, place)
        return at < len(self.borders) and self.borders[at] == place

    def _before(self, place: int) -> int:
        return self.borders[bisect_right(self.borders, place) - 1]

    def _behind(self, place: int) -> int:
        return self.borders[bisect_left(self.borders, place)]


def lines_of(text: str, structure: Structure) -> SourceLines | None:
    """Return the lines of a log, a traceback, source code, a diff or a table; None for a text of another kind.

    Args:
        text: the text.
        structure: its units.
    """
    starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
    if starts[-1] == len(text):
        starts.pop()
    if len(starts) < 2 or says_left_out(text):
        return None
    edges = [*starts, len(text)]
    rows = _rows(structure, frozenset(starts))
    if rows:
        return SourceLines(len(text), starts, sorted({0, *(edge for row in rows for edge in row), len(text)}), rows)
    lines = [text[start:end] for start, end in pairwise(edges)]
    if structure.format not in _LINE_FORMATS and not _is_traceback(lines):
        return None
    hunks = _hunks(text, structure.units) if structure.format == "diff" else ()
    return SourceLines(len(text), starts, _borders(starts, lines, len(text)), hunks=hunks)


def _rows(structure: Structure, starts: frozenset[int]) -> list[Interval]:
    """Return the rows of a text that is one table and nothing else, whose rows begin lines."""
    units = structure.units
    if not {unit.kind for unit in units} <= _TABLE_KINDS:
        return []
    rows = [(unit.start, unit.end) for unit in units if unit.kind == "table_row" and unit.role == "content"]
    follow = all(one[1] == other[0] for one, other in pairwise(rows))
    is_last = bool(rows) and rows[-1][1] == units[-1].end
    return rows if is_last and follow and all(start in starts for start, _ in rows) else []


def _is_traceback(lines: Sequence[str]) -> bool:
    frames = sum(bool(_FRAME.match(line)) for line in lines)
    return frames >= _FRAMES_SHARE * sum(bool(line.strip()) for line in lines)


def _borders(starts: Sequence[int], lines: Sequence[str], length: int) -> list[int]:
    """Return where lines begin; a place in a traceback and the line of source below it stay together."""
    borders = [0]
    for (above, line), start in zip(pairwise(lines), starts[1:], strict=True):
        is_source = _PLACE_IN_FILE.match(above) and _indent(line) > _indent(above)
        if not is_source:
            borders.append(start)
    return [*borders, length]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _hunks(text: str, units: Sequence[TextUnit]) -> list[Interval]:
    """Return the hunks of a diff: the units from a header with numbers of lines to the next header or other text."""
    hunks: list[Interval] = []
    is_open = False
    for unit in units:
        begins = unit.kind == "diff_line" and text.startswith("@@", unit.start)
        is_open = begins or (is_open and unit.kind == "diff_line" and unit.role == "content")
        if begins:
            hunks.append((unit.start, unit.end))
        elif is_open:
            hunks[-1] = (hunks[-1][0], unit.end)
    return hunks


def _cuts(spans: Sequence[Interval], place: int) -> bool:
    """Whether a character is inside one of the spans, which are in order, and not its first one."""
    at = bisect_left(spans, (place, 0)) - 1
    return at >= 0 and place < spans[at][1]


def _inside(spans: Sequence[Interval], start: int, end: int) -> range:
    """Return the numbers of spans, in order, that are between two characters."""
    first = bisect_left(spans, (start, start))
    last = bisect_right(spans, end, lo=first, key=lambda span: span[1])
    return range(first, last)
