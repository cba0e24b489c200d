"""Plans of what to keep: sentences first, then words of the sentences that no longer fit."""

import numpy as np
import pytest

from lingua_shared.scoring import TokenScores
from lingua_shared.segments import segment
from lingua_shared.selection import Candidate, Piece, plan

NAN = float("nan")


def count_words(text: str) -> int:
    return len(text.split())


def scored_words(text: str, values: list[float]) -> TokenScores:
    """One model token per word of the text."""
    starts, ends, at = [], [], 0
    for word in text.split():
        starts.append(text.index(word, at))
        ends.append(at := starts[-1] + len(word))
    return TokenScores(np.asarray(starts), np.asarray(ends), np.asarray(values, dtype=np.float32))


def candidate(text: str, values: list[float] | None, *, index: int = 0, header: str = "") -> Candidate:
    tokens = None if values is None else scored_words(text, values)
    return Candidate(index, text, segment(text), tokens, count=count_words, header=header)


def texts(pieces: list[Piece], *sources: str) -> list[str]:
    return [sources[piece.passage][piece.start : piece.end] for piece in pieces]


TEXT = "aa bb. Cc dd ee. Ff."
VALUES = [1.0, 3.0, 9.0, 0.0, 0.0, 2.5]  # means of the sentences: 2, 3, 2.5


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 7, 2.0, id="a sentence"),
        pytest.param(0, 20, 15.5 / 6, id="all"),
        pytest.param(3, 7, 3.0, id="a word"),
        pytest.param(0, 0, 0.0, id="no token"),
        pytest.param(4, 20, 14.5 / 5, id="a token belongs where it ends"),
        pytest.param(0, 4, 1.0, id="a token that ends behind the span is not in it"),
    ],
)
def test_importance_is_the_mean_of_the_tokens(start: int, end: int, expected: float) -> None:
    """The importance of a span is the mean of the tokens that end in it."""
    assert candidate(TEXT, VALUES).importance(start, end) == pytest.approx(expected)


def test_tokens_without_a_score_do_not_count() -> None:
    """NaN is left out of a mean; where nothing else is there, the importance is 0."""
    scored = candidate("aa bb cc", [NAN, 4.0, NAN])
    assert [scored.importance(0, 8), scored.importance(0, 3), scored.importance(6, 8)] == [4.0, 0.0, 0.0]


def test_nothing_scored_has_no_importance() -> None:
    """Without token scores there is no importance, and sentences stay in their order."""
    unscored = candidate(TEXT, None)
    assert unscored.importance(0, 7) is None
    assert texts(unscored.sentences(), TEXT) == ["aa bb. ", "Cc dd ee. ", "Ff."]


def test_sentences_come_by_importance() -> None:
    """The most important sentence is first."""
    assert texts(candidate(TEXT, VALUES).sentences(), TEXT) == ["Cc dd ee. ", "Ff.", "aa bb. "]


def test_words_come_by_importance() -> None:
    """Words of a sentence, most important first; of equals, the earlier one."""
    scored = candidate(TEXT, VALUES)
    assert texts(scored.words(Piece(0, 0, 7)), TEXT) == ["bb. ", "aa "]
    assert texts(scored.words(Piece(0, 7, 17)), TEXT) == ["Cc ", "dd ", "ee. "]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("two words", [" two words"], id="a word carries the space before it"),
        pytest.param("trailing  \n", [" trailing"], id="without white space around"),
        pytest.param("東京", ["東京"], id="no space where the script has none"),
        pytest.param("  ", [""], id="only white space"),
    ],
)
def test_what_is_counted_as_the_size_of_a_piece(text: str, expected: list[str]) -> None:
    """A piece is counted as it will stand in running text."""
    counted: list[str] = []

    def count(counting: str) -> int:
        counted.append(counting)
        return 1

    Candidate(0, text, segment(text), None, count=count).size(Piece(0, 0, len(text)))
    assert counted == expected


@pytest.mark.parametrize(("header", "expected"), [("", 1), ("Title of it: ", 4)])
def test_overhead_of_a_passage(header: str, expected: int) -> None:
    """A passage costs a separator and its header."""
    assert candidate("aa", None, header=header).overhead == expected


