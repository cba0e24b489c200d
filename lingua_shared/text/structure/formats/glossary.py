"""Glossaries in plain text: lines or paragraphs such as ``Term: definition`` or ``Term - definition``.

A short pair is one unit. Otherwise the term is support that each sentence of its definition needs.
"""

from collections.abc import Sequence

import regex as re

from lingua_shared.text.structure.formats.markdown_signs import has_markup
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.wrapped import add_labelled

_SHORT = 200  # characters
_TERM = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?(?P<term>[\p{L}\p{N}\"“'`][^\s:=]{0,40}(?: [^\s:=–—]{1,40}){0,5}?)"
    r"(?: (?P<sign>[-–—=]|--|::) |(?P<sign>:)[ \t]+)(?=\S)"
)
_ENDS = re.compile(r"[.!?]$")


def parse_glossary(part: Part) -> bool:
    """Add the terms of a glossary. Most of its paragraphs or lines begin with a term, each with another one."""
    lines = part.lines()
    if has_markup([line.text for line in lines]):
        return False
    starts = [(number, body) for number, line in enumerate(lines) if (body := _body(line))]
    if not _is_glossary(lines, starts):
        return False
    if any(not line.is_blank for line in lines[: starts[0][0]]):
        part.inner(part.start, lines[starts[0][0]].start).parse()
    for (first, body), last in zip(starts, [*(start for start, _ in starts[1:]), len(lines)], strict=True):
        start, end = lines[first].start, lines[last - 1].end
        add_labelled(part, start, body, end, ("term", "definition"), short=_SHORT)
    return True


def _body(line: Line) -> int:
    match = _TERM.match(line.text)
    is_term = match and not _ENDS.search(match["term"]) and _is_whole(match["term"])
    return line.start + match.end() if match and is_term else 0


def _is_whole(term: str) -> bool:
    """Whether no code, bracket or quotation begins in a term and ends behind it."""
    pairs = all(term.count(a) == term.count(b) for a, b in ("()", "[]", "{}", "“”"))
    return pairs and term.count("`") % 2 == 0 and term.count('"') % 2 == 0


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
