"""What the caller hands in: taken, or refused with a clear error."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.errors import InvalidInputError, InvalidTypeError
from lingua_shared.inputs import as_passages, as_question, as_renders, as_scores, as_titles, check_indices, check_text


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        pytest.param("one", ("one",), id="a string is one passage"),
        pytest.param("", ("",), id="an empty string too"),
        pytest.param(["a", "b"], ("a", "b"), id="list"),
        pytest.param(("a", "b"), ("a", "b"), id="tuple"),
        pytest.param(deque(["a"]), ("a",), id="another sequence"),
        pytest.param([], (), id="none"),
        pytest.param(
            ["", " \n", "\x00", "e\u0301 👩🏽‍🚀 שלום"], ("", " \n", "\x00", "e\u0301 👩🏽‍🚀 שלום"), id="any text"
        ),
    ],
)
def test_passages_taken(passages: Any, expected: tuple[str, ...]) -> None:
    """A string, or a sequence of strings, comes back as a tuple, unchanged."""
    assert as_passages(passages) == expected


def texts() -> Iterator[str]:
    yield "a"


@pytest.mark.parametrize(
    ("passages", "message"),
    [
        pytest.param(None, "passages is of type NoneType; give a string or a list of strings", id="None"),
        pytest.param(b"text", "passages is of type bytes", id="bytes"),
        pytest.param(bytearray(b"text"), "passage 0 is of type int", id="bytearray"),
        pytest.param(7, "passages is of type int", id="int"),
        pytest.param({"a": "b"}, "passages is of type dict", id="dict"),
        pytest.param({"a"}, "passages is of type set", id="set"),
        pytest.param(texts(), "passages is of type generator", id="generator"),
        pytest.param(["a", None], "passage 1 is of type NoneType; give a string", id="None in a list"),
        pytest.param(["a", 5], "passage 1 is of type int", id="int in a list"),
        pytest.param([b"a"], "passage 0 is of type bytes", id="bytes in a list"),
        pytest.param([["a"]], "passage 0 is of type list", id="list in a list"),
        pytest.param([{"text": "a"}], "passage 0 is of type dict", id="dict in a list"),
    ],
)
def test_passages_of_a_wrong_type(passages: Any, message: str) -> None:
    """Anything else raises an error that says what came and where."""
    with pytest.raises(InvalidTypeError, match=message):
        as_passages(passages)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\ud800b", r"the text holds the lone surrogate '\\ud800' at character 1"),
        ("\udfff", r"the text holds the lone surrogate '\\udfff' at character 0"),
        ("\ud83d\ude00", r"the text holds the lone surrogate '\\ud83d' at character 0"),  # a pair that was never joined
    ],
)
def test_lone_surrogates_are_refused(text: str, message: str) -> None:
    """A lone surrogate raises an error that says where it is and what to do."""
    with pytest.raises(InvalidInputError, match=message + '.*errors="replace"'):
        check_text(text, "the text")


def test_the_passage_with_a_lone_surrogate_is_named() -> None:
    """In a list, the error names the passage."""
    with pytest.raises(InvalidInputError, match="passage 2 holds the lone surrogate"):
        as_passages(["a", "b", "c\udc80"])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_real_text_is_taken(text: str) -> None:
    """Every text without lone surrogates passes."""
    assert as_passages([text]) == (text,)


@pytest.mark.parametrize(
    ("question", "expected"),
    [(None, None), ("", None), (" \n", None), ("Who?", "Who?"), (" Who? ", " Who? ")],
)
def test_questions(question: str | None, expected: str | None) -> None:
    """A blank question is none; any other stays as it is."""
    assert as_question(question) == expected


@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        (b"Who?", InvalidTypeError, "the question is of type bytes"),
        (["Who?"], InvalidTypeError, "the question is of type list"),
        ("Who\ud800", InvalidInputError, "the question holds the lone surrogate"),
    ],
)
def test_questions_that_are_refused(question: Any, error: type[Exception], message: str) -> None:
    """A question that is no text raises an error."""
    with pytest.raises(error, match=message):
        as_question(question)


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param([1, 2.5], id="list"),
        pytest.param((1, 2.5), id="tuple"),
        pytest.param(np.asarray([1, 2.5]), id="array"),
        pytest.param(np.asarray([1, 2.5], dtype=np.float32), id="array of single precision"),
        pytest.param([np.int64(1), np.float32(2.5)], id="numbers of numpy"),
    ],
)
def test_scores_taken(scores: Any) -> None:
    """Numbers of any kind come back as floats."""
    taken = as_scores(scores, 2)
    assert taken == (1.0, 2.5)
    assert {type(score) for score in taken} == {float}


@pytest.mark.parametrize(
    ("scores", "error", "message"),
    [
        ([1.0], InvalidInputError, "1 scores for 2 passages; give one per passage"),
        ([], InvalidInputError, "0 scores for 2 passages"),
        ([1.0, float("nan")], InvalidInputError, "score 1 is nan; scores are finite numbers"),
        ([float("-inf"), 1.0], InvalidInputError, "score 0 is -inf"),
        ([1.0, None], InvalidInputError, "score 1 is None"),
        ([1.0, "2"], InvalidInputError, "score 1 is '2'"),
        ([True, 1.0], InvalidInputError, "score 0 is True"),
        (0.5, InvalidTypeError, "scores is of type float; give a list of numbers, one per passage"),
        ("ab", InvalidTypeError, "scores is of type str"),
        ({0: 1.0, 1: 2.0}, InvalidTypeError, "scores is of type dict"),
        ({1.0, 2.0}, InvalidTypeError, "scores is of type set"),
    ],
)
def test_scores_that_are_refused(scores: Any, error: type[Exception], message: str) -> None:
    """Anything but one finite number per passage raises an error that says what came."""
    with pytest.raises(error, match=message):
        as_scores(scores, 2)


def test_no_scores() -> None:
    """Without scores there are none; an empty list fits no passages."""
    assert as_scores(None, 2) is None
    assert as_scores([], 0) == ()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, ["x", "x"]),
        (["A: ", ""], ["A: x", "x"]),
        (("A: ", "B: "), ["A: x", "B: x"]),
        ([str.upper, "B: "], ["X", "B: x"]),
    ],
)
def test_headers_taken(headers: Any, expected: list[str]) -> None:
    """Each passage is shown behind its header, or as its function says; without headers it is shown as it is."""
    assert [render("x") for render in as_renders(headers, 2)] == expected


@pytest.mark.parametrize(
    ("headers", "error", "message"),
    [
        (["A"], InvalidInputError, "1 headers for 2 passages; give one per passage"),
        (["A", None], InvalidTypeError, "header 1 is of type NoneType"),
        (["A", "\ud800"], InvalidInputError, "header 1 holds the lone surrogate"),
        ("AB", InvalidTypeError, "headers is of type str; give a list of strings or functions, one per passage"),
        (3, InvalidTypeError, "headers is of type int"),
        (["A", len], InvalidTypeError, "what header 1 returns is of type int; give a string"),
        (["A", int], InvalidInputError, "header 1 raised ValueError on a text of 0 characters; .*invalid literal"),
    ],
)
def test_headers_that_are_refused(headers: Any, error: type[Exception], message: str) -> None:
    """Anything but one text per passage raises an error that says what came."""
    with pytest.raises(error, match=message):
        as_renders(headers, 2)


def fails_later(text: str) -> Any:
    """A header that takes no text but the empty one."""
    return 1 / 0 if text == "x" else text if text == "" else None


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("x", InvalidInputError, "header 1 raised ZeroDivisionError on a text of 1 characters; .*division by zero"),
        ("y", InvalidTypeError, "what header 1 returns is of type NoneType"),
    ],
)
def test_headers_that_fail_later(text: str, error: type[Exception], message: str) -> None:
    """A function that fails on a part of a passage raises an error of ours that says which one, and keeps its own."""
    render = as_renders(["A", fails_later], 2)[1]
    with pytest.raises(error, match=message) as caught:
        render(text)
    assert isinstance(caught.value.__cause__, ZeroDivisionError) == (text == "x")


@pytest.mark.parametrize(
    ("titles", "expected"),
    [(None, ("", "")), (["A\n very  long one ", None], ("A very long one", "")), (("", "C" * 200), ("", "C" * 100))],
)
def test_titles_taken(titles: Any, expected: tuple[str, str]) -> None:
    """They are on one line and not too long; none is an empty one."""
    assert as_titles(titles, ("Text.", "Text.")) == expected


@pytest.mark.parametrize(
    ("titles", "error", "message"),
    [
        (["A"], InvalidInputError, "1 titles for 2 passages; give one per passage"),
        (["A", 3], InvalidTypeError, "title 1 is of type int"),
        (["A", "\ud800"], InvalidInputError, "title 1 holds the lone surrogate"),
        ("AB", InvalidTypeError, "titles is of type str; give a list of strings, one per passage"),
    ],
)
def test_titles_that_are_refused(titles: Any, error: type[Exception], message: str) -> None:
    """Anything but one text or None per passage raises an error that says what came."""
    with pytest.raises(error, match=message):
        as_titles(titles, ("Text.", "Text."))


@pytest.mark.parametrize(
    ("passage", "title", "expected"),
    [
        pytest.param("It was built.", "Gull Point", "Gull Point", id="the text does not begin with it"),
        pytest.param("Gull Point\nIt was built.", "Gull Point", "", id="its first line"),
        pytest.param("  Gull Point was built.", "Gull Point", "", id="its first words"),
        pytest.param("Gull Pointer", "Gull Point", "Gull Point", id="only the beginning of a word"),
        pytest.param("", "Gull Point", "", id="no text to be titled"),
        pytest.param("It was built.", "", "", id="no title"),
        pytest.param("灯塔建于1871年。", "灯塔", "", id="a script without spaces"),
    ],
)
def test_a_title_that_the_passage_begins_with_is_left_out(passage: str, title: str, expected: str) -> None:
    """Scorers read it in the passage."""
    assert as_titles([title], [passage]) == (expected,)


@pytest.mark.parametrize("indices", [(), (0,), (2, 0, 1), (1, 1)])
def test_indices_of_passages(indices: tuple[int, ...]) -> None:
    """Each index below the number of passages is fine."""
    check_indices(indices, 3)


@pytest.mark.parametrize(("indices", "count", "named"), [((0, 3, 9), 3, r"\[3, 9\]"), ((0,), 0, r"\[0\]")])
def test_indices_that_are_refused(indices: tuple[int, ...], count: int, named: str) -> None:
    """An index that is no passage's raises an error that names it."""
    with pytest.raises(InvalidInputError, match=f"keep_passages names {named}, but there are {count} passages"):
        check_indices(indices, count)


def test_many_wrong_indices_are_cut_in_the_message() -> None:
    """A message stays short."""
    with pytest.raises(InvalidInputError) as caught:
        check_indices(range(5000), 3)
    assert len(str(caught.value)) < 200
