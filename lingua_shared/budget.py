"""Decides how many tokens each passage may keep. Pure arithmetic; knows no text and no model."""

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


def share(sizes: Sequence[int], budget: int, strength: float) -> list[int]:
    """Share a budget over ranked passages (LongLLMLingua, equation 5).

    Of K passages the one at rank j (from 0) keeps the ratio t + strength * (1 - 2j / (K - 1)), where t is the ratio
    that the budget allows all of them; ratios are clipped to [0, 1]. What clipping frees or overdraws goes to, or
    comes from, the others in rank order: the shares add up to min(budget, sum(sizes)) exactly.

    Args:
        sizes: tokens of each passage, most relevant first.
        budget: tokens in all, not negative.
        strength: how far the first ranked is favoured, in [0, 1]; 0 treats all alike.

    Returns:
        Tokens of each passage, 0 <= share <= size.
    """
    total = sum(sizes)
    if budget >= total:
        return list(sizes)
    even = budget / total
    shares = [int(size * _ratio(even, strength, rank, len(sizes))) for rank, size in enumerate(sizes)]
    _spread(shares, sizes, budget - sum(shares))
    return shares


def _ratio(even: float, strength: float, rank: int, count: int) -> float:
    tilt = 0.0 if count == 1 else strength * (1 - 2 * rank / (count - 1))
    return min(max(even + tilt, 0.0), 1.0)


def _spread(shares: list[int], sizes: Sequence[int], left: int) -> None:
    """Hand out what is left, first ranked first, or take back what was too much, last ranked first."""
    for rank in range(len(shares)) if left > 0 else reversed(range(len(shares))):
        change = max(min(left, sizes[rank] - shares[rank]), -shares[rank])
        shares[rank] += change
        left -= change
