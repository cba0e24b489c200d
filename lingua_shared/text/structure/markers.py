"""Finds the lines that begin with the marker of a list item or with the number of a clause.

A marker alone proves nothing: "3. Mai" may begin a wrapped line. It counts where its siblings are there, or where it
stands behind a blank line or a lead-in line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.text.structure.part import Line
from lingua_shared.text.structure.wrapped import column

_BULLET = re.compile(r"[ \t]*+([-*+–•‣◦▪●○·])[ \t]++(?=\S)")
_NUMBER = re.compile(r"[ \t]*+(?:\[[ xX]\][ \t]++)?(\(?)(\d{1,3}|[a-zA-Z]|[ivxlc]{1,6})([.)])[ \t]++(?=\S)")
_CLAUSE = re.compile(
    r"[ \t]*+(?:§§?[ \u00a0]?\d{1,4}\p{Ll}?(?:\([\p{Ll}\d]{1,2}\))?[.:]?"
    r"|(?:Art\.|(?i:Article|Artikel|Artículo|Articolo|Artigo|Section|Clause|Rule|Статья))[ \u00a0]"
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}|[IVXLC]{1,7})[.:]?"
    r"|\d{1,3}(?:\.\d{1,3}){1,5}[.)]?)(?:[ \t\u00a0]++(?=\S)|[ \t]*+$)"
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ENDS = tuple(".:;!?。：；")


@dataclass(frozen=True)
class Marker:
    """The marker at the beginning of a line.

    Attributes:
        style: what siblings have in common.
        length: characters with the blanks around it.
        ordinals: the numbers it may mean; none for a bullet.
        level: of a clause, how many numbers it has.
    """

    style: str
    length: int
    ordinals: tuple[int, ...] = ()
    level: int = 0


def find_markers(lines: Sequence[Line], *, is_whole: bool = True) -> dict[int, Marker]:
    """Return the markers of lines that are list items or clauses, by the line's number.

    Args:
        lines: lines of a text or of a part of it.
        is_whole: whether the first line is a whole one; else a marker was before it, and an item may be right below.
    """
    found = {number: marker for number, line in enumerate(lines) if (marker := _marker(line))}
    siblings: dict[tuple[str, int], list[int]] = {}
    for number, marker in list(found.items()):
        if marker.level and not (begins_sentence(lines, number) or number - 1 in found):
            del found[number]
            continue
        siblings.setdefault((marker.style, 0 if marker.level else column(lines[number])), []).append(number)
    kept = {
        number
        for numbers in siblings.values()
        for place, number in enumerate(numbers)
        if _counts(found, numbers, place)
        or _stands_alone(lines, number, found[number])
        or (number == 1 and not is_whole)
    }
    return {number: marker for number, marker in found.items() if number in kept}


def _marker(line: Line) -> Marker | None:
    match = _CLAUSE.match(line.text)
    if match:
        numbers = re.findall(r"\d+", match.group())
        return Marker("clause", match.end(), tuple(int(number) for number in numbers[-1:]), max(len(numbers), 1))
    match = _BULLET.match(line.text)
    if match:
        return Marker(match.group(1), match.end())
    match = _NUMBER.match(line.text)
    if match:
        opening, token, closing = match.groups()
        kind = "1" if token.isdigit() else "A" if token.isupper() else "a"
        return Marker(f"{opening}{kind}{closing}", match.end(), _ordinals(token))
    return None


def _ordinals(token: str) -> tuple[int, ...]:
    if token.isdigit():
        return (int(token),)
    letter = (ord(token.lower()) - ord("a") + 1,) if len(token) == 1 else ()
    digits = [_ROMAN.get(letter, 0) for letter in token.lower()]
    if not all(digits):
        return letter
    roman = sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True))
    return (*letter, roman)


def _counts(found: dict[int, Marker], numbers: list[int], place: int) -> bool:
    """Whether a marker has a sibling: the next number or the one before, any other bullet of its kind."""
    marker = found[numbers[place]]
    before = found[numbers[place - 1]] if place else None
    behind = found[numbers[place + 1]] if place + 1 < len(numbers) else None
    if not marker.ordinals or marker.level:
        return bool(before or behind)
    return bool((before and _follows(before, marker)) or (behind and _follows(marker, behind)))


def _follows(one: Marker, other: Marker) -> bool:
    return any(ordinal + 1 in other.ordinals for ordinal in one.ordinals)


def _stands_alone(lines: Sequence[Line], number: int, marker: Marker) -> bool:
    """Whether a marker without siblings counts: a bullet, `(a)` or `§ 5` behind a blank or a lead-in line."""
    if marker.ordinals and not marker.style.startswith("(") and "§" not in lines[number].text[: marker.length]:
        return False
    before = lines[number - 1].text.rstrip() if number else ""
    return not before or before.endswith(":")


def begins_sentence(lines: Sequence[Line], number: int) -> bool:
    """Whether the line before is blank or ends like a sentence, so that a line is no rest of it."""
    before = lines[number - 1].text.rstrip() if number else ""
    return not before or before.endswith(_ENDS)
