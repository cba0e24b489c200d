"""Decides which passages go on to the fine stage. Pure arithmetic; knows no text and no model."""

from collections.abc import Sequence


def choose_passages(
    ranking: Sequence[int], sizes: Sequence[int], limit: float, *, keep: frozenset[int], most: int | None
) -> list[int]:
    """Return the passages that go on to the fine stage, most relevant first.

    Passages are taken in rank order until their sizes reach the limit; the one that reaches it is taken. Passages to
    keep are always taken, and count towards both bounds.

    Args:
        ranking: indices, most relevant first.
        sizes: tokens of each passage.
        limit: tokens at which to stop.
        keep: indices that are taken whatever their rank.
        most: the most passages to take; None is no bound.
    """
    taken = set(keep)
    total = sum(sizes[i] for i in keep)
    for index in ranking:
        if total >= limit or (most is not None and len(taken) >= most):
            break
        if index not in taken:
            taken.add(index)
            total += sizes[index]
    return [index for index in ranking if index in taken]
