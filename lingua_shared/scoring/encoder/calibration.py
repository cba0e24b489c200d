"""Calibration of the encoder's relevance: turns raw logits into log-odds that match observed frequencies.

Knows numbers only. `lingua_shared.training.calibration` fits them, and a file beside the model's weights holds them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SETTINGS = "evidence.json"
"""Name of the file beside a model's weights that holds its calibration."""


@dataclass(frozen=True)
class ListwiseCalibration:
    """Calibration of a passage against the other passages of the same question.

    The log-odds of the passage in a softmax over all passages with a temperature (Guo et al. 2017), then a slope and
    an offset, because more than one passage may answer. The order of the passages does not change.
    """

    temperature: float
    slope: float
    offset: float

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        """Calibrate passages of one question against each other.

        Args:
            log_odds: calibrated log-odds of each passage on its own, at least two, shape (passages,).

        Returns:
            Log-odds of each passage, shape (passages,).
        """
        return self.slope * softmax_log_odds(log_odds / self.temperature) + self.offset


@dataclass(frozen=True)
class Calibration:
    """Slope and offset for a passage on its own (Platt 1999), and the calibration of passages against each other."""

    slope: float = 1.0
    offset: float = 0.0
    listwise: ListwiseCalibration | None = None

    def __call__(self, logit: float) -> float:
        """Return the log-odds that a passage answers the question, from the model's relevance logit."""
        return self.slope * logit + self.offset

    def calibrate_listwise(self, log_odds: np.ndarray) -> np.ndarray:
        """Return the log-odds that each passage answers the question, given that at least one of them does.

        Args:
            log_odds: calibrated log-odds of each passage on its own, shape (passages,). They are returned as they are
                for fewer than two passages, and where no listwise calibration was fitted.
        """
        return self.listwise(log_odds) if self.listwise and len(log_odds) > 1 else log_odds


def to_probability(log_odds: np.ndarray) -> np.ndarray:
    """Return the logistic function of log-odds."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))


def softmax_log_odds(logits: np.ndarray) -> np.ndarray:
    """Return the log-odds of each value in the softmax over all: logit - log(sum of exp of the other logits).

    Args:
        logits: at least two, shape (values,).
    """
    log_shares = logits - np.logaddexp.reduce(logits)
    best = int(np.argmax(logits))
    log_odds = np.empty(len(logits))
    # Shares other than the largest are at most 1/2, so 1 - share loses no precision.
    others = np.arange(len(logits)) != best
    log_odds[others] = log_shares[others] - np.log1p(-np.exp(log_shares[others]))
    log_odds[best] = logits[best] - np.logaddexp.reduce(logits[others])
    return log_odds


def read_calibration(folder: Path) -> Calibration:
    """Read the calibration from a model's folder."""
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    fitted: Mapping[str, Any] = settings["calibration"]
    listwise = fitted.get("listwise") or fitted.get("standing")  # the name of early versions
    return Calibration(fitted["slope"], fitted["offset"], ListwiseCalibration(**listwise) if listwise else None)
