"""Fitting the calibration of an encoder."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.calibration import Calibration, read_calibration
from lingua_shared.scoring.encoder.model import new_model, save_model
from lingua_shared.training.calibration import fit, main, platt_scaling
from lingua_shared.training.recipe import CalibrationFiles
from tests import tiny_models
from tests.unit_tests.test_training_recipe import save_recipe

QUESTION = "Who built the lighthouse?"
TEMPERATURES = CalibrationFiles(files=("some-dev",)).temperatures


def test_calibration_finds_the_line_that_made_the_outcomes() -> None:
    """Outcomes drawn with log-odds 2 x - 1 give a slope near 2 and an offset near -1."""
    generator = np.random.default_rng(3)
    raw = generator.normal(size=20_000)
    is_gold = generator.random(20_000) < 1 / (1 + np.exp(-(2 * raw - 1)))
    found = fit([raw], [is_gold], TEMPERATURES)
    assert found.slope == pytest.approx(2, abs=0.1)
    assert found.offset == pytest.approx(-1, abs=0.1)


def test_calibration_of_outputs_that_part_both_kinds_is_finite() -> None:
    """Smoothed targets keep the slope finite where the logits separate both kinds."""
    found = fit([np.asarray([-2.0, -1.0, 1.0, 2.0])], [np.asarray([False, False, True, True])], TEMPERATURES)
    assert 0 < found.slope < 10


@pytest.mark.parametrize("is_gold", [[True, True], [False, False]])
def test_calibration_needs_both_kinds(is_gold: list[bool]) -> None:
    """The error says how many passages are gold."""
    with pytest.raises(ValueError, match="of 2 passages are gold"):
        fit([np.asarray([0.0, 1.0])], [np.asarray(is_gold)], TEMPERATURES)


def test_listwise_calibration_is_fitted_where_questions_differ_in_how_hard_they_are() -> None:
    """The logits of each question are shifted, so they are informative only within their question."""
    generator = np.random.default_rng(5)
    raw, is_gold = [], []
    for _ in range(400):
        gold = np.arange(5) == generator.integers(5)
        raw.append(3 * gold + generator.normal(size=5) + 4 * generator.normal())
        is_gold.append(gold)
    found = fit(raw, is_gold, TEMPERATURES)
    truth = np.concatenate(is_gold)
    alone = [np.asarray([found(value) for value in values]) for values in raw]
    beside = [found.calibrate_listwise(log_odds) for log_odds in alone]
    errors = [
        float(((1 / (1 + np.exp(-np.concatenate(log_odds))) - truth) ** 2).mean()) for log_odds in (alone, beside)
    ]
    assert errors[1] < 0.5 * errors[0]
    assert all((np.argsort(a) == np.argsort(b)).all() for a, b in zip(raw, beside, strict=True))


def test_no_listwise_calibration_is_fitted_to_single_passages() -> None:
    """Questions with one passage each have no listwise part."""
    logits, is_gold = (
        [np.asarray([value]) for value in (-2.0, -1.0, 1.0, 2.0)],
        [np.asarray([v > 1]) for v in (0, 1, 1, 2)],
    )
    found = fit(logits, is_gold, TEMPERATURES)
    assert found.listwise is None


@pytest.mark.parametrize(("count", "scale", "seed"), [(200, 1.0, 0), (4000, 5.0, 1), (20, 8.0, 2)])
def test_platt_scaling_has_the_highest_likelihood_of_smoothed_targets(count: int, scale: float, seed: int) -> None:
    """The gradient of Platt's loss is 0 there."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=count) * scale - 2
    is_gold = generator.random(count) < 1 / (1 + np.exp(-(0.9 * logits - 0.5)))
    gold = is_gold.sum()
    targets = np.where(is_gold, (gold + 1) / (gold + 2), 1 / (count - gold + 2))
    slope, offset = platt_scaling(logits, is_gold)
    errors = 1 / (1 + np.exp(-(slope * logits + offset))) - targets
    assert errors.mean() == pytest.approx(0, abs=1e-7)
    assert (errors * logits).mean() == pytest.approx(0, abs=1e-6)


def test_platt_scaling_gives_the_numbers_that_newtons_method_gave() -> None:
    """The shipped calibrations were fitted by Newton's method, which gave these numbers on these logits."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=200) - 2
    is_gold = generator.random(200) < 1 / (1 + np.exp(-(0.9 * logits - 0.5)))
    assert platt_scaling(logits, is_gold) == pytest.approx((0.7684555, -0.8717414), abs=1e-6)


def test_calibration_refuses_test_files(tmp_path: Path) -> None:
    """Nothing is fitted on questions of published figures."""
    (tmp_path / "some-test.jsonl.gz").touch()
    recipe = save_recipe(tmp_path, calibration="some-test")
    with pytest.raises(InvalidInputError, match=r"some-test\.jsonl\.gz is a test file"):
        main([str(recipe), str(tmp_path / "model"), "--data", str(tmp_path)])


def test_what_was_fitted_is_written_beside_the_model(tmp_path: Path) -> None:
    """`read_calibration` reads what the command wrote."""
    folder = tmp_path / "model"
    tiny_models.save_trunk(folder, pieces=False)
    save_model(new_model(folder), folder / "tokenizer.json", folder, {"calibration": {"slope": 1.0, "offset": 0.0}})
    documents = [{"title": "", "text": f"Text {i}.", "is_gold": i == 0} for i in range(3)]
    record = {"id": "1", "question": QUESTION, "answers": ["Text 0"], "documents": documents}
    with gzip.open(tmp_path / "some-dev.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(record) + "\n")
    main([str(save_recipe(tmp_path, calibration="some-dev")), str(folder), "--data", str(tmp_path)])
    found = read_calibration(folder)
    assert found != Calibration()
    assert found.listwise is not None


def test_temperature_is_one_of_those_that_are_given() -> None:
    """If only one is given, it is that one."""
    raw, is_gold = [np.asarray([2.0, 0.0, -1.0])] * 4, [np.asarray([True, False, False])] * 4
    found = fit(raw, is_gold, (0.7,))
    assert found.listwise is not None
    assert found.listwise.temperature == 0.7
