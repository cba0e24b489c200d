"""Spans of characters: which words they touch, and which words one of them holds together."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


class Spans:
    """Character spans without overlap; tells whether a border falls inside one of them, or a word touches one."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Hold spans, given in any order as (start, end)."""
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = [end for _, end in ordered]

    def contain(self, border: int) -> bool:
        """Whether a border falls inside a span, not at its start or end."""
        at = bisect_left(self._starts, border) - 1
        return at >= 0 and border < self._ends[at]

    def touch(self, start: int, end: int) -> bool:
        """Whether the characters from `start` to `end` have one in common with a span."""
        at = bisect_right(self._ends, start)
        return at < len(self._ends) and self._starts[at] < end


def runs_of(words: Sequence[tuple[int, int]], spans: Iterable[tuple[int, int]]) -> list[range]:
    """Return the numbers of words in runs; words of which one span touches several are in one run.

    Args:
        words: (start, end) of each, in order.
        spans: in any order; they may overlap.
    """
    runs: list[range] = []
    ordered = sorted(spans)
    reach, place = 0, 0
    for number, (start, end) in enumerate(words):
        if runs and start < reach:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
        while place < len(ordered) and ordered[place][0] < end:
            reach = max(reach, ordered[place][1])
            place += 1
    return runs
