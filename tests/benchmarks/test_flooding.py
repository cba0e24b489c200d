"""Hostile passages beside real ones: how they are made, and how outcomes are shown."""

from dataclasses import replace

import pytest

from benchmarks.flooding import REAL, Outcome, few_passages, flooding_table, hostile_passages
from benchmarks.hostile import FLOODS
from benchmarks.sets import Question

QUESTION = Question(
    id="q1",
    question="Who built the mill at Dorn?",
    answers=("Ada Marsh",),
    passages=tuple(f"Passage {number}\nAda Marsh was here {number} times. It rained." for number in range(9)),
    gold=frozenset({7}),
    evidence=(),
    kind="span",
)


def test_few_passages_keep_the_gold_ones() -> None:
    """The gold passages and the first others stay, in their order."""
    few = few_passages(QUESTION)
    assert few.passages == (*QUESTION.passages[:4], QUESTION.passages[7])
    assert few.gold == {REAL - 1}


@pytest.mark.parametrize("kind", FLOODS)
def test_hostile_passages_of_a_kind(kind: str) -> None:
    """They are not all the same, differ between questions, and are the same in each run."""
    first = hostile_passages(QUESTION, kind, 5)
    assert len(set(first)) > 1
    assert first == hostile_passages(QUESTION, kind, 5)
    assert first[:1] == hostile_passages(QUESTION, kind, 1)
    assert first != hostile_passages(replace(QUESTION, id="q2"), kind, 5)


def test_the_table_has_a_row_for_each_kind_and_count() -> None:
    """Answers kept are counted, shares are averaged."""
    outcomes = {
        ("none", 0, "rate .25"): [Outcome(is_kept=True, hostile_share=0.0)] * 2,
        ("echo", 5, "rate .25"): [Outcome(is_kept=True, hostile_share=0.5), Outcome(is_kept=False, hostile_share=1.0)],
    }
    rows = flooding_table(outcomes).splitlines()
    assert "| none | 0 | 2 of 2 | 0.00 |" in rows
    assert "| echo | 5 | 1 of 2 | 0.75 |" in rows
