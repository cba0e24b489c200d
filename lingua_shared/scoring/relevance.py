"""The probability that a passage answers, from the raw signals of the causal model and the bi-encoder.

Fitted for the default models only, by `python -m lingua_shared.training.relevance`. Knows numbers and names of signals.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SETTINGS = Path(__file__).with_name("relevance.json")
"""File with the fitted numbers, and how they were fitted."""


@dataclass(frozen=True)
class LogisticModel:
    """A logistic regression of "this passage is gold" on raw signals.

    Attributes:
        weights: of each signal, by its name as a ranker.
        offset: the constant term.
    """

    weights: Mapping[str, float]
    offset: float

    def probabilities(self, signals: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the probability of each passage, shape (passages,); NaN where a signal is NaN or missing."""
        if not self.weights.keys() <= signals.keys():
            return np.full(len(next(iter(signals.values()), ())), np.nan)
        logits = self.offset + sum(weight * signals[name] for name, weight in self.weights.items())
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


@dataclass(frozen=True)
class SignalCalibration:
    """Logistic regressions for models of certain names, best first.

    Attributes:
        models: name of each model that they were fitted for, by the name of its option.
        regressions: those that need more signals come first.
    """

    models: Mapping[str, str]
    regressions: tuple[LogisticModel, ...]

    def probabilities(self, signals: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """Return the probability that each passage answers, by the best regression that has all of its signals.

        Args:
            signals: raw values by ranker, shape (passages,); NaN where a ranker did not read a passage.

        Returns:
            Shape (passages,); None where no regression has its signals for every passage.
        """
        found: np.ndarray | None = None
        for regression in self.regressions:
            values = regression.probabilities(signals)
            found = values if found is None else np.where(np.isnan(found), values, found)
        return None if found is None or not len(found) or np.isnan(found).all() else found


@cache
def read_signal_calibration(path: Path = SETTINGS) -> SignalCalibration:
    """Read the fitted numbers."""
    record = json.loads(path.read_text(encoding="utf-8"))
    regressions = tuple(LogisticModel(one["weights"], one["offset"]) for one in record["regressions"])
    return SignalCalibration(record["models"], regressions)
