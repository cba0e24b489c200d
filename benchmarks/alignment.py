"""Finds which passage each line of a compressed text comes from, and where it stands there.

Systems return one text. Lines such as a closing bracket or a fence stand in many passages; the assignment as a whole is
the one that jumps least (dynamic programming over lines).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SWITCH = 2.0
"""Cost of going on in another passage, or further up in the same one."""

GAP = 1.0
"""Cost of leaving out something that is no white space."""

MOST_PLACES = 200
"""Places of a piece that are looked at; where it has more, those where it is a line."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Place:
    """Where a line of the output comes from: characters start to end of a passage."""

    passage: int
    start: int
    end: int


@dataclass
class _Step:
    """The best assignment that ends with a line at a place."""

    cost: float
    place: Place
    before: "_Step | None"


def align(passages: Sequence[str], text: str) -> dict[int, list[Place]]:
    """Return the places of a text's lines by passage, in the text's order; words that stand nowhere are left out.

    Args:
        passages: The texts that were compressed.
        text: The output of a system.
    """
    steps: list[_Step] = []
    for places in _all_places(passages, text):
        steps = _extended(passages, steps, places)
    found: dict[int, list[Place]] = {}
    step = min(steps, key=lambda step: step.cost, default=None)
    while step:
        found.setdefault(step.place.passage, []).insert(0, step.place)
        step = step.before
    return found


def _all_places(passages: Sequence[str], text: str) -> Iterator[list[Place]]:
    """Yield where each line stands, and where no passage has it as a whole, each of its longest pieces."""
    for line in text.split("\n"):
        rest = line.strip()
        while rest:
            piece = _longest_piece(passages, rest)
            places = [place for number, passage in enumerate(passages) for place in _within(passage, number, piece)]
            if len(places) > MOST_PLACES:
                places = [place for place in places if _is_line(passages[place.passage], place)]
            if places:
                yield places[:MOST_PLACES]
            rest = rest[len(piece) :].lstrip()


def _longest_piece(passages: Sequence[str], line: str) -> str:
    """Return the longest beginning of a line, of whole words, that stands in a passage; at least one word."""
    ends = [match.end() for match in _WORD.finditer(line)]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if any(line[: ends[middle]] in passage for passage in passages):
            low = middle
        else:
            high = middle - 1
    return line[: ends[low]]


def _within(passage: str, number: int, wanted: str) -> Iterator[Place]:
    """Yield where a piece stands in a passage, not inside a word."""
    start = passage.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not _splits_word(passage, start) and not _splits_word(passage, end):
            yield Place(number, start, end)
        start = passage.find(wanted, end)


def _is_line(passage: str, place: Place) -> bool:
    before = passage[passage.rfind("\n", 0, place.start) + 1 : place.start]
    return not before.strip() and not passage[place.end :].partition("\n")[0].strip()


def _splits_word(text: str, border: int) -> bool:
    return 0 < border < len(text) and text[border - 1].isalnum() and text[border].isalnum()


def _extended(passages: Sequence[str], steps: list[_Step], places: list[Place]) -> list[_Step]:
    """Return the best assignment for each place of the next line."""
    if not steps:
        return [_Step(0.0, place, None) for place in places]
    best = min(steps, key=lambda step: step.cost)
    return [_joined(passages, steps, best, place) for place in places]


def _joined(passages: Sequence[str], steps: list[_Step], best: _Step, place: Place) -> _Step:
    chosen, cost = best, best.cost + SWITCH
    for step in steps:
        if step.place.passage != place.passage or step.place.end > place.start or step.cost >= cost:
            continue
        between = passages[place.passage][step.place.end : place.start]
        reached = step.cost + (GAP if between.strip() else 0.0)
        if reached < cost:
            chosen, cost = step, reached
    return _Step(cost, place, chosen)
