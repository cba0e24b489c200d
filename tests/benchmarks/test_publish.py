"""The run that measures everything: its order, what it skips, and what it can be limited to."""

import argparse
import json
from pathlib import Path

import pytest

from benchmarks import publish
from benchmarks.__main__ import main
from benchmarks.errors import UsageError
from benchmarks.publish import STEPS, Finished, Step, chosen, command_line
from benchmarks.records import read_lines
from benchmarks.systems import find_systems
from tests.benchmarks.made_up import make_record, write_data


def parsed(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    publish.add_arguments(parser)
    return parser.parse_args(["--data", "test", *options])


def test_every_step_is_a_command_with_systems_that_exist() -> None:
    """The command lines of all steps are understood by their commands."""
    from importlib import import_module

    from benchmarks.__main__ import COMMANDS

    systems = find_systems()
    for step in STEPS:
        assert set(step.systems) <= set(systems)
        parser = argparse.ArgumentParser()
        import_module(f"benchmarks.{COMMANDS[step.command][0]}").add_arguments(parser)
        arguments = parser.parse_args(command_line(step, parsed("--limit", "3"))[1:])
        assert getattr(arguments, "split", "test") == "test"


def test_lingua_comes_first_and_slow_systems_have_few_questions() -> None:
    """A run that is stopped early has the figures that matter."""
    assert STEPS[0].systems == ("lingua",)
    assert STEPS[0].count is None
    assert {step.name: step.count for step in STEPS if step.count}["llmlingua"] == 30


def test_a_limit_holds_for_all_sets_and_steps() -> None:
    """It lowers the number of questions and never raises it; commands without questions have none."""
    counts = {step.name: step.count for step in chosen(STEPS, names=None, systems=None, limit=10)}
    assert (counts["lingua"], counts["llmlingua"], counts["time"]) == (10, 10, 6)
    assert "--count" not in command_line(next(step for step in STEPS if step.name == "cost"), parsed())


def test_systems_choose_steps() -> None:
    """A step asks only the chosen ones of its systems, and one without any is left out."""
    found = chosen(STEPS, names=None, systems=["lingua", "bm25_truncate"], limit=None)
    assert [(step.name, step.systems) for step in found] == [
        ("lingua", ("lingua",)),
        ("cheap", ("bm25_truncate",)),
        ("time", ("lingua",)),
    ]


@pytest.mark.parametrize(
    ("names", "limit", "message"), [(["x"], None, "no step x; there are lingua, "), (None, 0, "--limit 0: at least 1")]
)
def test_wrong_arguments_say_what_to_do(names: list[str] | None, limit: int | None, message: str) -> None:
    """What came, and what there is."""
    with pytest.raises(UsageError, match=message):
        chosen(STEPS, names=names, systems=None, limit=limit)


def test_finished_steps_count_for_one_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was finished with another engine is run again."""
    path = tmp_path / "publish.json"
    Finished(path).add(["quality", "--count", "3"])
    assert Finished(path).has(["quality", "--count", "3"])
    assert not Finished(path).has(["quality", "--count", "4"])
    monkeypatch.setattr(publish, "engine_fingerprint", lambda: "another")
    assert not Finished(path).has(["quality", "--count", "3"])


def test_a_run_skips_what_is_finished_and_repeats_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A real run of two steps; the second fails at first, since its file is missing."""
    places = ("--work", str(tmp_path / "work"), "--results", str(tmp_path / "results"), "--threads", "1")
    line = ["publish", "--data", str(tmp_path), *places]
    steps = (
        Step("floor", "quality", ("--sets", "nq20", "--rates", "0.5"), ("random_sentences",), 2),
        Step("frame", "quality", ("--sets", "hotpotqa"), ("full_prompt",)),
    )
    monkeypatch.setattr(publish, "STEPS", steps)
    write_data(tmp_path / "nq20-test.jsonl.gz", map(make_record, range(3)))
    with pytest.raises(SystemExit):
        main(line)
    said = capfd.readouterr().err
    assert "[1/2] floor: finished after" in said
    assert "steps frame failed" in said
    write_data(tmp_path / "hotpotqa-test.jsonl.gz", [make_record(1)])
    main(line)
    said = capfd.readouterr().err
    assert "[1/2] floor: finished before" in said
    assert "[2/2] frame: finished after" in said
    lines = list(read_lines(tmp_path / "results" / "quality.jsonl"))
    assert [(line["system"], line["set"], line["n"]) for line in lines] == [
        ("full_prompt", "hotpotqa", 1),
        ("random_sentences", "nq20", 2),
    ]
    assert len(json.loads((tmp_path / "work" / "publish.json").read_text())["lines"]) == 2


def test_a_change_of_the_engine_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The figures of one run are of one engine."""
    write_data(tmp_path / "nq20-test.jsonl.gz", [make_record(1)])
    step = Step("floor", "quality", ("--sets", "nq20", "--rates", "0.5"), ("random_sentences",))
    monkeypatch.setattr(publish, "STEPS", (step, step))
    monkeypatch.setattr(publish, "engine_fingerprint_of", lambda _root: "another")
    with pytest.raises(SystemExit):
        main(
            ["publish", "--data", str(tmp_path), "--work", str(tmp_path), "--results", str(tmp_path), "--threads", "1"]
        )
    said = capfd.readouterr().err
    assert "the engine's code changed during the run" in said
    assert "[2/2]" not in said


def test_a_dry_run_prints_commands_and_runs_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a step."""
    main(
        ["publish", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--dry-run", "--steps", "lingua", "cost"]
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines] == ["quality", "cost"]
    assert list(tmp_path.iterdir()) == []
