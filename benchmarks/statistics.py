"""Means, medians and differences with their 95 % bootstrap intervals over questions. Knows numbers only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
_ENDS = (2.5, 97.5)
_SEED = 0

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate, the ends of its interval, and the number of questions that it is from."""

    estimate: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean and its interval.

    Raises:
        ValueError: there are no values.
    """
    return _interval(values, lambda samples: samples.mean(axis=-1))


def median_interval(values: Sequence[float]) -> Interval:
    """Return the median and its interval.

    Raises:
        ValueError: there are no values.
    """
    return _interval(values, lambda samples: np.median(samples, axis=-1))


def paired_difference(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Interval | None:
    """Return the mean of ours minus theirs over the questions that both have; None where there are none.

    Args:
        ours: values by question.
        theirs: the other system's values by question.
    """
    differences = [value - theirs[question] for question, value in ours.items() if question in theirs]
    return mean_interval(differences) if differences else None


def _interval(values: Sequence[float], statistic: Callable[[Values], npt.ArrayLike]) -> Interval:
    if not values:
        msg = "no values: an interval needs at least one"
        raise ValueError(msg)
    array = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(_SEED).integers(len(array), size=(RESAMPLES, len(array)))
    low, high = np.percentile(np.asarray(statistic(array[drawn])), _ENDS)
    return Interval(float(np.asarray(statistic(array))), float(low), float(high), len(array))
