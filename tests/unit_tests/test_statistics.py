"""Intervals: known values, and how often they cover the truth."""

import numpy as np
import pytest

from lingua_shared.evaluation.statistics import (
    Interval,
    mean_interval,
    median_interval,
    paired_difference,
    resampled_interval,
)


def test_an_interval_holds_its_mean() -> None:
    """Half of ten values are 1: mean 0.5, and ends at the quantiles of a binomial over ten."""
    interval = mean_interval([0.0, 1.0] * 5)
    assert interval.estimate == 0.5
    assert interval.low == pytest.approx(0.2, abs=0.05)
    assert interval.high == pytest.approx(0.8, abs=0.05)
    assert interval.n == 10


def test_equal_values_leave_no_doubt() -> None:
    """Every resample of equal values has the same mean."""
    assert mean_interval([0.25] * 7) == Interval(0.25, 0.25, 0.25, 7)


def test_one_value_is_its_own_interval() -> None:
    """A single question has nothing to resample."""
    assert mean_interval([3.0]) == Interval(3.0, 3.0, 3.0, 1)


def test_no_values_raise() -> None:
    """There is no mean of nothing."""
    with pytest.raises(ValueError, match="at least one"):
        mean_interval([])


def test_the_same_values_give_the_same_interval() -> None:
    """The generator is seeded."""
    values = list(np.random.default_rng(5).random(40))
    assert mean_interval(values) == mean_interval(values)


def test_a_median_heeds_no_outlier() -> None:
    """The median of five values is the third, and its interval lies within them."""
    interval = median_interval([1.0, 2.0, 3.0, 4.0, 1000.0])
    assert interval.estimate == 3.0
    assert (interval.low, interval.high) == (1.0, 1000.0)


@pytest.mark.parametrize("truth", [0.3, 0.5, 0.75])
def test_intervals_cover_the_truth_as_often_as_they_say(truth: float) -> None:
    """Of 300 intervals over 60 draws each, about 95 % hold the probability that the draws are from."""
    draws = np.random.default_rng(11).random((300, 60)) < truth
    intervals = [mean_interval(list(map(float, row))) for row in draws]
    covered = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    assert 0.90 <= covered <= 0.98


def test_paired_differences_use_common_questions_only() -> None:
    """Ours minus theirs on a and b: 1 - 0 and 0 - 0, so 0.5; c and d have no partner."""
    difference = paired_difference({"a": 1.0, "b": 0.0, "c": 1.0}, {"b": 0.0, "a": 0.0, "d": 1.0})
    assert difference is not None
    assert (difference.estimate, difference.n) == (0.5, 2)


def test_without_common_questions_there_is_no_difference() -> None:
    """Nothing can be paired."""
    assert paired_difference({"a": 1.0}, {"b": 1.0}) is None


def test_pairing_narrows_the_interval() -> None:
    """Where one system is better by 0.1 on every question, the difference is certain, however the questions vary."""
    theirs = {str(i): i / 50 for i in range(50)}
    ours = {question: value + 0.1 for question, value in theirs.items()}
    difference = paired_difference(ours, theirs)
    assert difference is not None
    assert difference.high - difference.low < 1e-9


def test_a_figure_of_whole_questions_is_resampled() -> None:
    """For a mean, resampling the questions gives nearly the interval of the mean; a single question has none."""
    values = np.random.default_rng(3).random(50)
    interval = resampled_interval(50, lambda places: float(values[places].mean()))
    wanted = mean_interval(list(values))
    assert interval.estimate == pytest.approx(wanted.estimate)
    assert (interval.low, interval.high) == pytest.approx((wanted.low, wanted.high), abs=0.02)
    assert resampled_interval(1, lambda places: float(len(places))) == Interval(1.0, 1.0, 1.0, 1)


def test_files_hold_four_digits() -> None:
    """An interval goes into a line rounded, under the name of its estimate."""
    line = Interval(0.123456, 0.0, 0.98765432, 7).as_line("difference")
    assert line == {"difference": 0.1235, "low": 0.0, "high": 0.9877, "n": 7}
