"""Cuts the tokens of a long text into windows of whole sentences that overlap. Knows offsets only."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.scoring.batching import Window, windows

OVERLAP = 64
"""Tokens that two neighbouring windows share at most, and where one sentence is not longer, at least that sentence."""


def sentence_windows(starts: np.ndarray, borders: Sequence[int], size: int) -> list[Window]:
    """Return windows that end at the ends of sentences, and begin with the last sentences of the window before.

    Args:
        starts: first character of each token, shape (tokens,).
        borders: characters between which the sentences lie, from 0 to the length of the text.
        size: largest number of tokens of a window. A longer sentence is cut into windows of its own.

    Returns:
        Windows in order. The ranges from `fresh` to `end` cover each token exactly once.
    """
    count = len(starts)
    if count <= size:
        return [Window(0, count, 0)]
    # Sentence i has the tokens from firsts[i] to firsts[i + 1].
    firsts = sorted({*np.searchsorted(starts, borders[1:-1]).tolist(), 0, count})
    found: list[Window] = []
    fresh = 0
    while fresh < count:
        start = _overlapping(firsts, fresh, min(OVERLAP, size // 4))
        ends = [end for end in firsts if fresh < end <= start + size]
        if ends:
            found.append(Window(start, ends[-1], fresh))
            fresh = ends[-1]
            continue
        end = next(end for end in firsts if end > fresh)
        parts = windows(end - fresh, size, min(OVERLAP, size // 4))
        found += [Window(fresh + part.start, fresh + part.end, fresh + part.fresh) for part in parts]
        fresh = end
    return found


def _overlapping(firsts: Sequence[int], fresh: int, overlap: int) -> int:
    """Return the first token of the sentences before a token that have at most so many tokens together."""
    return min((first for first in firsts if fresh - overlap <= first <= fresh), default=fresh)
