"""How many tokens each passage may keep."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingua_shared.budget import choose_passages, share

ARITHMETIC = settings(derandomize=True, deadline=None, max_examples=300)
sizes_in_rank_order = st.lists(st.integers(0, 500), max_size=30)
strengths = st.floats(0, 1)


@pytest.mark.parametrize(
    ("limit", "keep", "most", "expected"),
    [
        pytest.param(100, (), None, [2, 0, 3, 1], id="all fit"),
        pytest.param(25, (), None, [2, 0, 3], id="the one that reaches the limit is taken"),
        pytest.param(20, (), None, [2, 0], id="a limit reached exactly"),
        pytest.param(0, (), None, [], id="no room at all"),
        pytest.param(20, (1,), None, [2, 1], id="one to keep counts towards the limit, in its rank"),
        pytest.param(5, (1, 3), None, [3, 1], id="those to keep are taken over the limit"),
        pytest.param(0, (1,), None, [1], id="even where there is no room"),
        pytest.param(100, (), 2, [2, 0], id="the most passages"),
        pytest.param(100, (1,), 2, [2, 1], id="one to keep counts towards the most"),
        pytest.param(float("inf"), (), None, [2, 0, 3, 1], id="no limit"),
    ],
)
def test_passages_of_ten_tokens_taken(
    limit: float, keep: tuple[int, ...], most: int | None, expected: list[int]
) -> None:
    """Passages are taken in rank order (here 2, 0, 3, 1) until their sizes reach the limit."""
    chosen = choose_passages([2, 0, 3, 1], [10, 10, 10, 10], limit, keep=frozenset(keep), most=most)
    assert chosen == expected


@pytest.mark.parametrize(
    ("sizes", "budget", "strength", "expected"),
    [
        pytest.param([100, 100], 100, 0.0, [50, 50], id="strength 0 treats all alike"),
        pytest.param([100, 100], 100, 0.3, [80, 20], id="the first gets 0.5 + 0.3, the last 0.5 - 0.3"),
        pytest.param([100, 100, 100], 150, 0.2, [70, 50, 30], id="linear in between"),
        pytest.param([100, 50], 75, 0.0, [50, 25], id="by size"),
        pytest.param([100, 100], 100, 1.0, [100, 0], id="full strength"),
        pytest.param([100, 100], 180, 0.5, [100, 80], id="what clipping frees goes to the others"),
        pytest.param([100, 100], 20, 0.5, [20, 0], id="what clipping overdraws comes from the others"),
        pytest.param([3, 3, 3], 5, 0.0, [3, 1, 1], id="what rounding leaves goes to the first"),
        pytest.param([10, 20], 30, 0.3, [10, 20], id="the whole"),
        pytest.param([10, 20], 99, 0.3, [10, 20], id="more than the whole"),
        pytest.param([10, 20], 0, 0.3, [0, 0], id="nothing"),
        pytest.param([10], 4, 1.0, [4], id="a single passage"),
        pytest.param([0, 0], 5, 0.3, [0, 0], id="empty passages"),
        pytest.param([0, 10], 5, 0.3, [0, 5], id="an empty one passes its share on"),
        pytest.param([], 5, 0.3, [], id="no passages"),
        pytest.param([], 0, 0.3, [], id="no passages and no budget"),
    ],
)
def test_shares(sizes: list[int], budget: int, strength: float, expected: list[int]) -> None:
    """Shares follow equation 5 of the paper: t + strength * (1 - 2j / (K - 1)), clipped and made to add up."""
    assert share(sizes, budget, strength) == expected


@ARITHMETIC
@given(sizes_in_rank_order, st.integers(0, 20_000), strengths)
def test_budgets_are_conserved(sizes: list[int], budget: int, strength: float) -> None:
    """Shares add up to the budget, or to all there is, exactly."""
    assert sum(share(sizes, budget, strength)) == min(budget, sum(sizes))


@ARITHMETIC
@given(sizes_in_rank_order, st.integers(0, 20_000), strengths)
def test_no_share_is_larger_than_its_passage(sizes: list[int], budget: int, strength: float) -> None:
    """A share lies between nothing and the whole passage."""
    shares = share(sizes, budget, strength)
    assert len(shares) == len(sizes)
    assert all(0 <= part <= size for part, size in zip(shares, sizes, strict=True))


@ARITHMETIC
@given(st.integers(1, 300), st.integers(2, 20), st.integers(0, 6_000), strengths)
def test_of_equal_passages_the_better_ranked_gets_no_less(size: int, count: int, budget: int, strength: float) -> None:
    """Shares of passages of one size never rise with the rank, but for a token of rounding."""
    shares = share([size] * count, budget, strength)
    assert all(later <= earlier + 1 for earlier, later in pairwise(shares))


@ARITHMETIC
@given(sizes_in_rank_order, st.integers(0, 20_000), strengths)
def test_sharing_leaves_the_sizes_as_they_were(sizes: list[int], budget: int, strength: float) -> None:
    """The list handed in is not changed, nor handed back."""
    before = list(sizes)
    shares = share(sizes, budget, strength)
    assert sizes == before
    assert shares is not sizes
