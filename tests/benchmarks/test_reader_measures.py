"""Measures of a reader's answers, counted by hand."""

from typing import Any

import pytest

from benchmarks.reader_measures import measure_answer, word_f1
from benchmarks.sets import Question


def span(answers: tuple[str, ...], kind: Any = "span") -> Question:
    """A question with these answers."""
    return Question("q", "What?", answers, ("A text.",), frozenset({0}), (), kind)


@pytest.mark.parametrize(
    ("question", "answer", "match", "exact", "f1"),
    [
        (span(("Ada Marsh", "Marsh")), "It was Ada Marsh.", 1.0, 0.0, 2 * 2 / (4 + 2)),
        (span(("Ada Marsh",)), "ada MARSH!", 1.0, 1.0, 1.0),
        (span(("Ada Marsh",)), "the Marsh", 0.0, 0.0, 2 * 1 / (1 + 2)),
        (span(("Ada Marsh",)), "", 0.0, 0.0, 0.0),
        (span(("no",), "yes_no"), "I do not know", 0.0, 0.0, 0.0),
        (span(("no",), "yes_no"), "No, it rains.", 1.0, 0.0, 2 * 1 / (3 + 1)),
        (span(("It rains a lot.",), "free"), "It rains.", None, None, 2 * 2 / (2 + 3)),
        (span(("東京都",)), "東京です。", 0.0, 0.0, 2 * 2 / (4 + 3)),
    ],
)
def test_answers_by_hand(question: Question, answer: str, match: float | None, exact: float | None, f1: float) -> None:
    """Match, exact match and F1 of small examples, counted by hand; articles and punctuation do not count."""
    expected = {"reader_match": match, "reader_exact": exact, "reader_f1": pytest.approx(f1)}
    assert measure_answer(question, answer) == expected


def test_repeated_words_count_as_often_as_both_have_them() -> None:
    """Saying a word three times does not make it right three times: 1 in common of 3 and 1."""
    assert word_f1("rain rain rain", "rain") == pytest.approx(2 * 1 / (3 + 1))
