"""The probability that a passage answers, from raw signals."""

import json
from pathlib import Path

import numpy as np
import pytest

from lingua_shared import InvalidInputError
from lingua_shared.methods import DEFAULT_MODELS
from lingua_shared.scoring.relevance import LogisticModel, SignalCalibration, read_signal_calibration
from lingua_shared.training.relevance import SIGNALS, expected_calibration_error, fit_regression, main

NAN = float("nan")
BOTH = LogisticModel({"perplexity": 2.0, "embedding": 1.0}, -1.0)
FAST = LogisticModel({"embedding": 1.0}, 0.0)
CALIBRATION = SignalCalibration({}, (BOTH, FAST))


def logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def test_the_best_regression_that_has_its_signals_counts() -> None:
    """Where a slow ranker did not read a passage, the regression without it is used."""
    signals = {"perplexity": np.array([1.0, NAN]), "embedding": np.array([0.5, 0.5]), "bm25": np.array([9.0, 9.0])}
    found = CALIBRATION.probabilities(signals)
    assert found is not None
    assert found.tolist() == pytest.approx([logistic(1.5), logistic(0.5)])


@pytest.mark.parametrize("signals", [{}, {"bm25": np.array([1.0])}, {"embedding": np.array([])}])
def test_without_signals_there_is_no_probability(signals: dict[str, np.ndarray]) -> None:
    """None says that nothing is calibrated."""
    assert CALIBRATION.probabilities(signals) is None


def test_the_shipped_numbers_are_for_the_default_models() -> None:
    """They use raw signals only, and say how they were fitted."""
    shipped = read_signal_calibration()
    assert dict(shipped.models) == {kind: DEFAULT_MODELS[kind] for kind in ("model", "embedding_model")}
    assert [set(one.weights) for one in shipped.regressions] == [set(SIGNALS), set(SIGNALS[1:])]


def test_a_fitted_regression_separates_what_can_be_separated() -> None:
    """Gold passages get probabilities near the frequency with which they are gold."""
    generator = np.random.default_rng(0)
    values = generator.normal(size=(4000, 3))
    is_gold = generator.random(4000) < 1 / (1 + np.exp(-(2 * values[:, 1] - 1)))
    fitted = fit_regression(SIGNALS[1:], values, is_gold)
    assert fitted.weights["embedding"] == pytest.approx(2.0, abs=0.2)
    assert fitted.offset == pytest.approx(-1.0, abs=0.2)
    probabilities = fitted.probabilities({name: values[:, place] for place, name in enumerate(SIGNALS)})
    assert expected_calibration_error(probabilities, is_gold) < 0.03


def test_a_test_file_is_refused(tmp_path: Path) -> None:
    """Nothing is fitted on files that figures are published on."""
    with pytest.raises(InvalidInputError, match="test file"):
        main([str(tmp_path / "nq-test.jsonl.gz")])


def test_the_record_says_how_it_was_made() -> None:
    """Files, number of questions, date and the error on held-out questions are in it."""
    path = Path(__file__).parents[2] / "lingua_shared" / "scoring" / "relevance.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["questions"] >= 30
    assert all("-test" not in name for name in record["files"])
    assert max(record["held_out_ece"]) < 0.1
