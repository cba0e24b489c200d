"""Keeps what is bought of a passage from standing under a heading that is not its own. Knows units; no scores.

The headings above a unit are optional: they are bought where there is room. But where a heading of another section is
kept before it, a unit without its own one would be read as part of that section. The same holds for the sender of an
e-mail, or the question before a turn.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from lingua_shared.selection.candidates import Candidate, Purchase, Unit


class KeptHeadings:
    """The headings that are bought of each passage, and the units that stand somewhere below headings."""

    def __init__(self, candidates: Mapping[int, Candidate]) -> None:
        """Start with nothing bought.

        Args:
            candidates: the passages that units are from, by their indices.
        """
        self._candidates = candidates
        self._headings: defaultdict[int, list[int]] = defaultdict(list)
        self._below: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, units: Iterable[Unit]) -> None:
        """Note what was bought."""
        for unit in units:
            if unit.start == unit.end:
                continue
            structure = self._candidates[unit.passage].segments.structure
            number = structure.unit_at(unit.start)
            if number in structure.section_ends:
                _insert(self._headings[unit.passage], number)
            elif structure.units[number].path:
                _insert(self._below[unit.passage], number)

    def needed_by(self, unit: Unit) -> Purchase:
        """Return the heading, with what it needs, that a unit must have: nothing where it stands under no other one."""
        kept = self._headings.get(unit.passage)
        candidate = self._candidates[unit.passage]
        path = candidate.path(unit) if kept else []
        if not (path and kept):
            return ()
        structure = candidate.segments.structure
        number = structure.unit_at(unit.start)
        before = bisect_left(kept, number) - 1
        return path[0] if before >= 0 and kept[before] not in structure.units[number].path else ()

    def misleads(self, heading: Unit) -> bool:
        """Whether a heading would seem to be that of a unit which is bought and is not in its section."""
        below = self._below.get(heading.passage)
        structure = self._candidates[heading.passage].segments.structure
        number = structure.unit_at(heading.start)
        end = structure.section_ends.get(number)
        if not below or end is None:
            return False
        kept = self._headings[heading.passage]
        next_heading = bisect_left(kept, number + 1)
        until = kept[next_heading] if next_heading < len(kept) else len(structure.units)
        behind = bisect_left(below, end)
        return behind < len(below) and below[behind] < until


def _insert(numbers: list[int], number: int) -> None:
    at = bisect_left(numbers, number)
    if at == len(numbers) or numbers[at] != number:
        numbers.insert(at, number)
