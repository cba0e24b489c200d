"""Lists whose entries are parted by `` ; ``. A separator is kept between two entries; a date alone is a heading."""

from dataclasses import dataclass, field

import regex as re

from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.wrapped import add_wrapped

_SEPARATOR = re.compile(r"(?<=\S)[ \t]++;[ \t]++(?=\S)")
_DAY = (
    r"(?i:(?:\d{1,2}\.? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?(?: \d{1,4})?(?:, \d{4})?"
    r"|\d{1,4}(?:[-/.]\d{1,2}){0,2}(?: (?:BC|AD|BCE|CE))?)"
)
_DATE = re.compile(_DAY + r"$")
_DATED = re.compile(_DAY + r"[ \t]*(?:[-–—:]|&[mn]dash;)")
_MIN_ENTRIES = 4
_MAX_LENGTH = 400  # characters of an entry, on average


def parse_semicolons(part: Part) -> bool:
    """Add the entries of a list parted by semicolons with white space on both sides; at least four."""
    text = part.draft.text
    separators = [match.span() for match in _SEPARATOR.finditer(text, part.start, part.end)]
    length = part.end - part.start
    if len(separators) + 1 < _MIN_ENTRIES or length > _MAX_LENGTH * len(separators):
        return False
    entries = _Entries(part, part.next)
    at = part.start
    for start, end in [*separators, (part.end, part.end)]:
        entries.add(at, start)
        if start < end:
            entries.add_separator(start, end)
        at = end
    entries.set_joins()
    return True


@dataclass
class _Entries:
    """Adds entries and what parts them.

    Attributes:
        part: where units are added.
        first: number of the first unit.
        date: number of the date that is the heading of the next entries.
        parting: number of the separator before the next entry.
        loose: separators with the number of the unit where what they join to what is before begins.
    """

    part: Part
    first: int
    date: int | None = None
    parting: int | None = None
    loose: list[int] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        """Add an entry. Below a date, it needs the date and the separator before it."""
        entry = self.part.draft.text[start:end].strip()
        if _DATE.match(entry):
            self._part_loosely()
            self.date = self.part.add(start, end, "heading", role="support")
            return
        if _DATED.match(entry):
            self.date = None
        needs: tuple[int, ...] = ()
        if self.date is not None and self.parting is not None:
            needs = (self.date, self.parting)
        else:
            self._part_loosely()
        add_wrapped(self.part, start, end, needs=needs)

    def add_separator(self, start: int, end: int) -> None:
        """Add a semicolon."""
        self.parting = self.part.add(start, end, "markup", role="support")

    def _part_loosely(self) -> None:
        """Keep the last separator only between what is kept before it and behind it."""
        if self.parting is not None:
            self.loose.append(self.parting)

    def set_joins(self) -> None:
        """Say what each separator joins: all before it, and what comes until the next one."""
        for separator, following in zip(self.loose, [*self.loose[1:], self.part.next], strict=True):
            self.part.change(separator, role="separator", joins=(self.first, separator, following))
