"""Measures of probabilities against labels: F1, AUC and calibration. Knows numbers only."""

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

_BINS = 10


def classification(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return measures of the probability that a word is kept.

    Args:
        probabilities: shape (words,).
        labels: 0 or 1, shape (words,).

    Returns:
        `f1` at a threshold of 0.5; `auc`, 0.5 where all labels are the same; `calibration_error`, the expected distance
        of probability and share of kept words in ten bins; `kept`, the share of kept words.
    """
    if not len(labels):
        return {"f1": 0.0, "auc": 0.5, "calibration_error": 0.0, "kept": 0.0}
    is_mixed = 0 < labels.mean() < 1
    return {
        "f1": float(f1_score(labels, probabilities > 1 / 2, zero_division=0.0)),
        "auc": float(roc_auc_score(labels, probabilities)) if is_mixed else 0.5,
        "calibration_error": calibration_error(probabilities, labels),
        "kept": float(labels.mean()),
    }


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == one).mean() * abs(probabilities[bins == one].mean() - labels[bins == one].mean())
        for one in np.unique(bins)
    ]
    return float(sum(gaps))
