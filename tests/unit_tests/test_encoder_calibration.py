"""Calibration of relevance logits, compared with values computed by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from lingua_shared.scoring.encoder.calibration import (
    SETTINGS,
    Calibration,
    ListwiseCalibration,
    read_calibration,
    softmax_log_odds,
)


def test_a_passage_by_itself_has_slope_times_output_plus_offset() -> None:
    """Without a fit the logit is returned as it is."""
    assert Calibration(0.5, -1.0)(3.0) == 0.5
    assert Calibration()(3.0) == 3.0


def test_softmax_log_odds_of_three_shares() -> None:
    """The shares are 0.7, 0.2 and 0.1."""
    shares = np.asarray([0.2, 0.7, 0.1])
    np.testing.assert_allclose(softmax_log_odds(np.log(shares) + 5), np.log(shares / (1 - shares)))


@pytest.mark.parametrize("values", [[900.0, -900.0, 0.0], [0.0, 0.0], [-800.0, -800.0, -800.0], [50.0, 10.0, 9.0]])
def test_softmax_log_odds_are_finite_and_in_order(values: list[float]) -> None:
    """This holds where the largest share rounds to 1; equal values stay equal."""
    found = softmax_log_odds(np.asarray(values))
    assert np.isfinite(found).all()
    for one, a in zip(values, found, strict=True):
        for other, b in zip(values, found, strict=True):
            assert np.sign(round(a - b, 6)) == np.sign(one - other)


def test_softmax_log_odds_of_a_share_near_one_are_exact() -> None:
    """The log-odds of the largest value are computed from the others, without 1 - share."""
    assert softmax_log_odds(np.asarray([60.0, 0.0]))[0] == pytest.approx(60.0)


def test_listwise_calibration_takes_temperature_slope_and_offset() -> None:
    """A difference of 1 at temperature 0.5 is 2 in softmax log-odds; then times 3, plus 1."""
    calibration = Calibration(listwise=ListwiseCalibration(0.5, 3.0, 1.0))
    np.testing.assert_allclose(calibration.calibrate_listwise(np.asarray([4.0, 3.0])), [7.0, -5.0])


def test_a_passage_with_none_beside_it_keeps_its_own() -> None:
    """A single passage, no passages, and passages without a listwise fit are returned as they are."""
    fitted = Calibration(listwise=ListwiseCalibration(0.5, 3.0, 1.0))
    assert fitted.calibrate_listwise(np.asarray([4.0])).tolist() == [4.0]
    assert fitted.calibrate_listwise(np.asarray([])).tolist() == []
    assert Calibration().calibrate_listwise(np.asarray([4.0, 3.0])).tolist() == [4.0, 3.0]


@pytest.mark.parametrize("name", ["listwise", "standing"])
@pytest.mark.parametrize("listwise", [None, {"temperature": 0.5, "slope": 3.0, "offset": 1.0}])
def test_calibration_is_read_from_the_folder(tmp_path: Path, name: str, listwise: dict[str, float] | None) -> None:
    """The listwise part may have its name or that of early versions, be null, or be missing."""
    calibration = {"slope": 0.5, "offset": -1.0, name: listwise}
    (tmp_path / SETTINGS).write_text(json.dumps({"calibration": calibration}), encoding="utf-8")
    assert read_calibration(tmp_path) == Calibration(0.5, -1.0, ListwiseCalibration(**listwise) if listwise else None)
    del calibration[name]
    (tmp_path / SETTINGS).write_text(json.dumps({"calibration": calibration}), encoding="utf-8")
    assert read_calibration(tmp_path) == Calibration(0.5, -1.0)
