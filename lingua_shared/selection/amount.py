"""How much to keep: stop where what is left can bring no more, per token, than a threshold asks for.

Every unit gets a probability to hold the answer, and every head (the first units in the order of worth) an estimate
that the answer is in it. A head is long enough where no longer one gains more per token than exp(-strictness). Which
strictness keeps a level of the answers is not computed but counted on questions with known answers (split conformal
prediction: Vovk et al. 2005; Angelopoulos et al. 2022). Knows numbers only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

_SMALLEST = 1e-9
"""Of shares and of probabilities that nothing is left, so that logarithms stay finite."""


@dataclass(frozen=True)
class AmountModel:
    """What was fitted for an encoder on questions with known answers.

    Attributes:
        weights: of the features of a unit, in the order of `heads.FEATURES`, in the log of its probability.
        offset: the constant of the estimate that the answer is in a head.
        mass_slope: weight of ln(1 - sum of the probabilities of its units) in this estimate.
        share_slope: weight of ln(its share of the tokens).
    """

    weights: tuple[float, ...]
    offset: float
    mass_slope: float
    share_slope: float

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return the probability of each unit to hold the answer, given that one does, shape (units,).

        Args:
            features: shape (units, features).
        """
        logits = features @ np.asarray(self.weights)
        values = np.exp(logits - logits.max(initial=-inf)) if len(logits) else logits
        return np.asarray(values / values.sum() if len(values) else values)

    def estimates(self, masses: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return the estimates that the answer is in texts.

        Args:
            masses: sum of the probabilities of the units of each.
            shares: their shares of all tokens, in [0, 1].
        """
        left = np.log(np.maximum(1 - masses, _SMALLEST))
        logits = self.offset + self.mass_slope * left + self.share_slope * np.log(np.maximum(shares, _SMALLEST))
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))


@dataclass(frozen=True)
class HeadEstimates:
    """What is expected of the heads of a request.

    Attributes:
        shares: tokens of the head of each length from 1, as a share of all, rising, shape (units,).
        kept: estimates that the answer is in it, rising, shape (units,).
    """

    shares: np.ndarray
    kept: np.ndarray

    def strictness(self) -> np.ndarray:
        """Return, for each length from 1, the smallest strictness with which a head of at least this length is kept.

        Shape (units,), rising; the first unit is always kept, so that it begins with -inf.
        """
        slopes = np.asarray([self._steepest(place) for place in range(len(self.shares) - 1)])
        with np.errstate(divide="ignore"):
            needed = -np.log(slopes)
        return np.concatenate([[-inf], np.maximum.accumulate(needed)]) if len(self.shares) else needed

    def length(self, strictness: float) -> int:
        """Return how many units are kept: as few as possible with this strictness."""
        return int(np.searchsorted(self.strictness(), strictness, side="right"))

    def expected(self, length: int) -> float:
        """Return the estimate that the answer is in so many units: 0 for none, 1 for all."""
        if length == 0:
            return 0.0
        return 1.0 if length == len(self.kept) else float(self.kept[length - 1])

    def _steepest(self, place: int) -> float:
        """Return the most that any longer head gains per share of the tokens."""
        gains = self.kept[place + 1 :] - self.kept[place]
        costs = np.maximum(self.shares[place + 1 :] - self.shares[place], _SMALLEST)
        return float(np.max(gains / costs))


def estimate_heads(model: AmountModel, features: np.ndarray, tokens: np.ndarray) -> HeadEstimates:
    """Return what is expected of the heads of a request.

    Args:
        model: of the encoder that read it.
        features: of its units in the order of their worth, shape (units, features).
        tokens: of the text that ends behind each unit, shape (units,).
    """
    shares = tokens / max(float(tokens[-1]), 1.0) if len(tokens) else tokens
    masses = np.minimum(np.cumsum(model.probabilities(features)), 1.0)
    return HeadEstimates(shares, np.maximum.accumulate(model.estimates(masses, shares)))


def fewest_questions(level: float) -> int:
    """Return how many questions with known answers a level needs: 19 for 0.95, 49 for 0.98."""
    return ceil(round(level / (1 - level), 6))


def highest_level(count: int) -> float:
    """Return the highest level that so many questions are enough for."""
    return count / (count + 1)


def strictness_for(level: float, needed: Sequence[float]) -> float | None:
    """Return the strictness that keeps a share of the answers of questions like those that were counted.

    A further question that comes from where these came from has its answer kept with at least this probability,
    whatever the encoder is worth: its needed strictness is as likely to be at any place among the others.

    Args:
        level: share of the answers to keep, in (0, 1).
        needed: the strictness that each question with a known answer needs.

    Returns:
        The smallest one; None where there are too few questions for the level.
    """
    place = ceil((len(needed) + 1) * level - _SMALLEST)
    return None if place > len(needed) else sorted(needed)[place - 1]
