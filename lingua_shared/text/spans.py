"""Builds the compressed text: spans of a passage to its shorter text, and these texts to the prompt's context."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex as re

from lingua_shared.text.left_out import SourceLines
from lingua_shared.text.structure.units import TEXT_KINDS, Structure
from lingua_shared.text.words import is_spaceless, splits_grapheme

_WIDE_PUNCTUATION = re.compile(
    r"[\p{Block=CJK_Symbols_And_Punctuation}[\p{Block=Halfwidth_And_Fullwidth_Forms}&&\p{P}]]", flags=re.VERSION1
)

Interval = tuple[int, int]
"""(start, end) of a span in characters, end excluded."""

Render = Callable[[str], str]
"""Gives the prompt's text for a passage from the passage's own text, for example with its metadata before it."""

_PROBE = "\ue000lingua\ue000"

CUT_MARKER = "…"
"""Stands beside a part of a sentence, where another sentence is kept before or behind it in the same line."""


@dataclass(frozen=True)
class Layout:
    """How the prompt shows the passages.

    Attributes:
        separator: stands between two passages.
        renders: one function per passage; `as_renders` makes them from headers.
    """

    separator: str
    renders: Sequence[Render]

    def text(self, passages: Iterable[tuple[int, str]]) -> str:
        """Return the prompt's text for passages, given as (index, text) in the order of the output."""
        return self.separator.join(self.renders[index](text) for index, text in passages)


def copies(render: Render) -> int:
    """Return how often the prompt shows a passage's text; at least 1, so that no text counts as free."""
    return max(render(_PROBE).count(_PROBE), 1)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return spans in order, with those that touch or overlap merged into one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def trim(source: str, intervals: Sequence[Interval]) -> list[Interval]:
    """Remove white space at both ends of what is kept of a source. A source that is kept whole is not changed.

    Where several lines are kept, the first one keeps its indentation.
    """
    if list(intervals) == [(0, len(source))]:
        return list(intervals)
    kept = [(start, end) for start, end in intervals if not source[start:end].isspace()]
    if not kept:
        return []
    kept = [_without_blanks(source, one, other) for one, other in zip(kept, [*kept[1:], None], strict=True)]
    last = kept[-1]
    kept[-1] = (last[0], last[0] + len(source[last[0] : last[1]].rstrip()))
    kept[0] = (kept[0][0] + _leading_space(source, kept), kept[0][1])
    return kept


@dataclass(frozen=True)
class Marker:
    """Says in the output that something was left out between two units of running text.

    Attributes:
        text: what is put there, such as "[...]"; "" for nothing.
        structure: the units of the source; None where they are not known.
        shows_cuts: whether `CUT_MARKER` parts a unit of which only a part is kept from another unit. Without it, a
            clause that has lost its beginning would go on with the sentence before it.
        lines: lines of the source, which `text` counts and names; None where it stands between units of running text.
    """

    text: str = ""
    structure: Structure | None = None
    shows_cuts: bool = False
    lines: SourceLines | None = None

    def placed(self, source: str, intervals: Iterable[Interval]) -> list[Interval]:
        """Return merged spans as they stay of a source: whole lines where lines are counted, else trimmed."""
        return self.lines.whole(intervals, self.text) if self.lines else trim(source, merge(intervals))

    def around(self, intervals: Sequence[Interval]) -> list[str] | None:
        """Return what counts the lines before, between and behind spans; None where lines are not counted."""
        return self.lines.around(intervals, self.text) if self.lines else None

    def between(self, source: str, before: int, after: int) -> str:
        """Return what to put between a span that ends at one character and a span that begins at another.

        Nothing stands inside a unit, nor beside data and code, which would no longer be valid.
        """
        marker = self.text or self._for_cut(source, before, after)
        is_text = bool(marker) and self._kinds(before, after) <= TEXT_KINDS and not self._is_inside(before, after)
        return marker if is_text and not self._are_values(before, after) else ""

    def _for_cut(self, source: str, before: int, after: int) -> str:
        """Return what stands in a line where one of two spans has lost the characters of its unit next to the other."""
        if not (self.shows_cuts and self.structure) or "\n" in source[before:after]:
            return ""
        end = self.structure.units[self.structure.unit_at(before - 1)].end
        start = self.structure.units[self.structure.unit_at(after)].start
        is_cut = source[before:end].strip() or source[start:after].strip()
        return CUT_MARKER if is_cut else ""

    def are_data(self, before: int, after: int) -> bool:
        """Whether two spans are from different units that are data, code or markup, which need no space between."""
        if self._is_inside(before, after):
            return False
        kinds = self._kinds(before, after)
        return not kinds & TEXT_KINDS or (not kinds <= TEXT_KINDS and self._are_values(before, after))

    def is_heading(self, character: int) -> bool:
        """Whether a character is in a heading; False where units are not known."""
        return self.structure is not None and self.structure.units[self.structure.unit_at(character)].kind == "heading"

    def _are_values(self, before: int, after: int) -> bool:
        """Whether one of two spans is from a value of data, where a marker or a space would be read as part of it."""
        structure = self.structure
        return structure is not None and any(structure.is_value(structure.unit_at(i)) for i in (before - 1, after))

    def _is_inside(self, before: int, after: int) -> bool:
        """Whether nothing is known of units, or both spans are from one."""
        return self.structure is None or self.structure.unit_at(before - 1) == self.structure.unit_at(after)

    def _kinds(self, before: int, after: int) -> set[str]:
        units = self.structure.units if self.structure else ()
        unit_at = self.structure.unit_at if self.structure else int
        return {units[unit_at(place)].kind for place in (before - 1, after)} if units else set()


