"""Lists whose entries are parted by `` ; ``. A separator is kept between two entries; a date alone is a heading."""

from dataclasses import dataclass, field
from itertools import pairwise

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
    entries = _Entries(part, part.next, part.next)
    at = part.start
    for start, end in [*separators, (part.end, part.end)]:
        at = entries.add(at, start, end)
    entries.set_joins()
    return True


@dataclass
class _Entries:
    """Adds entries and what parts them. A date begins a group of entries, whose path it is.

    Attributes:
        part: where units are added.
        first: number of the first unit.
        group: number of the first unit of the group.
        date: the date of the group.
        before: the separator before the next entry; none behind a date, which has its own.
        within: separators with the first unit of the group they are in.
        between: separators between groups.
    """

    part: Part
    first: int
    group: int
    date: tuple[int, ...] = ()
    before: int | None = None
    within: list[tuple[int, int]] = field(default_factory=list)
    between: list[int] = field(default_factory=list)

    def add(self, at: int, start: int, end: int) -> int:
        """Add an entry, and the separator behind it at characters start to end; return where the next one begins."""
        entry = self.part.draft.text[at:start].strip()
        is_date = bool(_DATE.match(entry))
        if is_date or _DATED.match(entry):
            self._begin_group()
        if is_date:
            self.date = (self.part.add(at, end, "heading", role="support"),)
            self.group = self.part.next
            return end
        if self.before is not None:
            self.within.append((self.before, self.group))
        add_wrapped(self.part, at, start, path=self.date)
        self.before = self.part.add(start, end, "markup", role="support") if start < end else None
        return end

    def _begin_group(self) -> None:
        if self.before is not None:
            self.between.append(self.before)
        self.before, self.group, self.date = None, self.part.next, ()

    def set_joins(self) -> None:
        """Say what each separator joins: what is before it, in its group or in any, and what comes until the next."""
        parting = sorted([*(number for number, _ in self.within), *self.between, self.part.next])
        following = dict(pairwise(parting))
        for separator, group in self.within:
            self.part.change(separator, role="separator", joins=(group, separator, following[separator]))
        for separator, end in pairwise([*self.between, self.part.next]):
            self.part.change(separator, role="separator", joins=(self.first, separator, end))
