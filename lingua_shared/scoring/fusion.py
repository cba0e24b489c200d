"""Fuses the values of several rankers into one ranking: z-scores, weighted sums, orders. Knows numbers only."""

from collections.abc import Mapping, Sequence

import numpy as np


def standardise(values: np.ndarray) -> np.ndarray:
    """Return z-scores: shifted and scaled to mean 0 and standard deviation 1, shape of the values.

    Equal values become 0. A NaN (what a signal could not score, such as an empty passage, or was not asked about) does
    not count in mean and deviation, and gets the lowest z-score of the others.
    """
    is_known = np.isfinite(values)
    if not is_known.any():
        return np.zeros(len(values))
    known = values[is_known].astype(np.float64)
    known = known / max(float(np.abs(known).max()), 1.0)  # squares of huge scores would overflow
    spread = known.std()
    standardised = (known - known.mean()) / spread if spread > 0 else np.zeros(len(known))
    filled = np.full(len(values), standardised.min())
    filled[is_known] = standardised
    return filled


def fuse(signals: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Return the relevance of each passage: the weighted sum of the standardised signals.

    Args:
        signals: values of each ranker, shape (passages,), higher is more relevant.
        weights: weight of each ranker.
    """
    parts = [weights[name] * standardise(values) for name, values in signals.items()]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def rank(relevances: Sequence[float] | np.ndarray) -> list[int]:
    """Return indices, most relevant first; of equals, the one handed in first."""
    return [int(i) for i in np.argsort(-np.asarray(relevances, dtype=np.float64), kind="stable")]
