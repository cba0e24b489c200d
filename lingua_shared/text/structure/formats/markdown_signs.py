"""Signs by which a text is known to be Markdown: cheap, and strict enough to leave running text alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_FENCE = re.compile(r"[ \t>]{0,12}(`{3,}|~{3,})([^`]*)$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+\S")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*$")
_DELIMITER_ROW = re.compile(r"[ \t>]{0,12}\|?[ \t]*:?-{1,}:?[ \t]*(?:\|[ \t]*:?-{1,}:?[ \t]*)*\|?[ \t]*$")
_ROW = re.compile(r"[ \t]{0,8}\|.*\|[ \t]*$")
_BULLET = re.compile(r"[ \t]{0,40}(?:[-*+])[ \t]+\S")
_NUMBERED = re.compile(r"[ \t]{0,40}(\d{1,9})[.)][ \t]+\S")
_LINK = re.compile(
    r"\]\((?:https?:|[./#]|mailto:|[\w\-]+(?:[./][\w\-]+)+)|^ {0,3}\[[^\[\]]{1,100}\]:[ \t]+\S"
    r"|[^\[\]\s]\]\[[\w\-. ]{1,40}\]|!\[[^\[\]]{0,200}\][(\[]"
)
_EMPHASIS = re.compile(r"(?<![*\w])\*\*[^\s*][^*\n]{0,200}\*\*|(?<![_\w])__[^\s_][^_\n]{0,200}__(?!\w)")
_DEFINITION = re.compile(r" {0,3}:[ \t]{1,4}\S")
_FRONT_MATTER = re.compile(r"---[ \t]*$")


@dataclass(frozen=True)
class Signs:
    """What was found.

    Attributes:
        any: whether the text is parsed as Markdown.
        strong: whether it surely is Markdown, so that four blanks before a line make code of it.
        cut_code: number of the line with the fence at which a code block ends that began before the text; 0 for none.
    """

    any: bool
    strong: bool
    cut_code: int


def signs(lines: Sequence[str]) -> Signs:
    """Return the signs of Markdown in the lines of a text."""
    lines = [line.rstrip("\r\n") for line in lines]
    fences, cut_code = _fences(lines)
    strong = (
        fences or _has_heading(lines) or _has_table(lines) or any("[" in line and _LINK.search(line) for line in lines)
    )
    weak = strong or _has_list(lines) or _has_underline(lines) or any(map(_is_other, lines))
    front = bool(lines and _FRONT_MATTER.match(lines[0]) and len(lines) > 2)
    return Signs(weak or front or _has_definition(lines), strong, cut_code)


def has_markup(lines: Sequence[str]) -> bool:
    """Whether a text has signs of Markdown other than lists and definitions, which plain text has, too."""
    return signs(lines).strong or _has_underline(lines) or any(map(_is_other, lines))


_CODE = re.compile(
    r"\s*(?:import|from|def|class|return|if|for|while|else|elif|try|fn|func|let|const|var|function|public|private|#include|use|end)\b"
    r"[^.]*[:;{})\w]$|#[\w!;\-]|.*[;{}]$|\s*[})\]];?$|\s*@\w|\s*[\w.\-]+\s?=\s?\S"
)
_SETTING = re.compile(r"\s*-?\s*[\w.\-]+\s?[:=]\s?\S")
_OTHER = re.compile(r"(?:\*\*)?Q\d{0,3}[:.]|(?:From|To|Subject|Date|User|Human|Assistant): ")


def is_document(lines: Sequence[str]) -> bool:
    """Whether lines are surely Markdown, so that no other format needs to be tried: headings or tables, no code."""
    outside, inside = [], False
    for line in lines:
        if _FENCE.match(line):
            inside = not inside
        elif not inside and line.strip():
            outside.append(line.rstrip("\r\n"))
    if any(map(_OTHER.match, outside)):
        return False
    code = sum(bool(_CODE.match(line) or _SETTING.match(line)) for line in outside)
    headings = sum(bool(_HEADING.match(line) or _UNDERLINE.match(line)) for line in outside)
    if code * 5 > len(outside) or headings * 3 > 2 * len(outside) + 4:
        return False
    return (headings > 0 and (_has_heading(lines) or _has_underline(lines))) or _has_table(lines)


def _fences(lines: Sequence[str]) -> tuple[bool, int]:
    """Return whether there are fences, and the line of one that closes a block that began before the text.

    That is so where the first fence has no language, and the next one has one: a fence that closes has none.
    """
    found = [(number, match) for number, line in enumerate(lines) if (match := _FENCE.match(line))]
    if not found:
        return False, 0
    first, second = found[0], found[1] if len(found) > 1 else None
    bare = not first[1][2].strip()
    named_next = second is not None and second[1][2].strip() != ""
    alone = second is None and not any(_HEADING.match(line) for line in lines[: first[0]])
    text_below = sum(bool(re.match(r"[A-Z][^{};=]{30,}$", line)) for line in lines[first[0] + 1 :])
    text_above = sum(bool(re.match(r"[A-Z][^{};=]{30,}$", line)) for line in lines[: first[0]])
    cut = bare and first[0] > 0 and (named_next or (alone and text_below > text_above))
    return True, first[0] if cut else 0


def _has_heading(lines: Sequence[str]) -> bool:
    """Whether a line is a heading with "#"; a "#" may also begin a comment, which stands right above another line."""
    for number, line in enumerate(lines):
        mark = _HEADING.match(line)
        if mark:
            above, below = lines[number - 1 : number], lines[number + 1 : number + 2]
            free = not any(other.strip() for other in (*(above if number else ()), *below))
            if free or (len(mark[1]) > 1 and not any(other.lstrip().startswith("#") for other in (*above, *below))):
                return True
    return False


def _has_table(lines: Sequence[str]) -> bool:
    rows = [number for number, line in enumerate(lines) if _DELIMITER_ROW.match(line) and "|" in line]
    return any(number and "|" in lines[number - 1] and "---+" not in lines[number] for number in rows)


def _has_list(lines: Sequence[str]) -> bool:
    """Whether there are at least two list items, or two steps with numbers that follow each other."""
    if sum(bool(_BULLET.match(line)) for line in lines) > 1:
        return True
    numbers = [int(match[1]) for line in lines if (match := _NUMBERED.match(line))]
    return any(b in (a, a + 1) for a, b in pairwise(numbers))


def _has_underline(lines: Sequence[str]) -> bool:
    """Whether a line of text is underlined by about as many "=" or "-"."""
    for number in range(1, len(lines)):
        if _UNDERLINE.match(lines[number]):
            above, length = lines[number - 1].rstrip(), len(lines[number].strip())
            if above.strip() and above[:4] != " " * 4 and length >= min(len(above) - 2, 6):
                return True
    return False


def _has_definition(lines: Sequence[str]) -> bool:
    found = [number for number, line in enumerate(lines) if number and _DEFINITION.match(line)]
    return any(lines[number - 1].strip() and len(lines[number - 1]) <= 120 for number in found)


def _is_other(line: str) -> bool:
    bold = ("**" in line or "__" in line) and _EMPHASIS.search(line)
    return bool(bold or (_ROW.match(line) and line.count("|") > 2))
