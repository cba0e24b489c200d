"""The evaluation of an encoder: each figure against a value worked out by hand."""

import random

import numpy as np
import pytest

from benchmarks.encoder_eval import Scored, area_under_curve, expected_calibration_error, figures
from benchmarks.encoder_eval_table import encoder_eval_table
from benchmarks.hostile import ATTACKS
from benchmarks.sets.base import Question
from lingua_shared.scoring.encoder.calibration import to_probability


def scored(log_odds: list[float], gold: set[int], signal: list[float] | None = None) -> Scored:
    passages = tuple(f"Passage {i}." for i in range(len(log_odds)))
    question = Question("q", "Who?", ("Ada",), passages, frozenset(gold), (), "span")
    return Scored(question, np.asarray(log_odds), np.asarray(signal or log_odds))


def test_calibration_error_of_two_bins() -> None:
    """0.25 and 0.25 of which half are true, 0.95 of which all are: (2 * |0.25 - 0.5| + |0.95 - 1|) / 3."""
    error = expected_calibration_error(np.asarray([0.25, 0.25, 0.95]), np.asarray([True, False, True]))
    assert error == pytest.approx((2 * 0.25 + 0.05) / 3)


def test_perfect_calibration_has_no_error() -> None:
    """Ten passages at 0.3, three of them gold."""
    assert expected_calibration_error(np.full(10, 0.3), np.arange(10) < 3) == pytest.approx(0)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [([2, 3], [0, 1], 1.0), ([0], [1], 0.0), ([1], [1], 0.5), ([2, 0], [1], 0.5), ([2, 1], [1, 0], 0.875)],
)
def test_area_under_curve(positive: list[float], negative: list[float], expected: float) -> None:
    """The share of pairs in the right order; equal ones count half."""
    assert area_under_curve(np.asarray(positive), np.asarray(negative)) == pytest.approx(expected)


def test_probabilities_of_large_log_odds() -> None:
    """The logistic function, without overflow."""
    np.testing.assert_allclose(to_probability(np.asarray([0.0, -1000.0, 1000.0])), [0.5, 0.0, 1.0])


def test_figures_of_three_questions() -> None:
    """Ranks of the first gold passage 1, 2 and 1; all gold passages among five in two of three."""
    found = figures(
        [
            scored([3.0, 0.0, 0.0, 0.0], {0}),
            scored([0.0, 1.0, 2.0, 0.0], {1}),
            scored([0.0, 0.0, 0.0, 0.0, -9.0, 5.0], {4, 5}),
        ]
    )
    assert (found["recall@1"]["mean"], found["recall@5"]["mean"]) == (0.6667, 1.0)
    assert (found["all_gold@5"]["mean"], found["all_gold@5"]["n"]) == (0.6667, 3)
    assert [quarter and quarter["mean"] for quarter in found["recall@1_by_quarter"]] == [1.0, 0.0, 1.0, None]
    # The best passages have 3, 2 and 5; without the gold ones 0, 2 and 0: eight of nine pairs are right, one is equal.
    area = found["auc_unanswerable"]
    assert area["mean"] == pytest.approx((8 + 0.5) / 9, abs=1e-4)
    assert area["low"] <= area["mean"] <= area["high"] <= 1.0


def test_calibration_error_is_that_of_passages_beside_each_other() -> None:
    """By itself each would have a half; beside the others they are right, so that almost no error is left."""
    found = figures([scored([0.0, 0.0], {0}, signal=[20.0, -20.0])])
    assert found["ece"]["mean"] == pytest.approx(0, abs=1e-4)


def test_intervals_are_over_questions() -> None:
    """Half of forty questions are ranked right: the interval of recall@1 holds a half, and so does that of the AUC."""
    found = figures([scored([1.0, 0.0], {place % 2}) for place in range(40)])
    for name in ("recall@1", "auc_unanswerable"):
        assert found[name]["low"] < found[name]["mean"] < found[name]["high"]
        assert found[name]["n"] == 40
    assert 0.3 < found["recall@1"]["low"] < 0.5 < found["recall@1"]["high"] < 0.7


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_drawn_by_seed(name: str) -> None:
    """The same seed makes the same passage, and it has text."""
    made = [ATTACKS[name]("Who built it?", "A ferry left the harbour.", random.Random(5)) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].strip()


def test_table_without_and_with_lines() -> None:
    """Nothing measured says so; a line becomes a row in each of the three tables."""
    assert encoder_eval_table([]) == "Nothing has been measured yet."

    def figure(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 3}

    line = {
        "encoder": "lingua-en", "set": "nq20", "n": 3, "split": "test", "engine": "e", "date": "2026-01-01",
        "recall@1": figure(0.5), "recall@5": figure(0.9), "all_gold@5": figure(0.8), "ece": figure(0.1),
        "auc_unanswerable": figure(0.7), "recall@1_by_quarter": [figure(0.5), None, figure(0.6), figure(0.2)],
        "displaced": {"question repeated": figure(0.25)}, "machine": "a machine", "command": "a command",
    }  # fmt: skip
    page = encoder_eval_table([line])
    ranks = "0.50 [0.40, 0.60] | 0.90 [0.80, 1.00] | 0.80 [0.70, 0.90] | 0.10 [0.00, 0.20] | 0.70 [0.60, 0.80]"
    assert f"| lingua-en | nq20 | 3 | {ranks} |" in page
    # A column without figures is left out.
    assert "| lingua-en | nq20 | 0.50 [0.40, 0.60] | 0.60 [0.50, 0.70] | 0.20 [0.10, 0.30] |" in page
    assert "| lingua-en | nq20 | 0.25 [0.15, 0.35] |" in page
