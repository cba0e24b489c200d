"""Reads the lines of YAML: which lines belong together, and whether they have a key, a dash or a value.

It reads lines and not the grammar of YAML, because a passage is often a part of a file, or a template.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex as re

from lingua_shared.text.structure.part import Line

EntryKind = Literal["comment", "document", "end", "entry"]

_KEY = re.compile(
    r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[^\s#\-?:,\[\]{}&*!|>'"%@`][^:\n]*+(?::(?!\s|\Z)[^:\n]*+)*+"""
    r"""|[\-?:](?=[^\s:])[^:\n]*+(?::(?!\s|\Z)[^:\n]*+)*+|<<)\s*+:(?=\s|\Z)"""
)
_MAX_KEY_LENGTH = 100  # characters
_PROPERTIES = re.compile(r"(?:[ \t]*+[&!][^\s,\[\]{}]*+(?=\s|\Z))*+[ \t]*+")
_BLOCK_SCALAR = re.compile(r"[|>][\-+\d]{0,2}[ \t]*+(?:#.*)?$")
_COMMENT = re.compile(r"#|\Z")
_FLOW_TOKEN = re.compile(
    r"""[\[{]|[\]}]|(?<=[\[{,:=\s])(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')|(?<=\s)#[^\n]*+|[^\[\]{}"'#]++|.""", re.DOTALL
)


class NotYamlError(ValueError):
    """The lines are no YAML."""


@dataclass(slots=True)
class Entry:
    """A line, or several that belong together.

    Attributes:
        kind: what it is.
        start: first character of its first line.
        end: one behind its last character, without the line break.
        head: end of its first line.
        dashes: columns of its dashes.
        column: where its key or value begins.
        key: its key, without quotation marks; None where it has none.
        has_value: whether a value stands in it.
        is_block: whether its value is a block scalar, in the lines behind the first.
    """

    kind: EntryKind
    start: int
    end: int
    head: int = 0
    dashes: tuple[int, ...] = ()
    column: int = 0
    key: str | None = None
    has_value: bool = False
    is_block: bool = False


def read_entries(text: str, lines: Sequence[Line]) -> Iterator[Entry]:
    """Yield the entries of a text, in order.

    Args:
        text: the whole text; offsets are its own.
        lines: those to read.

    Raises:
        NotYamlError: a line is indented by tabs.
    """
    at = 0
    may_span = True
    while at < len(lines):
        line = lines[at]
        content = line.text.strip()
        if not content:
            at += 1
        elif content[0] == "#":
            last = _end_of_comment(lines, at)
            yield Entry("comment", line.start, _end(lines[last - 1]))
            at = last
        elif line.indent == 0 and content[0] in "-.%" and (marker := _marker(content)):
            yield Entry(marker, line.start, _end(line))
            at += 1
        else:
            entry, value = _read_line(line)
            last = _last_line(text, lines, at, entry, value) if may_span else at + 1
            if not last:
                may_span, last = False, at + 1
            entry.end = _end(lines[last - 1])
            yield entry
            at = last


def _end(line: Line) -> int:
    return line.start + len(line.text.rstrip())


def _marker(content: str) -> EntryKind | None:
    if content[0] == "%" or content[:4].strip() == "---":
        return "document"
    return "end" if content == "..." else None


def _end_of_comment(lines: Sequence[Line], at: int) -> int:
    while at < len(lines) and lines[at].text.lstrip()[:1] == "#":
        at += 1
    return at


def _read_line(line: Line) -> tuple[Entry, str]:
    """Return the entry of a line, and its value as far as it stands there."""
    text = line.text.rstrip()
    if "\t" in text[: line.indent]:
        msg = "indented by tabs"
        raise NotYamlError(msg)
    position, dashes = line.indent, []
    while text[position : position + 2] in ("- ", "-"):
        dashes.append(position)
        position += 1 + len(text[position + 1 :]) - len(text[position + 1 :].lstrip(" "))
        if len(dashes) > 10:
            msg = "a row of dashes"
            raise NotYamlError(msg)
    entry = Entry("entry", line.start, line.end, _end(line), tuple(dashes), position)
    key = _KEY.match(text, position)
    if key and key.end() - position <= _MAX_KEY_LENGTH and " #" not in key.group():
        entry.key = key.group()[:-1].strip().strip("\"'")
        position = key.end()
    properties = _PROPERTIES.match(text, position)
    value = text[properties.end() if properties else position :]
    entry.has_value = not _COMMENT.match(value)
    entry.is_block = bool(_BLOCK_SCALAR.match(value))
    return entry, value


def _last_line(text: str, lines: Sequence[Line], at: int, entry: Entry, value: str) -> int:
    """Return one behind the last line of an entry's value; 0 where a bracket or quotation never closes."""
    if not entry.has_value or (entry.key is None and not entry.dashes and value[0] not in "[{\"'|>"):
        return at + 1
    base = entry.column if entry.key is not None else (entry.dashes or (-1,))[-1]
    if value[0] in "[{\"'":
        end = flow_end(text, lines[at].start + len(lines[at].text.rstrip()) - len(value), lines[-1].end)
        if end is None:
            return 0
        at += 1
        while at < len(lines) and lines[at].start < end:
            at += 1
        return at
    return _deeper(lines, at + 1, base, entry.is_block)


def _deeper(lines: Sequence[Line], at: int, base: int, is_block: bool) -> int:  # noqa: FBT001
    """Return one behind the last line that is indented more than a column; blank lines at the end do not count."""
    last = at
    while at < len(lines):
        line = lines[at]
        if not line.is_blank:
            if line.indent <= base or (not is_block and line.text.lstrip()[0] == "#"):
                break
            last = at + 1
        at += 1
    return last


def flow_end(text: str, start: int, limit: int) -> int | None:
    """Return where a quotation or a flow collection ends; None where it does not."""
    depth, position = 0, start
    while position < limit:
        match = _FLOW_TOKEN.match(text, position, limit)
        if match is None:
            return None
        found, position = match.group(), match.end()
        if found in ('"', "'") and not depth:
            return None
        depth += (found in ("[", "{")) - (found in ("]", "}"))
        if depth <= 0:
            return position
    return None
