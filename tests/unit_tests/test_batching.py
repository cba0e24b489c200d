"""Windows of long sequences, and rows that share a batch."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.scoring.batching import Window, by_length, padded_length, windows


@pytest.mark.parametrize(
    ("length", "size", "overlap", "expected"),
    [
        (0, 4, 2, [Window(0, 0, 0)]),
        (4, 4, 2, [Window(0, 4, 0)]),
        (5, 4, 2, [Window(0, 4, 0), Window(1, 5, 4)]),
        (9, 4, 2, [Window(0, 4, 0), Window(2, 6, 4), Window(4, 8, 6), Window(5, 9, 8)]),
        (9, 4, 1, [Window(0, 4, 0), Window(3, 7, 4), Window(5, 9, 7)]),
        (3, 1, 1, [Window(0, 1, 0), Window(1, 2, 1), Window(2, 3, 2)]),
    ],
)
def test_windows(length: int, size: int, overlap: int, expected: list[Window]) -> None:
    """A sequence that fits is one window; a longer one is cut into windows of full size, the last one at its end."""
    assert windows(length, size, overlap) == expected


@given(st.integers(0, 200), st.integers(1, 40), st.integers(0, 45))
def test_windows_cover_each_token_once_afresh(length: int, size: int, overlap: int) -> None:
    """Every token is fresh in exactly one window, and neighbours share at least the overlap."""
    cut = windows(length, size, overlap)
    assert [token for window in cut for token in range(window.fresh, window.end)] == list(range(length))
    for before, after in pairwise(cut):
        assert before.end - after.start >= min(overlap, size - 1)
        assert before.end - before.start == after.end - after.start == size


@pytest.mark.parametrize(
    ("length", "step", "expected"), [(0, 16, 0), (1, 16, 16), (16, 16, 16), (17, 16, 32), (5, 1, 5)]
)
def test_padded_length(length: int, step: int, expected: int) -> None:
    """The next multiple of the step."""
    assert padded_length(length, step) == expected


def test_rows_of_like_length_share_a_batch() -> None:
    """Shortest first; a row that is too long for the budget is alone, and equal ones keep their order."""
    assert list(by_length([5, 1, 90, 5, 2], tokens=12)) == [[1, 4], [0, 3], [2]]


def test_padding_counts() -> None:
    """Two rows of 5 tokens make 10, but padded to 8 they make 16."""
    assert list(by_length([5, 5], tokens=12)) == [[0, 1]]
    assert list(by_length([5, 5], tokens=12, step=8)) == [[0], [1]]


def test_no_more_rows_than_allowed() -> None:
    """However short they are."""
    assert list(by_length([1, 1, 1], tokens=100, most=2)) == [[0, 1], [2]]


@given(st.lists(st.integers(0, 40)), st.integers(1, 60), st.integers(1, 8))
def test_each_row_is_in_one_batch_within_the_budget(lengths: list[int], tokens: int, step: int) -> None:
    """None is lost; a batch of several is within the budget, padding included."""
    batches = list(by_length(lengths, tokens=tokens, step=step))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = padded_length(max(lengths[place] for place in batch), step)
        assert len(batch) == 1 or longest * len(batch) <= tokens
