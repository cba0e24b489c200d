"""Which passages go on to the fine stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.passages import choose_passages


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


@given(
    st.permutations(range(8)),
    st.lists(st.integers(0, 50), min_size=8, max_size=8),
    st.integers(0, 500),
    st.frozensets(st.integers(0, 7)),
    st.integers(1, 9) | st.none(),
)
def test_a_head_of_the_ranking_is_taken(
    ranking: list[int], sizes: list[int], limit: int, keep: frozenset[int], most: int | None
) -> None:
    """Beside those to keep, a head of the ranking is taken: all of it before the last one is below the limit."""
    chosen = choose_passages(ranking, sizes, limit, keep=keep, most=most)
    assert chosen == [i for i in ranking if i in chosen]
    assert keep <= set(chosen)
    others = [i for i in ranking if i not in keep]
    taken = [i for i in chosen if i not in keep]
    assert taken == others[: len(taken)]
    if taken:
        assert sum(sizes[i] for i in chosen) - sizes[taken[-1]] < limit
        assert most is None or len(chosen) <= most
