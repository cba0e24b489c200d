"""Makes a plan fit a budget exactly."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.candidates import Purchase, Unit
from lingua_shared.selection.fitting import fit, longest_head

UNITS = [(Unit(0, i, i + 1),) for i in range(20)]


class Plans:
    """Plans one unit per token of allowance, whatever a unit really costs; records the allowances."""

    def __init__(self, units: Sequence[Purchase] = UNITS) -> None:
        self.asked: list[int] = []
        self._units = units

    def __call__(self, allowance: int) -> Sequence[Purchase]:
        self.asked.append(allowance)
        return self._units[:allowance]


def per_unit(cost: float) -> Callable[[Sequence[Purchase]], int]:
    return lambda units: int(len(units) * cost)


@pytest.mark.parametrize(
    ("cost", "budget", "expected"),
    [
        pytest.param(1, 10, 10, id="estimates are right"),
        pytest.param(2, 10, 5, id="twice as many tokens as planned"),
        pytest.param(0.5, 10, 20, id="half as many: planned again for more"),
        pytest.param(1, 99, 20, id="all there is"),
        pytest.param(7, 6, 0, id="the first unit is too large"),
        pytest.param(1, 0, 0, id="no budget"),
    ],
)
def test_units_kept(cost: float, budget: int, expected: int) -> None:
    """As many units are kept as the budget holds, though their sizes were estimated wrongly."""
    assert fit(Plans(), per_unit(cost), budget) == UNITS[:expected]


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        pytest.param(1, [100], id="a plan that fills the budget is the last one"),
        pytest.param(2, [100], id="so is one that had to be cut"),
        pytest.param(0.5, [100, 150, 175, 188, 194], id="one that leaves room is made again for the rest as well"),
    ],
)
def test_plans_made(cost: float, expected: list[int]) -> None:
    """Planning ends once 97 % of the budget is used, or units had to be cut."""
    plans = Plans([(Unit(0, i, i + 1),) for i in range(1000)])
    fit(plans, per_unit(cost), 100)
    assert plans.asked == expected


def test_planning_ends_where_there_is_nothing_more() -> None:
    """A plan that cannot fill its budget is not made again and again."""
    plans = Plans(UNITS[:3])
    assert fit(plans, per_unit(1), 1000) == UNITS[:3]
    assert plans.asked == [1000, 1997]


def test_the_best_plan_wins() -> None:
    """A later plan that uses less is not taken."""
    made = iter([UNITS[:8], UNITS[:2], UNITS[:3], UNITS[:2], UNITS[:3], UNITS[:2]])
    assert fit(lambda _: next(made), per_unit(1), 10) == UNITS[:8]


@pytest.mark.parametrize(
    ("budget", "least", "expected"),
    [(0, 0, 0), (1, 0, 0), (2, 0, 1), (7, 0, 3), (40, 0, 20), (41, 0, 20), (7, 2, 3), (7, 3, 3), (40, 20, 20)],
)
def test_the_longest_head(budget: int, least: int, expected: int) -> None:
    """Of units of two tokens, as many are kept as fit."""
    assert longest_head(UNITS, per_unit(2), budget, least=least) == UNITS[:expected]


def test_what_must_stay_is_not_cut() -> None:
    """Where a part of the forced units costs more than all of them, all of them stay."""
    costs = {0: 0, 1: 9, 2: 9, 3: 5, 4: 9}  # units 0 to 2 are forced and together cost 5

    def cost(units: Sequence[Purchase]) -> int:
        return costs[len(units)]

    assert longest_head(UNITS[:4], cost, 5, least=3) == UNITS[:3]
    assert fit(lambda _: UNITS[:4], cost, 5, least=3) == UNITS[:3]


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(0, 400), st.data())
def test_no_fitted_plan_is_over_the_budget(costs: list[int], budget: int, data: st.DataObject) -> None:
    """Whatever units cost and however a plan errs, a head of it that fits is kept."""
    units = [(Unit(0, i, i + 1),) for i in range(len(costs))]
    error = data.draw(st.integers(-20, 20))

    def count(kept: Sequence[Purchase]) -> int:
        return sum(costs[unit.start] for (unit,) in kept)

    kept = fit(lambda allowance: units[: max(allowance + error, 0)], count, budget)
    assert count(kept) <= budget
    assert list(kept) == units[: len(kept)]
