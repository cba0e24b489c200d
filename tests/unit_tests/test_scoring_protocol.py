"""Scores of tokens and of sentences, and their means over spans of characters."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.scoring.protocol import SentenceScores, TokenScores

NAN = float("nan")


def tokens(spans: list[tuple[int, int]], values: list[float]) -> TokenScores:
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    return TokenScores(
        np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64), np.asarray(values, dtype=np.float32)
    )


# "aa bb. Cc dd ee. Ff.", one token per word
WORDS = tokens([(0, 2), (3, 6), (7, 9), (10, 12), (13, 16), (17, 20)], [1.0, 3.0, 9.0, 0.0, 0.0, 2.5])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 7, 2.0, id="two tokens"),
        pytest.param(0, 20, 15.5 / 6, id="all"),
        pytest.param(3, 7, 3.0, id="one token"),
        pytest.param(0, 0, 0.0, id="no character"),
        pytest.param(4, 20, 14.5 / 5, id="a token belongs to the span that holds its last character"),
        pytest.param(0, 4, 1.0, id="a token that ends after the span is not in it"),
        pytest.param(20, 25, 0.0, id="after all tokens"),
    ],
)
def test_mean_of_the_tokens_in_a_span(start: int, end: int, expected: float) -> None:
    """The mean is that of the tokens whose last character is in the span."""
    assert WORDS.mean(start, end) == pytest.approx(expected)


def test_a_span_within_one_token_has_its_score() -> None:
    """Where one token covers a sentence, each word of the sentence has the token's score."""
    scores = tokens([(0, 10), (10, 20)], [1.5, -2.0])
    assert [scores.mean(3, 6), scores.mean(13, 16), scores.mean(8, 16)] == [1.5, -2.0, 1.5]
    assert scores.mean(20, 25) == 0.0


def test_tokens_without_a_score_do_not_count() -> None:
    """NaN is left out of a mean; a span without any score has 0."""
    scores = tokens([(0, 2), (3, 5), (6, 8)], [NAN, 4.0, NAN])
    assert [scores.mean(0, 8), scores.mean(0, 3), scores.mean(6, 8)] == [4.0, 0.0, 0.0]


def test_a_passage_without_tokens() -> None:
    """Every span has 0."""
    assert tokens([], []).mean(0, 5) == 0.0


@st.composite
def some_tokens(draw: st.DrawFn) -> TokenScores:
    """Tokens in order, with gaps; some share their characters, as the bytes of one character do."""
    borders = sorted(draw(st.lists(st.integers(0, 30), min_size=2, max_size=12, unique=True)))
    spans = [span for span in pairwise(borders) for _ in range(draw(st.integers(0, 2)))]
    values = draw(st.lists(st.integers(-9, 9).map(float) | st.just(NAN), min_size=len(spans), max_size=len(spans)))
    return tokens(spans, values)


@given(some_tokens(), st.integers(0, 32), st.integers(0, 32))
def test_mean_of_tokens_by_a_loop(scores: TokenScores, start: int, end: int) -> None:
    """The mean equals that of a loop over all tokens."""
    start, end = min(start, end), max(start, end)
    rows = list(zip(scores.starts.tolist(), scores.ends.tolist(), scores.values.tolist(), strict=True))
    inside = [value for _, last, value in rows if start < last <= end]
    if not inside:
        inside = [value for first, last, value in rows if first < end < last][:1]
    known = [value for value in inside if not np.isnan(value)]
    assert scores.mean(start, end) == pytest.approx(sum(known) / len(known) if known else 0.0)


SENTENCES = SentenceScores(np.asarray([0, 7, 17, 20]), np.asarray([2.0, 3.0, 2.5]))


def test_a_sentence_has_the_mean_of_its_tokens() -> None:
    """Sentences get the mean score of their tokens, in the order of the text."""
    found = SentenceScores.of_tokens([0, 7, 17, 20], WORDS)
    assert (found.borders.tolist(), found.values.tolist()) == ([0, 7, 17, 20], [2.0, 3.0, 2.5])


def test_an_empty_passage_has_no_sentence_scores() -> None:
    """No sentence has a value, and the empty span has 0."""
    found = SentenceScores.of_tokens([0], tokens([], []))
    assert (found.borders.tolist(), found.values.tolist(), found.mean(0, 0)) == ([0], [], 0.0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 7, 2.0, id="a sentence"),
        pytest.param(7, 20, 2.75, id="two sentences count alike, whatever their lengths"),
        pytest.param(0, 20, 2.5, id="all"),
        pytest.param(8, 9, 3.0, id="within a sentence"),
        pytest.param(6, 8, 2.5, id="across a border"),
        pytest.param(7, 7, 0.0, id="no character"),
    ],
)
def test_mean_of_the_sentences_that_a_span_touches(start: int, end: int, expected: float) -> None:
    """The mean is that of the sentences that have a character in the span."""
    assert SENTENCES.mean(start, end) == pytest.approx(expected)


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.lists(st.floats(-9, 9), min_size=8, max_size=8),
    st.data(),
)
def test_mean_of_sentences_by_a_loop(lengths: list[int], values: list[float], data: st.DataObject) -> None:
    """The mean equals that of a loop over all characters of the span."""
    borders = np.cumsum([0, *lengths])
    scores = SentenceScores(borders, np.asarray(values[: len(lengths)]))
    start = data.draw(st.integers(0, int(borders[-1]) - 1))
    end = data.draw(st.integers(start + 1, int(borders[-1])))
    sentence_of = [number for number, length in enumerate(lengths) for _ in range(length)]
    touched = sorted(set(sentence_of[start:end]))
    assert scores.mean(start, end) == pytest.approx(sum(values[i] for i in touched) / len(touched))
