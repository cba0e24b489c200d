"""Cuts long token sequences into windows and groups rows of similar length into batches. Knows lengths only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A part of a token sequence that is read in one go.

    Attributes:
        start: index of its first token in the sequence.
        end: index behind its last token.
        fresh: index of its first token that no earlier window contains; `start` for the first window.
    """

    start: int
    end: int
    fresh: int


def windows(length: int, size: int, overlap: int) -> list[Window]:
    """Cut a sequence into windows that overlap, so that almost every token is read with some context before it.

    Args:
        length: tokens of the sequence; a sequence that fits into one window is one window, even if it is empty.
        size: tokens of a window; all windows of a longer sequence are exactly that long.
        overlap: tokens that two neighbouring windows share; the last two may share more.

    Returns:
        Windows in order. The ranges from `fresh` to `end` cover each token exactly once.
    """
    if length <= size:
        return [Window(0, length, 0)]
    starts = [*range(0, length - size, max(size - overlap, 1)), length - size]
    fresh = [0, *(start + size for start in starts[:-1])]
    return [Window(start, start + size, first) for start, first in zip(starts, fresh, strict=True)]


def padded_length(length: int, step: int) -> int:
    """Return `length` rounded up to a multiple of `step`."""
    return -(-length // step) * step


def by_length(lengths: Sequence[int], *, tokens: int, step: int = 1, most: int | None = None) -> Iterator[list[int]]:
    """Yield batches of row indices, shortest rows first; each row is in exactly one batch.

    Args:
        lengths: tokens of each row.
        tokens: maximum tokens of a batch, padding included; a longer row forms a batch of its own.
        step: rows are padded to a multiple of it.
        most: maximum rows of a batch; None is no limit.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        is_full = padded_length(lengths[row], step) * (len(batch) + 1) > tokens or len(batch) == most
        if batch and is_full:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
