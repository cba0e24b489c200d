"""`lingua tune`: what is recommended, what is mild, and the check on the other questions."""

import json
from pathlib import Path

import pytest

from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, WRONG_USE
from lingua_shared.evaluation.trial import Case
from lingua_shared.evaluation.tuning import RateArms, Tuning, tune
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
EASY = Case("a", "When was the light at Gull Point built?", (FERRY, LIGHT), ("1884",))
HARD = Case("b", "When was the light at Gull Point built?", (FERRY, LIGHT), ("tall cabbages",))
"""Its answer is not what the question asks for, so it goes early."""


def tuned(cases: list[Case], *, wanted: float = 0.95) -> Tuning:
    arms = RateArms(PromptCompressor(scoring=OverlapScoring()), CompressionOptions(), (0.4, 0.9, 0.1))
    return tune(cases, arms, wanted=wanted)


def test_the_smallest_rate_that_keeps_enough_is_recommended() -> None:
    """It is checked on the questions between; too few of them are sure of nothing."""
    found = tuned([EASY] * 8)
    assert [one.rate for one in found.tried] == [0.9, 0.4, 0.1]
    assert [one.kept.estimate for one in found.tried] == [1, 1, 0]
    assert (found.recommended, found.mild) == (0.4, None)
    assert [(one.rate, one.kept.n, one.kept.estimate) for one in found.checked] == [(0.4, 4, 1.0)]
    assert found.sentences[0].startswith("Recommended: rate 0.4")
    assert "60 questions for choosing, so 120 in all" in found.sentences[1]
    assert found.sentences[2].endswith("as wanted.")


def test_enough_questions_make_a_rate_sure() -> None:
    """20 questions without a loss are enough for a share of 0.85."""
    found = tuned([EASY] * 40, wanted=0.85)
    assert (found.recommended, found.mild) == (0.4, 0.4)
    assert "whole interval" in found.sentences[1]


def test_a_choice_that_fails_the_check_is_not_relied_on() -> None:
    """The questions for choosing were the easy ones."""
    found = tuned([EASY, HARD] * 10)
    assert found.recommended == 0.4
    assert found.checked[0].kept.estimate == 0
    assert found.sentences[-1].endswith("do not rely on it.")


def test_where_no_rate_keeps_enough() -> None:
    """Then nothing is recommended, and nothing is checked."""
    hard = Case("c", "Ferry, ten, crossing, hour, light?", (FERRY, LIGHT), ("why he did so",))
    found = tuned([hard] * 4)
    assert (found.recommended, found.mild, found.checked) == (None, None, ())
    assert found.sentences[0].startswith("Do not compress here")


def test_without_usable_questions() -> None:
    """Questions whose passages do not answer say nothing."""
    found = tuned([Case("d", "Which?", (FERRY,), ("purple",))])
    assert found.tried == ()
    assert found.sentences[0].startswith("No question could be used")


def test_one_question_leaves_none_for_a_check() -> None:
    """It is said."""
    assert tuned([EASY]).sentences[-1] == "There are no questions for a check."


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Table, sentences and JSON."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    path = tmp_path / "questions.jsonl"
    line = json.dumps({"question": EASY.question, "passages": EASY.passages, "answers": EASY.answers})
    path.write_text(f"{line}\n" * 6, encoding="utf-8")
    output = tmp_path / "tuning.json"
    assert run(["tune", str(path), "--rates", "0.4", "0.1", "--keep", "0.9", "--json", str(output)]) == DONE
    out = capsys.readouterr().out
    assert "Recommended: rate 0.4" in out
    assert "on the other questions" in out
    assert json.loads(output.read_text())["tuning"]["recommended"] == 0.4
    for wrong in (["--keep", "1"], ["--rates", "2"], ["--rate", "0.5"]):
        assert run(["tune", str(path), *wrong]) == WRONG_USE
