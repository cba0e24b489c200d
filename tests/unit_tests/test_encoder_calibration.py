"""Log-odds of a passage by itself and beside others, against values worked out by hand."""

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
    """Without a fit the output is the log-odds."""
    assert Calibration(0.5, -1.0)(3.0) == 0.5
    assert Calibration()(3.0) == 3.0


def test_against_others_are_the_log_odds_of_the_softmax() -> None:
    """Of the shares 0.7, 0.2, 0.1."""
    shares = np.asarray([0.2, 0.7, 0.1])
    np.testing.assert_allclose(softmax_log_odds(np.log(shares) + 5), np.log(shares / (1 - shares)))


@pytest.mark.parametrize("values", [[900.0, -900.0, 0.0], [0.0, 0.0], [-800.0, -800.0, -800.0], [50.0, 10.0, 9.0]])
def test_against_others_is_finite_and_in_order(values: list[float]) -> None:
    """Whatever the values, also where the share of the best is 1 in floating point; equal ones stay equal."""
    found = softmax_log_odds(np.asarray(values))
    assert np.isfinite(found).all()
    for one, a in zip(values, found, strict=True):
        for other, b in zip(values, found, strict=True):
            assert np.sign(round(a - b, 6)) == np.sign(one - other)


def test_against_others_keeps_what_little_the_others_have() -> None:
    """The best one's lead is counted from the next, not lost in 1 - share."""
    assert softmax_log_odds(np.asarray([60.0, 0.0]))[0] == pytest.approx(60.0)


def test_listwise_calibration_takes_temperature_slope_and_offset() -> None:
    """Two passages one apart, a temperature of 0.5: two apart in log-odds of the softmax, times 3, plus 1."""
    calibration = Calibration(listwise=ListwiseCalibration(0.5, 3.0, 1.0))
    np.testing.assert_allclose(calibration.calibrate_listwise(np.asarray([4.0, 3.0])), [7.0, -5.0])


def test_a_passage_with_none_beside_it_keeps_its_own() -> None:
    """There is nothing to compare it with; nor is there in an empty request, or without a fit."""
    fitted = Calibration(listwise=ListwiseCalibration(0.5, 3.0, 1.0))
    assert fitted.calibrate_listwise(np.asarray([4.0])).tolist() == [4.0]
    assert fitted.calibrate_listwise(np.asarray([])).tolist() == []
    assert Calibration().calibrate_listwise(np.asarray([4.0, 3.0])).tolist() == [4.0, 3.0]


@pytest.mark.parametrize("name", ["listwise", "standing"])
@pytest.mark.parametrize("listwise", [None, {"temperature": 0.5, "slope": 3.0, "offset": 1.0}])
def test_calibration_is_read_from_the_folder(tmp_path: Path, name: str, listwise: dict[str, float] | None) -> None:
    """With a listwise part under its name or the one of early versions, with an empty one, and without one."""
    calibration = {"slope": 0.5, "offset": -1.0, name: listwise}
    (tmp_path / SETTINGS).write_text(json.dumps({"calibration": calibration}), encoding="utf-8")
    assert read_calibration(tmp_path) == Calibration(0.5, -1.0, ListwiseCalibration(**listwise) if listwise else None)
    del calibration[name]
    (tmp_path / SETTINGS).write_text(json.dumps({"calibration": calibration}), encoding="utf-8")
    assert read_calibration(tmp_path) == Calibration(0.5, -1.0)
