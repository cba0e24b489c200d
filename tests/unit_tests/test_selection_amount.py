"""How much to keep: where a head is long enough, and what counted questions promise."""

from dataclasses import dataclass
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.amount import (
    AmountModel,
    HeadEstimates,
    estimate_heads,
    fewest_questions,
    highest_level,
    strictness_for,
)

MODEL = AmountModel(weights=(1.0,), offset=0.0, mass_slope=-1.0, share_slope=0.5)


@dataclass(frozen=True)
class Units:
    """Features of units, and the tokens of the heads that end behind them."""

    features: np.ndarray
    tokens: np.ndarray

    @property
    def estimates(self) -> HeadEstimates:
        return estimate_heads(MODEL, self.features, self.tokens)


@st.composite
def units(draw: st.DrawFn) -> Units:
    count = draw(st.integers(1, 30))
    features = draw(st.lists(st.floats(-8, 8), min_size=count, max_size=count))
    sizes = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    return Units(np.asarray(features)[:, None], 1.0 + np.cumsum(sizes))


@given(units())
def test_estimates_rise_along_the_heads(one: Units) -> None:
    """A longer head has more of the tokens, and the answer at least as probably."""
    found = one.estimates
    assert (np.diff(found.shares) >= 0).all()
    assert (np.diff(found.kept) >= 0).all()
    assert found.shares[-1] == 1
    assert ((found.kept >= 0) & (found.kept <= 1)).all()


@given(units(), st.floats(-20, 20), st.floats(0, 10))
def test_a_stricter_head_is_no_shorter(one: Units, strictness: float, more: float) -> None:
    """The kept units rise with the strictness, from one to all."""
    found = one.estimates
    assert 1 <= found.length(strictness) <= found.length(strictness + more) <= len(one.tokens)
    assert found.length(-inf) == 1
    assert found.length(inf) == len(one.tokens)


@given(units(), st.floats(-20, 20))
def test_a_head_stops_where_nothing_longer_gains_enough_per_token(one: Units, strictness: float) -> None:
    """The head is the shortest of which all longer ones gain less per share of the tokens than exp(-strictness)."""
    found = one.estimates

    def gains_enough(place: int) -> bool:
        later = range(place + 1, len(found.kept))
        steepest = [
            (found.kept[j] - found.kept[place]) / max(found.shares[j] - found.shares[place], 1e-9) for j in later
        ]
        return bool(steepest) and max(steepest) > 0 and -np.log(max(steepest)) <= strictness

    expected = next(place for place in range(len(found.kept)) if not gains_enough(place)) + 1
    assert found.length(strictness) == expected


@given(units(), st.integers(1, 30))
def test_the_strictness_of_a_head_is_the_smallest_that_reaches_it(one: Units, length: int) -> None:
    """With the strictness that a head needs it is kept, and with less it is not."""
    needed = one.estimates.strictness()
    length = min(length, len(needed))
    assert one.estimates.length(needed[length - 1]) >= length
    if length > 1:
        assert one.estimates.length(np.nextafter(needed[length - 1], -inf)) < length


@pytest.mark.parametrize(("level", "count"), [(0.5, 1), (0.9, 9), (0.95, 19), (0.98, 49), (0.99, 99)])
def test_levels_and_the_questions_they_need(level: float, count: int) -> None:
    """The fewest questions are just enough for a level, and one less is not."""
    assert fewest_questions(level) == count
    assert highest_level(count) == pytest.approx(level)
    assert strictness_for(level, [float(i) for i in range(count)]) == count - 1
    assert strictness_for(level, [float(i) for i in range(count - 1)]) is None


@given(st.lists(st.floats(-5, 5), min_size=20, max_size=60), st.floats(0.05, 0.9), st.floats(0, 0.04))
def test_a_higher_level_is_no_less_strict(needed: list[float], level: float, more: float) -> None:
    """The strictness rises with the level, and keeps at least this share of the questions that were counted."""
    found, higher = strictness_for(level, needed), strictness_for(level + more, needed)
    assert found is not None
    assert higher is not None
    assert found <= higher
    assert sum(one <= found for one in needed) >= level * len(needed)


def test_the_promise_holds_for_further_questions() -> None:
    """Of questions drawn as the counted ones were, the level is kept: over many draws, neither less nor much more."""
    random = np.random.default_rng(0)
    drawn = random.normal(size=(4000, 40))
    kept = [one[0] <= (strictness_for(0.9, one[1:].tolist()) or -inf) for one in drawn]
    assert 0.885 < np.mean(kept) < 0.92


def test_likely_units_are_worth_their_tokens() -> None:
    """After a unit that surely has the answer nothing more is kept; where nothing is sure, more is."""
    tokens = np.asarray([10.0, 20.0, 30.0, 40.0])
    sure = Units(np.asarray([[9.0], [0.0], [0.0], [0.0]]), tokens).estimates
    unsure = Units(np.asarray([[0.1], [0.0], [0.0], [0.0]]), tokens).estimates
    assert sure.length(0.5) == 1
    assert unsure.length(0.5) > 1
    assert sure.expected(1) > unsure.expected(1)


def test_no_units_have_no_answer() -> None:
    """A request without any text keeps nothing and expects nothing."""
    found = estimate_heads(MODEL, np.zeros((0, 1)), np.zeros(0))
    assert found.length(3.0) == 0
    assert found.expected(0) == 0.0
