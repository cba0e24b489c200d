"""Turns what the encoder's network puts out into log-odds that can be believed. All numbers in it are fitted."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SETTINGS = "evidence.json"
"""File beside a model's weights that holds its calibration."""


@dataclass(frozen=True)
class Standing:
    """How a passage stands against the others of its question, which says more than its own value.

    The log-odds of a passage in the softmax over all of them, with a temperature (Guo et al. 2017), then a slope and an
    offset, for several passages may answer. The order of passages stays as it was.
    """

    temperature: float
    slope: float
    offset: float

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        """Return log-odds of passages, at least two, from those that each has by itself, shape (passages,)."""
        return self.slope * against_others(log_odds / self.temperature) + self.offset


@dataclass(frozen=True)
class Calibration:
    """Of one passage by itself, a slope and an offset (Platt 1999), and of passages beside each other."""

    slope: float = 1.0
    offset: float = 0.0
    standing: Standing | None = None

    def __call__(self, raw: float) -> float:
        """Return the log-odds that a passage answers, from what the network says of it."""
        return self.slope * raw + self.offset

    def among(self, log_odds: np.ndarray) -> np.ndarray:
        """Return the log-odds that each of these passages answers, given that one of them does.

        Args:
            log_odds: of each by itself, shape (passages,). They are the answer for a passage that has none beside it,
                and where no standing was fitted.
        """
        return self.standing(log_odds) if self.standing and len(log_odds) > 1 else log_odds


def to_probability(log_odds: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))


def against_others(values: np.ndarray) -> np.ndarray:
    """Return the log-odds of each value in the softmax over all: value - log(sum of exp of the others).

    Args:
        values: at least two, shape (values,).
    """
    shares = values - np.logaddexp.reduce(values)
    best = int(np.argmax(values))
    found = np.empty(len(values))
    rest = np.arange(len(values)) != best  # of which none has more than a half, so that nothing is lost by 1 - share
    found[rest] = shares[rest] - np.log1p(-np.exp(shares[rest]))
    found[best] = values[best] - np.logaddexp.reduce(values[rest])
    return found


def read_calibration(folder: Path) -> Calibration:
    """Read the calibration beside a model."""
    fitted = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))["calibration"]
    standing = fitted.get("standing")
    return Calibration(fitted["slope"], fitted["offset"], Standing(**standing) if standing else None)
