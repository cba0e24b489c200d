"""Spans of characters without overlap."""

from bisect import bisect_left
from collections.abc import Iterable


class Spans:
    """Character spans without overlap; tells whether a border falls inside one of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Hold spans, given in any order as (start, end)."""
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = [end for _, end in ordered]

    def contain(self, border: int) -> bool:
        """Whether a border falls inside a span, not at its start or end."""
        at = bisect_left(self._starts, border) - 1
        return at >= 0 and border < self._ends[at]
