"""Logs: an entry is a line that begins with a time or a level, with the lines that go on with it.

An entry with a few lines is one unit. Behind a longer one, such as one with a stack trace, each line is a unit that
needs the entry's first line; two lines of a Python traceback that belong together are one.
"""

import re
from collections.abc import Sequence

from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.wrapped import add_labelled

MAX_LINES = 4
"""Lines of an entry that is one unit."""

_LONG_LINE = 300  # characters

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|PANIC|EMERG|ALERT)"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?"
_DATE = r"(?:\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/.]\d{2}[-/.]\d{2,4}|\d{2}/[A-Z][a-z]{2}/\d{4})"
_ENTRY = re.compile(
    r"[ \t]{0,8}(?:<\d{1,3}>(?:1 )?)?(?:"
    rf"[\[(]?{_DATE}(?:[T ,:]{{1,2}}{_CLOCK}|[ \t]+{_LEVEL}\b|[\])]|[ \t]+\d{{2}}:\d{{2}}\b)"
    rf"|[\[(]?(?:[A-Z][a-z]{{2}},? )?[A-Z][a-z]{{2}} [ \d]\d (?:\d{{4}} )?{_CLOCK}"
    rf"|[\[(]?{_CLOCK}[\])]?[ \t|:\-]"
    r"|\[ *\d{1,8}\.\d{3,9}\]|[IWEFD]\d{4} \d{2}:\d{2}:\d{2}"
    rf"|[\[(<]?{_LEVEL}[\])>]?(?:[ \t]*[:|\-\[(]|[ \t]{{1,8}}\S|\t)"
    r"|(?:level|lvl|ts|time|timestamp)=\S"
    r"|(?:\d{1,3}\.){3}\d{1,3} \S{1,40} \S{1,40} \["
    r"|\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2}"
    r"|1[5-9]\d{8}(?:\.\d{1,9}|\d{3})?[ \t]"
    r")"
)
_FRAME = re.compile(r"[ \t]*(?:at |File \"|\.\.\. |Caused by|Suppressed|Traceback|in |from |#?\d+[: ]|goroutine )")
_PAIR = re.compile(r"[ \t]+File \"[^\"\n]*\", line \d+")


def parse_log(part: Part) -> bool:
    """Add the entries of a log. At least three lines, and most of those that are not indented, begin entries."""
    lines = part.lines()
    starts = [number for number, line in enumerate(lines) if _ENTRY.match(line.text)]
    if len(starts) < 2 or not _is_log(lines, starts):
        return False
    if starts[0]:
        _add_lines(part, lines[: starts[0]], ())
    for first, last in zip(starts, [*starts[1:], len(lines)], strict=True):
        _add_entry(part, lines[first:last])
    return True


def _is_log(lines: Sequence[Line], starts: Sequence[int]) -> bool:
    entries = set(starts)
    others = [
        line
        for number, line in enumerate(lines)
        if number not in entries and not line.is_blank and not line.indent and not _FRAME.match(line.text)
    ]
    long = sum(len(lines[number].text) > 2 * _LONG_LINE for number in starts)
    enough = len(starts) > 2 or len(others) == 0
    return enough and len(others) <= len(starts) and long <= len(starts) // 2


def _add_entry(part: Part, lines: Sequence[Line]) -> None:
    while lines[-1].is_blank:
        lines = lines[:-1]
    first, end = lines[0], lines[-1].end
    if len(lines) <= MAX_LINES and end - first.start <= 4 * _LONG_LINE:
        part.add(first.start, end, "log_entry")
        return
    if first.end - first.start > _LONG_LINE:
        match = _ENTRY.match(first.text)
        body = first.start + (match.end() if match else 0)
        numbers = add_labelled(part, first.start, body, first.end, ("key", "log_entry"))
    else:
        numbers = [part.add(first.start, first.end, "log_entry")]
    if len(lines) > 1:
        _add_lines(part, lines[1:], numbers[:1])


def _add_lines(part: Part, lines: Sequence[Line], needs: Sequence[int]) -> None:
    """Add lines that go on with an entry; a place in a traceback and its line of code are one unit."""
    at = 0
    while at < len(lines):
        pair = _PAIR.match(lines[at].text) and at + 1 < len(lines) and lines[at + 1].indent > lines[at].indent
        last = at + 2 if pair else at + 1
        if not lines[at].is_blank:
            part.add(lines[at].start, lines[last - 1].end, "log_entry", needs=needs)
        at = last
