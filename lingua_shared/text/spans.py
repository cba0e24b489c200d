"""Builds the compressed text: spans of a passage to its shorter text, and these texts to the prompt's context."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lingua_shared.text.words import is_spaceless, splits_grapheme

Interval = tuple[int, int]
"""(start, end) of a span in characters, end excluded."""

Render = Callable[[str], str]
"""Gives the prompt's text for a passage from the passage's own text, for example with its metadata before it."""

_PROBE = "\ue000lingua\ue000"


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
    """Remove white space at both ends of what is kept of a source. A source that is kept whole is not changed."""
    if list(intervals) == [(0, len(source))]:
        return list(intervals)
    kept = [(start, end) for start, end in intervals if not source[start:end].isspace()]
    if not kept:
        return []
    first, last = kept[0], kept[-1]
    kept[0] = (first[0] + _leading_space(source[first[0] : first[1]]), first[1])
    kept[-1] = (kept[-1][0], last[0] + len(source[last[0] : last[1]].rstrip()))
    return kept


def join(source: str, intervals: Sequence[Interval]) -> str:
    """Join slices of a source, with a space between two words that would run together. Empty slices add nothing."""
    parts: list[str] = []
    for part in filter(None, (source[start:end] for start, end in intervals)):
        if parts and _runs_together(parts[-1][-1], part[0]):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def passage_texts(sources: Sequence[str], pieces: Mapping[int, Iterable[Interval]]) -> dict[int, str]:
    """Return the compressed text of each passage of which anything is kept, by index."""
    return {index: join(sources[index], spans) for index, spans in kept_spans(sources, pieces).items()}


def kept_spans(sources: Sequence[str], pieces: Mapping[int, Iterable[Interval]]) -> dict[int, list[Interval]]:
    """Return the merged and trimmed spans of each passage of which anything is kept, by index."""
    spans = {index: trim(sources[index], merge(kept)) for index, kept in pieces.items()}
    return {index: kept for index, kept in spans.items() if kept}


def _leading_space(text: str) -> int:
    space = len(text) - len(text.lstrip())
    return space - 1 if splits_grapheme(text, space) else space


def _runs_together(before: str, after: str) -> bool:
    if before.isspace() or after.isspace():
        return False
    return not (is_spaceless(before) or is_spaceless(after))
