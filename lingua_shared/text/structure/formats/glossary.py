"""Glossaries in plain text: ``Term: definition``, ``Term - definition``, or a term with ``: definition`` below it.

A short pair is one unit. Otherwise the term is support that each sentence of its definition needs.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex as re

from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.wrapped import add_labelled

_SHORT = 200  # characters
_TERM = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?(?P<term>[\p{L}\p{N}\"“'`][^\s:=]{0,40}(?: [^\s:=–—]{1,40}){0,5}?)"
    r"(?: (?P<sign>[-–—=]|--|::) |(?P<sign>:)[ \t]+)(?=\S)"
)
_BELOW = re.compile(r"[ \t]*:[ \t]+(?=\S)")
_ENDS = re.compile(r"[.!?]$")


def parse_glossary(part: Part) -> bool:
    """Add the terms of a glossary. Most of its paragraphs or lines begin with a term, each with another one."""
    lines = part.lines()
    starts = list(_below(lines))
    if not starts:
        starts = [(number, body) for number, line in enumerate(lines) if (body := _body(line))]
        if not _is_glossary(lines, starts):
            return False
    if any(not line.is_blank for line in lines[: starts[0][0]]):
        part.inner(part.start, lines[starts[0][0]].start).parse()
    for (first, body), last in zip(starts, [*(start for start, _ in starts[1:]), len(lines)], strict=True):
        start, end = lines[first].start, lines[last - 1].end
        add_labelled(part, start, body, end, ("term", "definition"), short=_SHORT)
    return True


def _below(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield terms with their definition in the next line, behind a colon: line, and where the definition begins."""
    for number, (line, behind) in enumerate(pairwise(lines)):
        match = _BELOW.match(behind.text)
        if match and not line.is_blank and not _BELOW.match(line.text) and len(line.text) <= _SHORT:
            yield number, behind.start + match.end()


def _body(line: Line) -> int:
    match = _TERM.match(line.text)
    return line.start + match.end() if match and not _ENDS.search(match["term"]) else 0


def _is_glossary(lines: Sequence[Line], starts: Sequence[tuple[int, int]]) -> bool:
    """Whether at least three lines begin with a term, most paragraphs do, and all with the same sign."""
    if len(starts) < 3:
        return False
    matches = [match for number, _ in starts if (match := _TERM.match(lines[number].text))]
    signs = {match["sign"] for match in matches}
    terms = {match["term"].lower() for match in matches}
    filled = [number for number, line in enumerate(lines) if not line.is_blank]
    paragraphs = sum(number == 0 or lines[number - 1].is_blank for number in filled)
    most = 3 * len(starts) >= 2 * min(len(filled), max(paragraphs, 1) if paragraphs > 2 else len(filled))
    long = sum(len(lines[number].text) - match.end() > 15 for (number, _), match in zip(starts, matches, strict=True))
    return len(signs) == 1 and 4 * len(terms) > 3 * len(starts) and most and 2 * long > len(starts)
