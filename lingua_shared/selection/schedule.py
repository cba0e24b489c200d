"""Shares of the budget by rank: the dynamic compression ratio of LongLLMLingua. Knows sizes and ranks only."""

from collections.abc import Sequence

import numpy as np


def shares_by_rank(sizes: Sequence[int], budget: int, delta: float) -> list[int]:
    """Return the tokens that each passage may keep; together they are the budget, or all tokens where these are fewer.

    The rate of passage k of K, counted from 0 in the order of relevance, is tau_k = clip((1 - 2 k / K) delta + tau, 0,
    1) (LongLLMLingua, arXiv 2310.06839, equation 5). In the paper tau is the budget over all tokens, so the shares
    miss the budget where rates are clipped or sizes differ. Here tau is the number with which they meet it.

    Args:
        sizes: tokens of each passage, most relevant first.
        budget: tokens to share.
        delta: spread of the rates, in [0, 1]; with 0 all rates are the same.
    """
    if not sizes:
        return []
    lengths = np.asarray(sizes, dtype=np.float64)
    total = min(max(budget, 0), int(lengths.sum()))
    tilt = (1 - 2 * np.arange(len(sizes)) / len(sizes)) * delta
    shares = np.clip(tilt + _base_rate(lengths, tilt, total), 0, 1) * lengths
    # Rounded so that the sum stays: a hair above, or 3 times a third of the budget would miss a token.
    borders = np.floor(np.cumsum(shares) + 1e-6).astype(np.int64)
    borders[-1] = total
    return [int(share) for share in np.diff(np.minimum(borders, total), prepend=0)]


def _base_rate(lengths: np.ndarray, tilt: np.ndarray, total: int) -> float:
    """Return tau, with which the shares add up to a total: their sum grows with it, linearly between its corners."""
    corners = np.sort(np.concatenate([-tilt, 1 - tilt]))

    def sum_at(rate: float) -> float:
        return float(np.clip(tilt + rate, 0, 1) @ lengths)

    low, high = 0, len(corners) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sum_at(corners[middle]) <= total else (low, middle)
    at_low, at_high = sum_at(corners[low]), sum_at(corners[high])
    if at_high <= at_low:
        return float(corners[high])
    return float(corners[low] + (corners[high] - corners[low]) * (total - at_low) / (at_high - at_low))