NO_MARKER = Marker()

_TABLE_ROW_ENDS = ("|", "|\n")


def gaps(source: str, intervals: Sequence[Interval], marker: Marker = NO_MARKER) -> list[str]:
    """Return what stands between each two spans of a source when they are joined: one text fewer than spans.

    That is a line break where one was left out, so that what was on two lines stays on two lines, else a space between
    words that would run together; and the marker, on a line of its own or beside spaces.

    Args:
        source: the text that the spans are from.
        intervals: spans in order, none of them empty.
        marker: for what was left out.
    """
    around = marker.around(intervals)
    if around is not None:
        return around[1:-1]
    marker = replace(marker, text="") if marker.lines else marker
    return [_gap(source, one, other, marker) for one, other in pairwise(intervals)]


def ends(intervals: Sequence[Interval], marker: Marker = NO_MARKER) -> tuple[str, str]:
    """Return what stands before the first span and behind the last one: markers that count lines, or nothing."""
    around = marker.around(intervals) or ["", ""]
    return around[0], around[-1]


def join(source: str, intervals: Sequence[Interval], marker: Marker = NO_MARKER) -> str:
    """Join slices of a source with what `gaps` puts between them. Empty slices add nothing."""
    spans = [(start, end) for start, end in intervals if end > start]
    first, last = ends(spans, marker)
    between = [first, *gaps(source, spans, marker)]
    return "".join(f"{gap}{source[start:end]}" for gap, (start, end) in zip(between, spans, strict=False)) + last


def kept_spans(sources: Sequence[str], pieces: Mapping[int, Iterable[Interval]]) -> dict[int, list[Interval]]:
    """Return the merged and trimmed spans of each passage of which anything is kept, by index."""
    spans = {index: trim(sources[index], merge(kept)) for index, kept in pieces.items()}
    return {index: kept for index, kept in spans.items() if kept}


def _without_blanks(source: str, span: Interval, following: Interval | None) -> Interval:
    """Return a span without the blanks at its end, where a line break is left out behind it."""
    start, end = span
    if following and source[end - 1] in " \t" and "\n" in source[end : following[0]]:
        end = start + len(source[start:end].rstrip(" \t"))
    return start, end


def _leading_space(source: str, kept: Sequence[Interval]) -> int:
    """Return how many leading characters to leave out: blank lines, and the indentation of a single line."""
    text = source[kept[0][0] : kept[0][1]]
    space = len(text) - len(text.lstrip())
    if len(kept) > 1 or "\n" in text.strip():
        space = text[:space].rfind("\n") + 1
    return space - 1 if splits_grapheme(text, space) else space


def _gap(source: str, one: Interval, other: Interval, marks: Marker) -> str:
    marker = marks.between(source, one[1], other[0])
    last, first = source[one[1] - 1], source[other[0]]
    left_out = source[_end_of_words(source, one) : other[0]]
    if "\n" in left_out:
        lead = "" if "\n" in (last, first) else "\n"
        if first == "|" and "\n\n" in left_out and source[one[1] - 2 : one[1]].endswith(_TABLE_ROW_ENDS):
            lead += "\n"  # or else two tables would be one
        elif "\n\n" in left_out and marks.is_heading(other[0]) and source[one[1] - 2 : one[1]] != "\n\n":
            lead = "\n\n" if last != "\n" else "\n"  # or else an underlined heading would take in the line before it
        return f"{lead}{marker}\n" if marker else lead
    space = "" if last.isspace() or first.isspace() else " "
    if marker:
        return f"{space}{marker} "
    return "" if _needs_no_space(last, first) or marks.are_data(one[1], other[0]) else space


def _needs_no_space(last: str, first: str) -> bool:
    """Whether one of two characters is of a script without spaces between words, or punctuation of such a script."""
    return any(is_spaceless(character) or bool(_WIDE_PUNCTUATION.match(character)) for character in (last, first))


def _end_of_words(source: str, span: Interval) -> int:
    """Return where a span ends without the white space at its end."""
    start, end = span
    while end > start and source[end - 1].isspace():
        end -= 1
    return end
