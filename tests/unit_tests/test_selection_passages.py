"""Which passages take part in the selection, in which order they are put out, and which are copies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.passages import arrange, choose_passages, find_copies


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
    """Passages are taken in rank order, here 2, 0, 3, 1, until their sizes reach the limit."""
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
    """Apart from passages to keep, a head of the ranking is taken; without its last passage it is below the limit."""
    chosen = choose_passages(ranking, sizes, limit, keep=keep, most=most)
    assert chosen == [i for i in ranking if i in chosen]
    assert keep <= set(chosen)
    others = [i for i in ranking if i not in keep]
    taken = [i for i in chosen if i not in keep]
    assert taken == others[: len(taken)]
    if taken:
        assert sum(sizes[i] for i in chosen) - sizes[taken[-1]] < limit
        assert most is None or len(chosen) <= most


@pytest.mark.parametrize(
    ("order", "ranking", "expected"),
    [
        ("original", [3, 0, 2, 1], [0, 1, 2, 3]),
        ("relevance", [3, 0, 2, 1], [3, 0, 2, 1]),
        ("edges", [3, 0, 2, 1], [3, 2, 1, 0]),
        ("edges", [4, 3, 2, 1, 0], [4, 2, 0, 1, 3]),
        ("edges", [5, 6], [5, 6]),
        ("edges", [5], [5]),
        ("edges", [], []),
        ("original", [], []),
        ("relevance", [], []),
    ],
)
def test_order_of_the_output(order: str, ranking: list[int], expected: list[int]) -> None:
    """Passages come as handed in, by relevance, or with the best ones at both ends."""
    assert arrange(ranking, order) == expected


@given(st.permutations(range(12)), st.sampled_from(["original", "relevance", "edges"]))
def test_no_order_loses_a_passage(ranking: list[int], order: str) -> None:
    """Whatever the order, each passage is in the output once, and the ranking is not changed."""
    given_ranking = list(ranking)
    assert sorted(arrange(ranking, order)) == list(range(12))
    assert ranking == given_ranking


@pytest.mark.parametrize(
    ("passages", "titles", "keep", "expected"),
    [
        pytest.param(["One.", "Two.", "One."], [], (), {2: 0}, id="the first stays"),
        pytest.param(["One two.", " one\nTWO. "], [], (), {1: 0}, id="case and white space do not count"),
        pytest.param(["One.", "One.", "One."], [], (), {1: 0, 2: 0}, id="three"),
        pytest.param(["One.", "Two.", "One."], [], (2,), {0: 2}, id="one to keep stays instead of the first"),
        pytest.param(["One.", "One.", "One."], [], (1, 2), {0: 1}, id="of two to keep, both stay"),
        pytest.param(["One.", "One."], ["A", "B"], (), {}, id="other titles"),
        pytest.param(["One.", "One."], ["A", "A"], (), {1: 0}, id="the same title"),
        pytest.param(["One.", "One."], ["A", ""], (), {}, id="one without a title"),
        pytest.param(["", " ", ""], [], (), {}, id="blank passages have no copies"),
        pytest.param(["One.", "One"], [], (), {}, id="punctuation counts"),
        pytest.param([], [], (), {}, id="no passages"),
    ],
)
def test_copies(passages: list[str], titles: list[str], keep: tuple[int, ...], expected: dict[int, int]) -> None:
    """Passages with the same title and the same text are copies of one of them."""
    assert find_copies(passages, titles, frozenset(keep)) == expected


@given(
    st.lists(st.sampled_from(["a", "A ", "b", "", " "]), max_size=10),
    st.frozensets(st.integers(0, 9)),
    st.sampled_from([["", "A"] * 5, []]),
)
def test_of_copies_exactly_one_stays(passages: list[str], keep: frozenset[int], titles: list[str]) -> None:
    """No passage to keep is a copy, the original is no copy itself, and both say the same."""
    titles = titles[: len(passages)]
    copies = find_copies(passages, titles, keep)
    assert not keep & copies.keys()
    assert not set(copies.values()) & copies.keys()
    for copy, original in copies.items():
        assert passages[copy].strip().casefold() == passages[original].strip().casefold() != ""
        assert not titles or titles[copy] == titles[original]
    said = [((titles or [""] * 10)[i], text.strip().casefold()) for i, text in enumerate(passages)]
    stay = [said[i] for i in range(len(passages)) if i not in copies and i not in keep and said[i][1]]
    assert len(set(stay)) == len(stay)
