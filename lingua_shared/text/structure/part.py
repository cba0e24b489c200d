"""What a format's parser works with: a part of a text, to which it adds units in their order.

A parser is a function of one `Part`. It returns False, or raises, where the text is not of its format; then what it
added is taken back and the next format is tried, at last running text, which takes everything.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from lingua_shared.text.structure.units import Kind, Structure, TextUnit
from lingua_shared.text.words import splits_grapheme

MAX_DEPTH = 12
"""Formats within formats, such as JSON in a code block in a list item in a quotation."""


@dataclass(frozen=True)
class Line:
    """A line of a text: characters start to end, its line break included; `indent` counts its leading blanks."""

    text: str
    start: int
    end: int
    indent: int

    @property
    def is_blank(self) -> bool:
        """Whether it has nothing but white space."""
        return not self.text.strip()


@dataclass
class Draft:
    """The units of one text while it is parsed."""

    text: str
    units: list[TextUnit] = field(default_factory=list)

    def structure(self, name: str) -> Structure:
        """Return the parsed text; each unit ends where the next one begins.

        Raises:
            ValueError: units overlap, or leave out characters that are no white space, or split a grapheme.
        """
        text, units = self.text, self.units
        if not units:
            msg = "no unit was found"
            raise ValueError(msg)
        starts = [0, *(_border(text, a.end, b.start) for a, b in pairwise(units)), len(text)]
        if text[: units[0].start].strip() or text[units[-1].end :].strip():
            msg = "characters at the beginning or end of the text are in no unit"
            raise ValueError(msg)
        tiled = (replace(unit, start=a, end=b) for unit, (a, b) in zip(units, pairwise(starts), strict=True))
        return Structure(name, tuple(tiled))


def _border(text: str, end: int, start: int) -> int:
    """Return where the white space between two units is divided: a line's indentation belongs to the line."""
    between = text[end:start]
    if end > start or between.strip():
        msg = f"units overlap or leave out text at character {end}"
        raise ValueError(msg)
    border = end + between.rfind("\n") + 1 if "\n" in between else start
    if splits_grapheme(text, border):
        msg = f"a unit begins inside a grapheme, at character {border}"
        raise ValueError(msg)
    return border


@dataclass(frozen=True)
class Part:
    """Characters start to end of a text that is parsed. All offsets are those of the whole text.

    Attributes:
        draft: where units are added.
        start: first character.
        end: one behind the last character.
        parse_inner: tries all formats on a part, for formats that hold others.
        needs: units that everything in the part needs, such as the fences around it.
        path: headings above the part, nearest first.
        depth: how many formats the part is inside of.
    """

    draft: Draft
    start: int
    end: int
    parse_inner: "Callable[[Part], str]"
    needs: tuple[int, ...] = ()
    path: tuple[int, ...] = ()
    depth: int = 0

    @property
    def text(self) -> str:
        """Its characters."""
        return self.draft.text[self.start : self.end]

    def lines(self) -> list[Line]:
        """Return its lines, split at line feeds only."""
        return list(self._lines())

    def _lines(self) -> Iterator[Line]:
        start = self.start
        for text in self.text.split("\n"):
            end = min(start + len(text) + 1, self.end)
            if end > start:
                yield Line(self.draft.text[start:end], start, end, len(text) - len(text.lstrip(" \t")))
            start = end

    def add(self, start: int, end: int, kind: Kind, **settings: Any) -> int:
        """Add a unit behind those that are there, without white space at its ends, and return its number.

        Args:
            start: first character.
            end: one behind the last character.
            kind: what it is.
            settings: role, needs, path and joins of `TextUnit`; needs and path of the part come behind.
        """
        text = self.draft.text
        whole = text[start:end]
        start, end = end - len(whole.lstrip()), start + len(whole.rstrip())
        if end <= start or (self.draft.units and start < self.draft.units[-1].end):
            msg = f"a unit is empty, or begins before the one before it ends: characters {start} to {end}"
            raise ValueError(msg)
        settings["needs"] = (*settings.get("needs", ()), *self.needs)
        settings["path"] = (*settings.get("path", ()), *self.path)
        self.draft.units.append(TextUnit(start, end, kind, **settings))
        return self.next - 1

    def text_of(self, number: int) -> str:
        """Return the characters of a unit that was added."""
        unit = self.draft.units[number]
        return self.draft.text[unit.start : unit.end]

    @property
    def next(self) -> int:
        """The number that the next unit will have."""
        return len(self.draft.units)

    def change(self, number: int, *, needs: Sequence[int] = (), **settings: Any) -> None:
        """Change a unit that was added: add needs, or set its role, kind, path or joins."""
        unit = self.draft.units[number]
        new = tuple(other for other in needs if other not in unit.needs and other != number)
        self.draft.units[number] = replace(unit, needs=(*unit.needs, *new), **settings)

    def inner(self, start: int, end: int, *, needs: Sequence[int] = (), path: Sequence[int] = ()) -> "Part":
        """Return a part of this part; it inherits needs and path, with more before them."""
        return replace(
            self, start=start, end=end, needs=(*needs, *self.needs), path=(*path, *self.path), depth=self.depth + 1
        )

    def parse(self) -> str:
        """Add the units of the part in whatever format it is, running text at last; return the format's name."""
        return self.parse_inner(self)


Parser = Callable[[Part], bool]
"""Adds the units of a part and returns True; False where the part is not in the parser's format."""
