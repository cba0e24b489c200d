"""Ranks passages: cheap signals of all, costly ones only of those that can still matter. Knows no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lingua_shared.methods import RANKERS
from lingua_shared.options import CompressionOptions
from lingua_shared.scoring.fusion import fuse, rank
from lingua_shared.scoring.protocol import Scores
from lingua_shared.selection.passages import choose_passages

FINALISTS = 14
"""The costly signals are asked about at least this many passages.

`python -m benchmarks quality --systems lingua:longllmlingua lingua:exact` compares the cascade with asking about all.
"""


@dataclass(frozen=True)
class Ranked:
    """Passages in order: indices, most relevant first; relevance of each and the signals that it was made from.

    A signal that was not asked about a passage is NaN there.
    """

    order: list[int]
    relevances: np.ndarray
    signals: Mapping[str, np.ndarray]


def rank_passages(scores: Scores, options: CompressionOptions, sizes: Sequence[int], budget: float) -> Ranked:
    """Rank the passages of a request by the rankers of its options.

    With `options.cascade`, the rankers that need no large model choose finalists: those that would enter the fine
    stage, and never fewer than `FINALISTS`. Only these go on to the other rankers; the rest stand behind them.

    Args:
        scores: the signals of the request.
        options: rankers, weights, bounds.
        sizes: tokens of each passage.
        budget: tokens that the fine stage takes.
    """
    everything = range(len(sizes))
    weights = {name: options.weight_of(name) for name in options.ranker_names}
    costly = [name for name in weights if RANKERS[name].costly]
    signals = {name: scores.relevances(name, everything) for name in weights if name not in costly}
    asked: Sequence[int] = everything
    # A signal with a negative weight could lift a passage that it was not asked about.
    if options.cascade and signals and costly and min(weights.values()) >= 0:
        asked = _finalists(rank(fuse(signals, weights)), sizes, options, budget)
    signals |= {name: _spread(scores.relevances(name, asked), asked, len(sizes)) for name in costly}
    signals = {name: signals[name] for name in weights}
    relevances = fuse(signals, weights)
    return Ranked(rank(relevances), relevances, signals)


def _finalists(order: Sequence[int], sizes: Sequence[int], options: CompressionOptions, budget: float) -> list[int]:
    entering = choose_passages(order, sizes, budget, keep=frozenset(), most=options.max_passages)
    return sorted(order[: max(len(entering), FINALISTS)])


def _spread(values: np.ndarray, indices: Sequence[int], length: int) -> np.ndarray:
    spread = np.full(length, np.nan)
    spread[list(indices)] = values
    return spread
