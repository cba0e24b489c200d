"""Shares of the budget by rank: conserved exactly, within the sizes, as equation 5 of LongLLMLingua has them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.schedule import shares_by_rank

sizes_of_passages = st.lists(st.integers(0, 2000), max_size=40)
deltas = st.floats(0, 1)


@given(sizes_of_passages, st.integers(-5, 50_000), deltas)
def test_shares_are_conserved(sizes: list[int], budget: int, delta: float) -> None:
    """Together they are the budget, or everything where that is less; each is within [0, size]."""
    shares = shares_by_rank(sizes, budget, delta)
    assert len(shares) == len(sizes)
    assert sum(shares) == min(max(budget, 0), sum(sizes))
    assert all(0 <= share <= size for share, size in zip(shares, sizes, strict=True))


@given(st.lists(st.integers(20, 2000), min_size=1, max_size=40), st.floats(0, 1), deltas)
def test_a_better_passage_keeps_no_smaller_share_of_itself(sizes: list[int], rate: float, delta: float) -> None:
    """Rates, clipped to [0, 1], fall with the rank, up to the rounding of a token each."""
    rates = [
        (share / size, 1 / size)
        for share, size in zip(shares_by_rank(sizes, int(rate * sum(sizes)), delta), sizes, strict=True)
    ]
    for (better, token), (worse, other) in pairwise(rates):
        assert better + token + other >= worse


@given(st.integers(0, 4000), st.integers(0, 4000), deltas)
def test_a_single_passage_has_the_whole_budget(size: int, budget: int, delta: float) -> None:
    """There is nobody to share with."""
    assert shares_by_rank([size], budget, delta) == [min(size, budget)]


@pytest.mark.parametrize(
    ("sizes", "budget", "delta", "expected"),
    [
        pytest.param([], 100, 0.3, [], id="none"),
        pytest.param([100] * 4, 200, 0, [50, 50, 50, 50], id="uniform"),
        pytest.param([100, 200], 150, 0, [50, 100], id="uniform over unequal passages"),
        pytest.param([100] * 4, 200, 0.2, [65, 55, 45, 35], id="steps of 2 delta / K around the mean"),
        pytest.param([100] * 4, 380, 0.3, [100, 100, 97, 83], id="clipped to 1, and the others have the rest"),
        pytest.param([100] * 4, 20, 0.3, [17, 3, 0, 0], id="clipped to 0, and the others have less"),
        pytest.param([7, 7, 7], 10, 0, [3, 3, 4], id="rounded without losing a token"),
    ],
)
def test_shares(sizes: list[int], budget: int, delta: float, expected: list[int]) -> None:
    """The rate falls by 2 delta / K from one rank to the next, as far as [0, 1] allows."""
    assert shares_by_rank(sizes, budget, delta) == expected


@given(st.lists(st.integers(10, 500), min_size=1, max_size=30), st.floats(0.3, 0.6))
def test_without_clipping_rates_are_those_of_the_paper(sizes: list[int], rate: float) -> None:
    """Each is (1 - 2 k / K) delta + tau for one tau, within the rounding of a token."""
    count, delta = len(sizes), 0.05
    shares = shares_by_rank(sizes, int(rate * sum(sizes)), delta)
    taus = [
        share / size - (1 - 2 * rank / count) * delta
        for rank, (share, size) in enumerate(zip(shares, sizes, strict=True))
    ]
    assert max(taus) - min(taus) <= 2 / min(sizes) + 1e-6
