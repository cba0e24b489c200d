"""Means, medians and paired differences with 95 % percentile bootstrap intervals over questions (scipy)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

RESAMPLES = 2000
_LEVEL = 0.95
_SEED = 0
_DIGITS = 4

Statistic = Callable[..., npt.ArrayLike]


@dataclass(frozen=True)
class Interval:
    """An estimate, both ends of its 95 % interval, and the number of questions behind it."""

    estimate: float
    low: float
    high: float
    n: int

    def as_line(self, name: str = "mean") -> dict[str, float]:
        """Return it rounded, as the files of results hold it; `name` is the key of the estimate."""
        ends = {name: self.estimate, "low": self.low, "high": self.high}
        return {**{key: round(value, _DIGITS) for key, value in ends.items()}, "n": self.n}


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean and its interval.

    Raises:
        ValueError: There are no values.
    """
    return _interval(values, np.mean)


def median_interval(values: Sequence[float]) -> Interval:
    """Return the median and its interval.

    Raises:
        ValueError: There are no values.
    """
    return _interval(values, np.median)


def paired_difference(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Interval | None:
    """Return the mean of ours minus theirs over the questions that both have; None where there are none.

    Args:
        ours: Values by question.
        theirs: The other system's values by question.
    """
    differences = [value - theirs[question] for question, value in ours.items() if question in theirs]
    return mean_interval(differences) if differences else None


def resampled_interval(count: int, statistic: Callable[[npt.NDArray[np.int64]], float]) -> Interval:
    """Return a statistic of whole questions and its interval, for figures that are no mean over questions.

    Args:
        count: Number of questions.
        statistic: Function of the indices of the questions in a resample, shape (count,).
    """
    places = np.arange(count)
    estimate = float(statistic(places))
    if count < 2:
        return Interval(estimate, estimate, estimate, count)
    return _with_ends(estimate, places, statistic, vectorized=False)


def _interval(values: Sequence[float], statistic: Statistic) -> Interval:
    if not values:
        msg = "no values: an interval needs at least one"
        raise ValueError(msg)
    array = np.asarray(values, dtype=np.float64)
    estimate = float(np.asarray(statistic(array)))
    if np.all(array == array[0]):  # also a single value: there is nothing to resample
        return Interval(estimate, estimate, estimate, len(array))
    return _with_ends(estimate, array, statistic, vectorized=True)


def _with_ends(estimate: float, sample: npt.NDArray[Any], statistic: Statistic, *, vectorized: bool) -> Interval:
    found = bootstrap(
        (sample,),
        statistic,
        vectorized=vectorized,
        n_resamples=RESAMPLES,
        confidence_level=_LEVEL,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Interval(estimate, float(found.low), float(found.high), len(sample))
