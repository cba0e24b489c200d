"""Equations of worked examples are found, and a shortened example is told from a broken one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.prompts.arithmetic import arithmetic_spans, find_answers, find_equations, still_checks

EXAMPLE = """They dedicate 3 hours to each of the 2 chapters, 3 hours x 2 chapters = 6 hours total.
At 4 hours a day, 12 / 4 = 3 days. 12 oranges will cost $0.50 * 12 = $6, and 2/5*60 = 24.
The answer is 4"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 hours x 2 chapters = 6 hours total", ["3*2=6"]),
        ("25*2= 50 points", ["25*2=50"]),
        ("180 minutes, or 180 / 60 minutes per hour = 3 extra", ["180/60=3"]),
        ("$0.50 * 12 = $6", ["0.50*12=6"]),
        ("1,000 - 480 = 520", ["1000-480=520"]),
        ("(520/1000) = 0.52", []),
        ("520/1000 * 100 = 52", ["520/1000*100=52"]),
        ("a 10-minute break = 10", []),
        ("x = 5, 12W + 12A = 60", []),
        ("1 + 1 and\n2 = 3", []),
        ("3 × 4 = 12 − 2 = 10", ["3*4=12", "12-2=10"]),
    ],
)
def test_equations_are_found(text: str, said: list[str]) -> None:
    """Operators of all spellings, units between, money and thousands; no ranges, variables or other lines."""
    assert [equation.said for equation in find_equations(text)] == said


@pytest.mark.parametrize(
    ("text", "holds"),
    [("2 + 3 * 4 = 14", True), ("2 + 3 * 4 = 20", False), ("10 / 3 = 3.33", True), ("50% * 8 = 4", True),
     ("20 / 100 = 20%", True), ("5 / 0 = 1", False), ("8*4 = 24", False)],
)  # fmt: skip
def test_equations_are_computed(text: str, *, holds: bool) -> None:
    """Products come first, results may be rounded, and division by zero is no result."""
    [equation] = find_equations(text)
    assert equation.holds is holds


def test_answers_are_found() -> None:
    """What stands behind "the answer is", on its line."""
    assert find_answers("So the answer is (B).\nThe answer is 4\nThe final answer is: No.") == ["(B)", "4", "No"]


def test_spans_are_those_of_numbers_and_signs() -> None:
    """Units between are no part of the arithmetic."""
    text = "3 hours x 2 chapters = 6 hours total. The answer is 6."
    assert [text[a:b] for a, b in arithmetic_spans(text)] == ["3", "x", "2", "=", "6", "The answer is 6."]


def test_a_shortened_example_checks() -> None:
    """Without its other words an example checks; with a changed or a lost number it does not."""
    short = "3 x 2 = 6\n12 / 4 = 3\n$0.50 * 12 = $6 2/5*60 = 24\nThe answer is 4"
    assert still_checks(EXAMPLE, EXAMPLE)
    assert still_checks(EXAMPLE, short)
    for broken in ("3 = 6", "3 x 2 = 5"):
        assert not still_checks(EXAMPLE, short.replace("3 x 2 = 6", broken))
    assert not still_checks(EXAMPLE, short.replace("The answer is 4", "answer is 4"))
    assert not still_checks(EXAMPLE, short + "\n12 + 4 = 3")


def test_an_equation_that_was_wrong_before_may_go_or_stay() -> None:
    """It is the original's fault."""
    text = "2 * 2 = 5 and 1 + 1 = 2"
    assert still_checks(text, text)
    assert still_checks(text, "1 + 1 = 2")


@given(st.text(alphabet="0123456789+-*/=x. $%,abc\n", max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """Spans are slices in the text; a text checks against itself."""
    for equation in find_equations(text):
        assert all(0 <= a < b <= len(text) for a, b in equation.spans)
    assert still_checks(text, text)
