"""Fuses the values of several rankers: z-scores, weighted sums, orders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.scoring.fusion import fuse, rank, standardise

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([1.0, 3.0], [-1.0, 1.0], id="two values"),
        pytest.param(
            [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2], id="mean 5, deviation 2"
        ),
        pytest.param([7.0, 7.0, 7.0], [0, 0, 0], id="equal values"),
        pytest.param([7.0], [0], id="one value"),
        pytest.param([], [], id="no value"),
        pytest.param([NAN, 1.0, 3.0], [-1, -1, 1], id="NaN counts as the lowest of the others and does not move them"),
        pytest.param([-INFINITY, 1.0, 3.0], [-1, -1, 1], id="so does an infinite value"),
        pytest.param([5.0, NAN, NAN], [0, 0, 0], id="one value known"),
        pytest.param([NAN, 4.0, NAN, 4.0], [0, 0, 0, 0], id="equal values known"),
        pytest.param([NAN, NAN], [0, 0], id="nothing known"),
    ],
)
def test_standardised_values(values: list[float], expected: list[float]) -> None:
    """Known values get mean 0 and standard deviation 1; others get the lowest z-score."""
    np.testing.assert_allclose(standardise(np.asarray(values)), expected, atol=1e-12)


def test_standardising_leaves_the_values_as_they_were() -> None:
    """The array handed in is not changed."""
    values = np.asarray([NAN, 1.0, 3.0])
    standardise(values)
    np.testing.assert_array_equal(values, [NAN, 1.0, 3.0])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        pytest.param({"a": 1.0, "b": 1.0}, [0.0, 0.0], id="opposite signals of equal weight cancel out"),
        pytest.param({"a": 3.0, "b": 1.0}, [-2.0, 2.0], id="the heavier one wins"),
        pytest.param({"a": 1.0, "b": 0.0}, [-1.0, 1.0], id="weight 0 silences"),
        pytest.param({"a": 1.0, "b": -1.0}, [-2.0, 2.0], id="a negative weight turns a signal round"),
    ],
)
def test_fused_relevance(weights: dict[str, float], expected: list[float]) -> None:
    """The relevance is the weighted sum of the z-scores, whatever the scales of the signals."""
    signals = {"a": np.asarray([1.0, 3.0]), "b": np.asarray([5000.0, -1000.0])}
    np.testing.assert_allclose(fuse(signals, weights), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("relevances", "expected"),
    [
        pytest.param([0.1, 0.9, 0.5], [1, 2, 0], id="highest first"),
        pytest.param([1.0, 2.0, 1.0, 2.0], [1, 3, 0, 2], id="of equals, the one handed in first"),
        pytest.param([], [], id="no passages"),
    ],
)
def test_ranking(relevances: list[float], expected: list[int]) -> None:
    """Passages are ranked by relevance, stably."""
    assert rank(relevances) == expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(0.001, 1000), st.floats(-1e3, 1e3))
def test_ranking_does_not_depend_on_scale(values: list[float], scale: float, shift: float) -> None:
    """Scaling and shifting a signal leaves its z-scores as they are."""
    plain = np.asarray(values)
    if plain.std() > 1e-3:  # below, rounding decides
        np.testing.assert_allclose(standardise(plain * scale + shift), standardise(plain), atol=1e-3)
