"""Changelogs in plain text: a line that names a release, and below it what changed, in items or indented.

So are changelogs of Debian packages and of GNU programs. Those with underlined releases are Markdown or
reStructuredText.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from lingua_shared.text.structure.block_writer import write_blocks
from lingua_shared.text.structure.blocks import Block, names_release
from lingua_shared.text.structure.formats.markdown import markdown_blocks
from lingua_shared.text.structure.part import Line, Part

MAX_LINE = 160  # characters of a line that names a release

_DEBIAN = re.compile(r"[a-z0-9][a-z0-9.+\-]* \([^()\s]+\) [\w ,.\-]+; *urgency=")
_GNU = re.compile(r"\d{4}-\d{2}-\d{2}[ \t]{1,4}\S[^\n]{0,80}<[^<>\s]+@[^<>\s]+>\s*$")
_RPM = re.compile(r"\* (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d{4} ")
_UNDERLINE = re.compile(r"(=+|-+|~+|\*+)\s*$")
_CHANGE = re.compile(r"[ \t]*(?:[-*+•o]|\d{1,3}[.)]|\[[\w ]{1,20}\])[ \t]+\S|[ \t]{1,}\S")


def parse_changelog(part: Part) -> bool:
    """Add the units of a changelog; False for another text."""
    if "\n" not in part.text:
        return False
    lines = part.lines()
    releases = [number for number, line in enumerate(lines) if _names_release(lines, number)]
    styled = sum(bool(_DEBIAN.match(lines[number].text) or _GNU.match(lines[number].text)) for number in releases)
    if len(releases) < (1 if styled else 2):
        return False
    ends = [*releases[1:], len(lines)]
    blocks = _between(part, lines[: releases[0]])
    for number, end in zip(releases, ends, strict=True):
        line = lines[number]
        blocks.append(Block("heading", line.start, line.end, (line.start, line.end), level=1, is_needed=True))
        blocks += _between(part, lines[number + 1 : end])
    write_blocks(part, blocks)
    return True


def _between(part: Part, lines: Sequence[Line]) -> list[Block]:
    if not lines:
        return []
    blocks = markdown_blocks(replace(part, start=lines[0].start, end=lines[-1].end), tabs=False)
    return [replace(block, level=block.level + 1) if block.kind == "heading" else block for block in blocks]


def _names_release(lines: Sequence[Line], number: int) -> bool:
    """Whether a line names a release, and what changed stands below it."""
    text = lines[number].text.rstrip()
    if not text or len(text) > MAX_LINE or text[0].isspace():
        return False
    if _DEBIAN.match(text) or _GNU.match(text) or _RPM.match(text):
        return True
    if text[0] in "#-*+>|=." or not names_release(text):
        return False
    below = [line.text for line in lines[number + 1 : number + 8] if not line.is_blank][:3]
    return any(map(_CHANGE.match, below)) and not _UNDERLINE.match(below[0])
