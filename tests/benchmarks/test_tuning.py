"""Tuning: a half chooses, the other confirms, and test files are refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.kept_scores import KeptScoring
from benchmarks.tuning import OPTIONS, WEIGHTS, Half, Trial, current_settings, halves, tuned
from benchmarks.tuning_table import tuning_table
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from tests.benchmarks.made_up import make_question, make_record, write_data

CHOOSING = Half({"s": [make_question(id=f"c{n}") for n in range(4)]})
CONFIRMING = Half({"s": [make_question(id=f"f{n}") for n in range(4)]})
PASSAGES = (
    "Harbour\nThe harbour was dredged in 1870. Boats land there in all weather. The mole is made of granite blocks.",
    "Tower\nAda Holm built the tower at Gull Point. It was finished in 1883. It is 40 m tall. Sailors see it from far.",
    "Ada Holm\nAda Holm was an engineer. She was born in Kelmouth in 1841. She built two bridges and one tower.",
    "Ferry\nThe ferry leaves at ten. The fare is low. It does not run on Sundays. The crossing takes an hour.",
)


def kept_by(shares: Mapping[str, Mapping[float, float]]) -> object:
    """A trial whose figures depend on one value for each half: shares["c"] for the choosing half, shares["f"]."""

    def try_out(settings: Mapping[str, float], half: Half) -> dict[str, dict[str, float]]:
        (questions,) = half.sets.values()
        return {"s": {q.id: shares[q.id[0]].get(settings["weight"], 0.0) for q in questions}}

    return try_out


def tune(shares: Mapping[str, Mapping[float, float]]) -> list[dict[str, object]]:
    return tuned({"weight": 1.0}, {"weight": (0.5, 1.0, 2.0)}, kept_by(shares), CHOOSING, CONFIRMING)  # type: ignore[arg-type]


def test_a_value_that_both_halves_like_is_adopted() -> None:
    """The figures of all tried values and of both halves are in its line."""
    line, together = tune({"c": {0.5: 0.2, 1.0: 0.5, 2.0: 0.75}, "f": {1.0: 0.5, 2.0: 0.6}})
    assert (line["current"], line["proposed"], line["adopted"]) == (1.0, 2.0, True)
    assert line["scores"] == {"0.5": 0.2, "1": 0.5, "2": 0.75}
    assert line["choosing"] == {"difference": 0.25, "low": 0.25, "high": 0.25, "n": 4}
    assert line["confirming"]["difference"] == pytest.approx(0.1)  # type: ignore[index]
    assert (together["proposed"], together["adopted"], together["before"]) == ({"weight": 2.0}, True, [0.5, 0.5])


@pytest.mark.parametrize("confirmed", [0.5, 0.4])
def test_a_value_that_only_the_choosing_half_likes_is_not(confirmed: float) -> None:
    """Equal is not better."""
    line, together = tune({"c": {1.0: 0.5, 2.0: 0.75}, "f": {1.0: 0.5, 2.0: confirmed}})
    assert (line["proposed"], line["adopted"]) == (2.0, False)
    assert (together["proposed"], together["adopted"]) == ({}, False)


def test_of_equal_values_the_one_in_use_stays() -> None:
    """Nothing is proposed for nothing."""
    line, _ = tune({"c": {0.5: 0.5, 1.0: 0.5, 2.0: 0.5}, "f": {}})
    assert (line["proposed"], line["choosing"], line["adopted"]) == (1.0, None, False)


def test_constants_are_searched_in_turn() -> None:
    """The second constant is searched with the first one's choice, and each is confirmed alone."""
    seen = []

    def try_out(settings: Mapping[str, float], half: Half) -> dict[str, dict[str, float]]:
        (questions,) = half.sets.values()
        seen.append((settings["a"], settings["b"], questions[0].id[0]))
        return {"s": {question.id: 0.5 * settings["a"] + 0.25 * settings["b"] for question in questions}}

    lines = tuned({"a": 0.0, "b": 0.0}, {"a": (0.0, 1.0), "b": (0.0, 1.0)}, try_out, CHOOSING, CONFIRMING)
    assert seen[2:4] == [(1.0, 0.0, "c"), (1.0, 1.0, "c")]
    assert {(a, b) for a, b, half in seen if half == "f"} == {(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)}
    assert [line["adopted"] for line in lines] == [True, True, True]


