"""The command that fits `keep_answer`: what it finds on questions that are made up, and what it writes."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.amount import as_line, checks, fitted, from_line, write_package_file
from benchmarks.amount_fit import Read, confirmed, count, fit_model, fixed_head_share, fixed_rate_share
from benchmarks.amount_table import amount_table
from benchmarks.circumstances import circumstances
from benchmarks.tables import NOTHING
from lingua_shared.selection.calibrations import read_calibrations
from lingua_shared.selection.heads import FEATURES

UNITS = 12
AROUND = circumstances(1)


def question(random: np.random.Generator, place: int, *, encoder: str = "a") -> Read:
    """A question whose answer is most often in the unit with the highest answer logit."""
    features = random.normal(size=(UNITS, len(FEATURES)))
    chances = np.exp(2 * features[:, 1])
    first = int(random.choice(UNITS, p=chances / chances.sum())) + 1
    return Read(
        set=("nq20", "musique")[place % 2],
        id=str(place),
        encoder=encoder,
        fingerprint=f"of {encoder}",
        features=features,
        tokens=np.arange(1.0, UNITS + 1) * 10,
        first=first,
        total=UNITS * 10,
        answerability=place / 1000,
        answerability_without=0.0,
        fixed={0.25: (first <= 3, 0.25), 0.5: (first <= 6, 0.5), 1.0: (True, 1.0)},
    )


@pytest.fixture(scope="module")
def questions() -> list[Read]:
    random = np.random.default_rng(0)
    return [question(random, place) for place in range(300)]


def test_the_fit_finds_what_brings_the_answer(questions: list[Read]) -> None:
    """The answer logit has the weight that the questions were made with, the other features have none."""
    found = fit_model(questions)
    assert found.weights == pytest.approx((0, 2, 0, 0, 0), abs=0.35)
    assert found.mass_slope < 0


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_the_level_is_kept_on_the_other_half(questions: list[Read], level: float) -> None:
    """On halves that nothing was fitted on the share of kept answers is the level, and so is the estimate."""
    found = confirmed(questions, level)
    assert set(found) == {"all", "nq20", "musique"}
    assert found["all"]["coverage"] == pytest.approx(level, abs=0.03)
    assert found["all"]["estimate"] == pytest.approx(found["all"]["coverage"], abs=0.06)
    assert found["all"]["share"] < fixed_head_share(questions, found["all"]["coverage"])


def test_the_fixed_rate_of_the_same_coverage(questions: list[Read]) -> None:
    """Between two rates it is interpolated; None where no rate keeps so much."""
    kept = [float(np.mean([(one.first or 0) <= most for one in questions])) for most in (3, 6)]
    assert fixed_rate_share(questions, kept[0]) == pytest.approx(0.25)
    assert fixed_rate_share(questions, (kept[0] + kept[1]) / 2) == pytest.approx(0.375)
    assert fixed_rate_share(questions, 1.01) is None
    assert fixed_rate_share([], 0.5) is None
    assert fixed_head_share(questions, kept[0]) == pytest.approx(0.25)
    assert fixed_head_share(questions, 1.0) == 1.0


def test_an_answer_that_no_head_has_needs_everything(questions: list[Read]) -> None:
    """Its strictness is infinite."""
    lost = from_line({**as_line(questions[0]), "first": None})
    [found] = count(fit_model(questions), [lost])
    assert found.needed == np.inf
    assert found.outcome(np.inf)[:2] == (False, 1.0)


def test_what_is_written_can_be_read(questions: list[Read], tmp_path: Path) -> None:
    """The file has a calibration for each encoder: its questions by kind, and what it was fitted on."""
    random = np.random.default_rng(1)
    everything = [*questions, *(question(random, 2 * place, encoder="b") for place in range(60))]
    write_package_file(fitted(everything), everything, tmp_path / "amount.json")
    first, second = read_calibrations(tmp_path / "amount.json")
    assert (first.fingerprint, second.fingerprint) == ("of a", "of b")
    assert {kind: len(values) for kind, values in first.needed.items()} == {"single": 150, "multi-hop": 150}
    assert list(second.needed) == ["single"]
    assert first.unanswerable_below == pytest.approx(0.003, abs=1e-3)
    assert json.loads((tmp_path / "amount.json").read_text())["questions"] == {"nq20": 210, "musique": 150}


def test_the_table_compares_with_a_fixed_rate() -> None:
    """The table has a row for each set and one for all, and says how many tokens are saved."""
    everything = {"coverage": 0.951, "coverage_sd": 0.02, "share": 0.3, "estimate": 0.94}
    lines = [
        {
            "level": level, "by_kind": by_kind, "fixed_share": fixed, "fixed_head_share": 0.5,
            "questions": {"all": 20, "nq20": 20}, "sets": {"all": everything, "nq20": everything}, **AROUND,
        }
        for level, fixed in ((0.9, 0.4), (0.95, None))
        for by_kind in (False, True)
    ]  # fmt: skip
    found = amount_table(lines)
    assert "| nq20 | 20 | 0.951 ± 0.020, keeps 0.300 |" in found
    assert "The option `rate` needs 0.400 for as many, so `keep_answer` keeps 25% fewer." in found
    assert found.count("needs 0.500 for as many, so `keep_answer` keeps 40% fewer.") == 2
    assert found.count("`rate` needs") == 1
    assert amount_table([]) == NOTHING


def test_lines_of_the_work_folder(questions: list[Read]) -> None:
    """A question survives its line of JSON."""
    found = from_line(json.loads(json.dumps(as_line(questions[3]))))
    assert (found.id, found.first, found.fixed) == (questions[3].id, questions[3].first, questions[3].fixed)
    assert found.features == pytest.approx(questions[3].features, abs=1e-5)


def test_the_figures_name_what_they_were_counted_on(questions: list[Read]) -> None:
    """Each level has its line, without and with the kinds of the questions."""
    lines = list(islice(checks(questions[:60]), 3))
    assert [(line["level"], line["by_kind"]) for line in lines] == [(0.8, False), (0.8, True), (0.9, False)]
    assert lines[0]["questions"] == {"all": 60, "nq20": 30, "musique": 30}
