"""Unified diffs, also as patches in an e-mail or as the output of ``git log -p``.

A short hunk is one unit with its header. Of a longer one, each change is a unit: removed and added lines side by side
stay together. Everything needs the header of its file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.text.structure.part import Line, Part

MAX_LINES = 12
"""Lines of a hunk, or of a change, that is one unit."""

_HUNK = re.compile(r"@@+ -\d+(?:,(\d+))? (?:-\d+(?:,\d+)? )?\+\d+(?:,(\d+))? @@")
_FILE = re.compile(r"(?:diff |Index: |Only in |Binary files )|--- \S|={20,}$")
_HEADER = re.compile(
    r"(?:diff |index [0-9a-f]|Index: |--- |\+\+\+ |={20,}$|(?:new|deleted) file|(?:old|new) mode|similarity|"
    r"dissimilarity|rename |copy |GIT binary|Binary files )"
)


@dataclass
class _State:
    """Where the reading of a diff stands: the number of the file's header, and the lines."""

    part: Part
    lines: Sequence[Line]
    file: tuple[int, ...] = ()


def parse_diff(part: Part) -> bool:
    """Add the units of a unified diff: it has at least one header of a hunk with numbers of lines."""
    if "@@ -" not in part.text:
        return False
    lines = part.lines()
    if not any(_HUNK.match(line.text) for line in lines):
        return False
    state, at = _State(part, lines), 0
    while at < len(lines):
        at = _add_next(state, at)
    return True


def _add_next(state: _State, at: int) -> int:
    """Add what begins at a line: a hunk, the header of a file, or other text; return the line behind it."""
    lines = state.lines
    if _HUNK.match(lines[at].text):
        return _add_hunk(state, at, _hunk_end(lines, at))
    if _begins_file(lines, at):
        last = at + 1
        while last < len(lines) and _HEADER.match(lines[last].text):
            last += 1
        state.file = (state.part.add(lines[at].start, lines[last - 1].end, "diff_line", role="support"),)
        return last
    last, is_hunk = at, lines[at].text[:1] in "+-" and at == 0
    while last < len(lines) and not _HUNK.match(lines[last].text) and not _begins_file(lines, last):
        last += 1
    if is_hunk:
        return _add_lines(state, at, last, state.file)
    if any(not line.is_blank for line in lines[at:last]):
        state.part.inner(lines[at].start, lines[last - 1].end).parse()
    return last


def _begins_file(lines: Sequence[Line], at: int) -> bool:
    if not _FILE.match(lines[at].text):
        return False
    behind = lines[at + 1].text if at + 1 < len(lines) else ""
    return bool(_HEADER.match(behind)) or lines[at].text.startswith(("diff ", "Index: ", "Binary "))


def _hunk_end(lines: Sequence[Line], at: int) -> int:
    """Return where a hunk ends: its header says how many old and new lines it has."""
    match = _HUNK.match(lines[at].text)
    old, new = (int(count or 1) for count in match.groups()) if match else (0, 0)
    last = at + 1
    while last < len(lines) and (old > 0 or new > 0):
        sign = lines[last].text[:1]
        if sign not in "+- \n\t\r":
            break
        old -= sign != "+"
        new -= sign != "-"
        last += 1
    while last < len(lines) and lines[last].text.startswith("\\"):
        last += 1
    return last


def _add_hunk(state: _State, at: int, last: int) -> int:
    lines = state.lines
    if last - at <= MAX_LINES + 1:
        state.part.add(lines[at].start, lines[last - 1].end, "diff_line", needs=state.file)
        return last
    header = state.part.add(lines[at].start, lines[at].end, "diff_line", role="support", needs=state.file)
    return _add_lines(state, at + 1, last, (header, *state.file))


def _add_lines(state: _State, at: int, last: int, needs: Sequence[int]) -> int:
    """Add lines of a hunk in runs: changed lines together, unchanged ones together, none longer than `MAX_LINES`."""
    lines, first = state.lines, at
    for number in range(at, last + 1):
        ends = number == last or number - first == MAX_LINES or _is_change(lines[number]) != _is_change(lines[first])
        if ends and number > first:
            if any(not line.is_blank for line in lines[first:number]):
                state.part.add(lines[first].start, lines[number - 1].end, "diff_line", needs=needs)
            first = number
    return last


def _is_change(line: Line) -> bool:
    return line.text[:1] in ("+", "-", "\\")