def test_halves_are_random_and_have_no_question_in_common() -> None:
    """Only questions with a span as answer take part; another seed parts them otherwise."""
    questions = [make_question(id=str(n)) for n in range(20)] + [make_question(id="yes", kind="yes_no")]
    parted = [[{q.id for q in half.sets["s"]} for half in halves({"s": questions}, seed)] for seed in (0, 1)]
    for first, second in parted:
        assert first.isdisjoint(second)
        assert first | second == {str(n) for n in range(20)}
        assert len(first) == len(second) == 10
    assert parted[0] != parted[1]


def test_the_values_in_use_are_among_those_tried() -> None:
    """A constant that was renamed or changed in the engine is noticed here."""
    for name, value in current_settings().items():
        assert value in {**WEIGHTS, **OPTIONS}[name]


@pytest.mark.model
def test_kept_scores_compress_as_the_engine_does() -> None:
    """With the engine's own weights the text is the engine's, the first time and again; with others it is not."""
    question, options = "In which town was the engineer of the tower at Gull Point born?", CompressionOptions(rate=0.4)
    models = ModelOptions(local_files_only=True)
    wanted = PromptCompressor(models).compress(PASSAGES, question=question, options=options)
    scoring = KeptScoring(models)
    compressor = PromptCompressor(models, scoring=scoring)
    for _ in range(2):
        assert compressor.compress(PASSAGES, question=question, options=options).text == wanted.text
    scoring.weights = {"answer_weight": -5.0, "bm25_weight": -5.0, "bridge_weight": 0.0, "link_weight": 0.0}
    assert compressor.compress(PASSAGES, question=question, options=options).text != wanted.text


@pytest.mark.model
def test_a_trial_measures_survival(tmp_path: Path) -> None:
    """Everything survives where the question is easy; every question has a share of the rates."""
    del tmp_path
    question = make_question(question="Who built the tower at Gull Point?", passages=PASSAGES)
    kept = Trial(ModelOptions(local_files_only=True)).kept(current_settings(), Half({"s": [question]}))
    assert set(kept["s"]) == {"q1"}
    assert kept["s"]["q1"] in (0.5, 1.0)


@pytest.mark.parametrize("command", ["tune", "fusion"])
def test_test_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Also under the name of a dev or train file."""
    write_data(tmp_path / "nq20-test.jsonl.gz", [make_record(1)])
    for name in ("nq20-dev", "nq10-bm25-train"):
        (tmp_path / f"{name}.jsonl.gz").symlink_to(tmp_path / "nq20-test.jsonl.gz")
    with pytest.raises(SystemExit):
        main([command, "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--threads", "1"])
    assert "is a test file, for published figures only" in capsys.readouterr().err


def test_the_table_shows_both_halves() -> None:
    """One row a constant, and a sentence on all adopted values together."""
    around = {"engine": "e", "machine": "m", "command": "c", "date": "2026-01-01", "split": "dev"}
    shares = {"c": {0.5: 0.2, 1.0: 0.5, 2.0: 0.75}, "f": {1.0: 0.5, 2.0: 0.6}}
    page = tuning_table([{**line, **around} for line in tune(shares)])
    differences = "+0.250 [+0.250, +0.250] of 4 | +0.100 [+0.100, +0.100] of 4"
    assert f"| weight | 1 | 2 | {differences} | yes | 0.5: 0.200, 1: 0.500, 2: 0.750 |" in page
    assert "keep 0.500 of the answers on the choosing half, 0.500 on the other; all adopted values" in page
    assert tuning_table([]) == "Nothing has been measured yet."