FIRST = "aa bb. Cc dd ee."
SECOND = "Ff gg hh ii."


def two_candidates(*, headers: tuple[str, str] = ("", "")) -> list[Candidate]:
    return [
        candidate(FIRST, [5.0, 5.0, 1.0, 2.0, 3.0], header=headers[0]),
        candidate(SECOND, [4.0, 6.0, 1.0, 1.0], index=1, header=headers[1]),
    ]


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        pytest.param([3, 0], ["aa bb. "], id="2 words and a separator"),
        pytest.param([6, 0], ["aa bb. ", "Cc dd ee."], id="a passage pays its separator once"),
        pytest.param([6, 5], ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="all"),
        pytest.param([5, 3], ["aa bb. ", "Ff gg hh ii."], id="what one cannot use goes to the next"),
        pytest.param([2, 5], ["Ff gg hh ii."], id="so also where it cannot use any"),
        pytest.param([2, 0], [], id="less than any sentence"),
        pytest.param([0, 0], [], id="nothing"),
    ],
)
def test_plan_of_sentences(budgets: list[int], expected: list[str]) -> None:
    """Sentences are bought by importance, passage by passage; one that is too dear is passed over."""
    assert texts(plan(two_candidates(), budgets, "sentence"), FIRST, SECOND) == expected


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        pytest.param([4, 0], ["aa bb. ", "ee."], id="the best word of a sentence that does not fit"),
        pytest.param([5, 0], ["aa bb. ", "ee.", "dd "], id="then the next best"),
        pytest.param([6, 3], ["aa bb. ", "Cc dd ee.", "gg ", "Ff "], id="words of the next passage"),
        pytest.param([2, 0], ["aa "], id="a word where no sentence fits"),
        pytest.param([1, 0], [], id="less than a word and its separator"),
    ],
)
def test_plan_of_words(budgets: list[int], expected: list[str]) -> None:
    """What sentences leave of the budget goes to words, best sentence of the best passage first."""
    assert texts(plan(two_candidates(), budgets, "word"), FIRST, SECOND) == expected


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        pytest.param([6, 5], [FIRST, SECOND], id="both"),
        pytest.param([6, 4], [FIRST], id="the second does not fit"),
        pytest.param([3, 2], [SECOND], id="only the second fits"),
        pytest.param([2, 2], [], id="neither"),
    ],
)
def test_plan_of_passages(budgets: list[int], expected: list[str]) -> None:
    """Whole passages share the sum of the budgets, most relevant first."""
    assert texts(plan(two_candidates(), budgets, "passage"), FIRST, SECOND) == expected


def test_headers_are_paid_for() -> None:
    """A header costs its tokens, once per passage."""
    candidates = two_candidates(headers=("A title: ", ""))
    assert texts(plan(candidates, [4, 0], "sentence"), FIRST, SECOND) == []
    assert texts(plan(candidates, [5, 0], "sentence"), FIRST, SECOND) == ["aa bb. "]


@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_forced_pieces_come_first_and_once(unit: str) -> None:
    """What is forced stands at the head of the plan and is not bought again."""
    forced = [Piece(0, 0, len(FIRST)), Piece(1, 0, 3)]
    pieces = plan(two_candidates(), [99, 99], unit, forced=forced)
    assert pieces[:2] == forced
    assert len(set(pieces)) == len(pieces)
    assert [piece for piece in pieces if piece.passage == 0] == [forced[0]]


def test_words_of_a_bought_sentence_are_not_bought_again() -> None:
    """With budget left over, nothing is listed twice."""
    assert texts(plan(two_candidates(), [99, 99], "word"), FIRST, SECOND) == ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."]


def test_a_forced_word_opens_its_passage() -> None:
    """Further pieces of a passage that is in the text anyway pay no separator."""
    forced = [Piece(0, 7, 10)]  # "Cc "
    assert texts(plan(two_candidates(), [2, 0], "sentence", forced=forced), FIRST, SECOND) == ["Cc ", "aa bb. "]
