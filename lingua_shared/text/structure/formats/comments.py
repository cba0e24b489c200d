"""Comments in lines of their own, in files of settings: paragraphs of running text, and settings that are off."""

from collections.abc import Iterator, Sequence

import regex as re

from lingua_shared.text.structure.part import Line
from lingua_shared.text.structure.tree import Node

_SETTING = re.compile(r"[ \t]*+[#;]+[ \t]?(?:export )?[\w.\-]++(?:[ \t]*+=|:[ \t])")
_EMPTY = re.compile(r"[ \t]*+[#;\-=*\s]*+$")
_ENDS_SENTENCE = re.compile(r"[.!?\u3002\uff01\uff1f][\"')]?\s*$")

LONG_COMMENT = 300
"""Characters from which a paragraph of comments is split where a sentence ends at the end of a line."""


def comment_nodes(lines: Sequence[Line]) -> Iterator[Node]:
    """Yield the paragraphs of comment lines; a line with a setting that is off is a field of its own."""
    first: Line | None = None
    for at, line in enumerate(lines):
        if _SETTING.match(line.text):
            yield Node(line.start, _end(line), "field")
            continue
        first = first or line
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is None or _ends(line, following, line.end - first.start):
            yield Node(first.start, _end(line), "comment")
            first = None


def _ends(line: Line, following: Line, length: int) -> bool:
    if _SETTING.match(following.text):
        return True
    if _EMPTY.match(line.text):
        return not _EMPTY.match(following.text)
    return length > LONG_COMMENT and bool(_ENDS_SENTENCE.search(line.text))


def _end(line: Line) -> int:
    return line.start + len(line.text.rstrip())
