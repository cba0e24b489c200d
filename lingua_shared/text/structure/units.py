"""The units of a parsed text: spans that tile it, each with its kind and with what must be kept with it."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lingua_shared.cache.locks import cached_property

Kind = Literal[
    "sentence", "heading", "lead_in", "list_marker", "table_header", "table_row", "code_line", "record", "field", "key",
    "term", "definition", "question", "answer", "speaker", "turn", "log_entry", "diff_line", "quote", "formula",
    "front_matter", "reference", "comment", "markup",
]  # fmt: skip
"""What a unit is. "markup" says nothing by itself: brackets, fences, tags, rules, separators."""

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
        """Return the needed units that say something about a unit: keys, terms, questions, header rows; no markup."""
        return tuple(other for other in self.needed_by(number) if self.units[other].kind != "markup")

    def separators(self, kept: Collection[int]) -> list[int]:
        """Return the numbers of the separators that stand between kept units."""
        places = sorted(number for number in kept if self.units[number].role == "content")
        return [
            number
            for number in self._separators
            if (joins := self.units[number].joins) and _any_in(places, *joins[:2]) and _any_in(places, *joins[1:])
        ]

    @cached_property
    def _separators(self) -> list[int]:
        return [number for number, unit in enumerate(self.units) if unit.role == "separator"]


def _any_in(places: Sequence[int], first: int, last: int) -> bool:
    """Whether sorted numbers have one from first to last - 1."""
    at = bisect_right(places, first - 1)
    return at < len(places) and places[at] < last
