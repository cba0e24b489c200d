"""Ranks the passages of a request: fast signals of all, slow signals only of those that can still matter.

Knows numbers and the names of signals; no model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from lingua_shared.methods import RANKERS
from lingua_shared.recipe import Recipe
from lingua_shared.scoring.fusion import fuse, rank
from lingua_shared.scoring.policy import POLICY
from lingua_shared.scoring.protocol import Scores


@dataclass(frozen=True)
class Ranking:
    """Passages in order.

    Attributes:
        order: indices, most relevant first.
        fused: weighted sum of the signals' z-scores, shape (passages,).
        relevances: what is reported, in [0, 1] and falling along the order: the calibrated probability that the
            passage answers; where nothing is calibrated, the logistic function of `fused`, which compares passages of
            one request only. Shape (passages,).
        signals: values of each ranker; NaN where a ranker was not asked about a passage.
    """

    order: list[int]
    fused: np.ndarray
    relevances: np.ndarray
    signals: Mapping[str, np.ndarray]

    def at(self, indices: Sequence[int], count: int) -> Self:
        """Return the ranking of a longer list of passages, of which only those at some indices were ranked.

        Args:
            indices: where each ranked passage is in the longer list.
            count: length of the longer list; what was not ranked has NaN.
        """
        signals = {name: _spread(values, indices, count) for name, values in self.signals.items()}
        fused, relevances = (_spread(values, indices, count) for values in (self.fused, self.relevances))
        return type(self)([indices[place] for place in self.order], fused, relevances, signals)


def rank_passages(
    scores: Scores, recipe: Recipe, count: int, entering: Callable[[Sequence[int]], Sequence[int]]
) -> Ranking:
    """Rank the passages of a request by the rankers of its recipe.

    With `recipe.cascade`, the fast rankers choose finalists: the passages that would enter sentence selection, and at
    least `POLICY.finalists`. The slow rankers read only these; the other passages stay behind them.

    Args:
        scores: the signals of the request.
        recipe: rankers and their weights.
        count: number of passages.
        entering: from an order of passages to those that would enter sentence selection.
    """
    everything = range(count)
    weights = recipe.ranker_weights
    slow = [name for name in weights if RANKERS[name].is_slow]
    signals = {name: scores.relevances(name, everything) for name in weights if name not in slow}
    asked: Sequence[int] = everything
    # A signal with a negative weight could raise a passage that it was not asked about.
    if recipe.cascade and signals and slow and min(weights.values()) >= 0:
        order = rank(fuse(signals, weights))
        asked = sorted(order[: max(len(entering(order)), POLICY.finalists)])
    signals |= {name: _spread(scores.relevances(name, asked), asked, count) for name in slow}
    signals = {name: signals[name] for name in weights}
    fused = fuse(signals, weights)
    order = rank(fused)
    return Ranking(order, fused, _reported(scores.probabilities(), fused, order), signals)


def _reported(probabilities: np.ndarray | None, fused: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """Return relevances in [0, 1] that fall along the order.

    The order also knows what a probability does not, such as links between passages. So no passage is reported as less
    relevant than one that it is ranked before.
    """
    values = 1 / (1 + np.exp(-np.clip(fused, -30, 30))) if probabilities is None else np.array(probabilities)
    places = list(order)
    values[places] = np.maximum.accumulate(np.nan_to_num(values[places])[::-1])[::-1]
    return np.asarray(values, dtype=np.float64)


def _spread(values: np.ndarray, indices: Sequence[int], length: int) -> np.ndarray:
    spread = np.full(length, np.nan)
    spread[list(indices)] = values
    return spread
