"""The units of a parsed text: spans that tile it, each with its kind and with what must be kept with it."""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from lingua_shared.cache.locks import cached_property

TextKind = Literal[
    "sentence", "heading", "lead_in", "list_item", "term", "definition", "question", "answer", "speaker", "turn",
    "quote",
]  # fmt: skip
"""Kinds of running text."""

Kind = Literal[
    TextKind, "list_marker", "table_header", "table_row", "code_line", "record", "field", "key", "log_entry",
    "diff_line", "formula", "front_matter", "reference", "comment", "markup",
]  # fmt: skip
"""What a unit is. "markup" says nothing by itself: brackets, fences, tags, rules, separators."""

TEXT_KINDS = frozenset(get_args(TextKind))

_DATA_FORMATS = frozenset({"json", "yaml", "settings"})

Role = Literal["content", "support", "separator"]
"""Content is chosen by its worth. Support comes only with what needs it. A separator stands between two siblings."""


@dataclass(frozen=True, slots=True)
class TextUnit:
    """Characters start to end of a text, which are kept or dropped together.

    Attributes:
        start: first character.
        end: one behind the last character.
        kind: what it is.
        role: how it comes into the output.
        needs: numbers of the units that are always kept with it; they need others in turn.
        path: numbers of the headings above it, nearest first; they are kept with it where there is room.
        joins: of a separator, (first, middle, last): it is kept where content is kept of the units first to middle - 1
            and of the units middle to last - 1.
    """

    start: int
    end: int
    kind: Kind
    role: Role = "content"
    needs: tuple[int, ...] = ()
    path: tuple[int, ...] = ()
    joins: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Structure:
    """The units of one text.

    Attributes:
        format: name of the format that was recognised.
        units: units that tile the text, in order.
    """

    format: str
    units: tuple[TextUnit, ...]

    @cached_property
    def borders(self) -> list[int]:
        """Offsets from 0 to the length of the text; unit i lies between borders i and i + 1."""
        return [0, *(unit.end for unit in self.units)]

    @cached_property
    def content(self) -> list[int]:
        """Numbers of the units that are chosen by their worth; of all units where none is content."""
        found = [number for number, unit in enumerate(self.units) if unit.role == "content"]
        return found or list(range(len(self.units)))

    @cached_property
    def section_ends(self) -> dict[int, int]:
        """For each unit that is a heading of others, one behind the last unit that it is above."""
        return {above: number + 1 for number, unit in enumerate(self.units) for above in unit.path}

    def unit_at(self, character: int) -> int:
        """Return the number of the unit that holds a character."""
        return bisect_right(self.borders, character) - 1

    def needed_by(self, number: int) -> tuple[int, ...]:
        """Return the numbers of all units that must be kept with a unit, in order; without the unit itself."""
        found: set[int] = set()
        open_ends = [*self.units[number].needs]
        while open_ends:
            other = open_ends.pop()
            if other not in found and other != number:
                found.add(other)
                open_ends += self.units[other].needs
        return tuple(sorted(found))

    def complete(self, chosen: Iterable[int]) -> list[int]:
        """Return chosen units with all that they need and the separators between them, in order."""
        kept = {number for one in chosen for number in (one, *self.needed_by(one))}
        return sorted(kept.union(self.separators(kept)))

    def context_of(self, number: int) -> tuple[int, ...]:
        """Return the units that say what a unit is about, in order: its keys, term, question, header rows; no markup.

        These are units that it needs and, in a dialogue, the question before it.
        """
        asked = [other for other in self.units[number].path if other < number and self.units[other].kind != "heading"]
        found = {*self.needed_by(number), *asked[:1]}
        return tuple(sorted(other for other in found if self.units[other].kind != "markup"))

    def is_value(self, number: int) -> bool:
        """Whether a unit is, or is a part of, a value of data: what is put beside it would be read as part of it."""
        return self.format in _DATA_FORMATS or any(self.units[other].kind == "key" for other in self.needed_by(number))

    def separators(self, kept: Collection[int]) -> list[int]:
        """Return the numbers of the separators that stand between kept units."""
        if not self._separators:
            return []
        is_kept = np.zeros(len(self.units) + 1, dtype=np.int64)
        is_kept[[number + 1 for number in kept if self.units[number].role == "content"]] = 1
        before = np.cumsum(is_kept)  # how many are kept before each unit
        first, middle, last = self._joins
        stands = (before[middle] > before[first]) & (before[last] > before[middle])
        return [number for number, stays in zip(self._separators, stands, strict=True) if stays]

    @cached_property
    def _joins(self) -> np.ndarray:
        """What each separator joins, shape (3, separators)."""
        return np.asarray([self.units[number].joins for number in self._separators]).T

    @cached_property
    def _separators(self) -> list[int]:
        return [number for number, unit in enumerate(self.units) if unit.role == "separator"]
