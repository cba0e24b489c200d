"""Which texts share a pass of a model: those of like length, as many as a budget of tokens allows. Knows lengths."""

from collections.abc import Iterator, Sequence


def padded_length(length: int, step: int) -> int:
    """Return the length to which rows of at most `length` tokens are padded: the next multiple of a step."""
    return -(-length // step) * step


def by_length(lengths: Sequence[int], *, tokens: int, step: int = 1, most: int | None = None) -> Iterator[list[int]]:
    """Yield the places of rows, shortest first, in batches that together hold each place once.

    Args:
        lengths: tokens of each row.
        tokens: of one batch at most, padding included; a row that is longer is a batch of its own.
        step: rows are padded to a multiple of it.
        most: rows of one batch at most; None is no limit.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        is_full = padded_length(lengths[place], step) * (len(batch) + 1) > tokens or len(batch) == most
        if batch and is_full:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
