"""The time command: who is asked when, what counts, and what is written."""

import argparse
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.client import Client
from benchmarks.records import read_lines
from benchmarks.systems import OURS, read_system
from benchmarks.timing import Times, ratio, ratios, summary, time_in_turn
from tests.benchmarks.made_up import command_of, make_question, make_record, write_data, write_worker


def make_times(tmp_path: Path, name: str, answer: str) -> Times:
    script = write_worker(tmp_path, answer, name=name)
    return Times(read_system(script), Client(command_of(script)))


def arguments(*, again: bool = False) -> argparse.Namespace:
    return argparse.Namespace(rate=0.25, seed=0, timeout=30, count=2, again=again)


def noting(folder: Path, name: str) -> str:
    """A worker that notes each question in a file that all share."""
    return (
        f"with open({str(folder / 'asked.txt')!r}, 'a') as f: f.write({name!r} + ' ' + request['question'] + '\\n')\n"
        "return {'text': '', 'ranking': None}"
    )


def test_systems_are_asked_in_turn_and_the_first_question_does_not_count(tmp_path: Path) -> None:
    """Of three questions two are timed; with --again, Lingua gets the next question's text right after its own."""
    times = [make_times(tmp_path, name, noting(tmp_path, name)) for name in (OURS, "other")]
    questions = [make_question(id=name, question=name) for name in "abc"]
    with times[0].client, times[1].client:
        second = time_in_turn(times, questions, arguments(again=True))
    asked = (tmp_path / "asked.txt").read_text().splitlines()
    assert asked == [
        "lingua a", "lingua b", "other a",
        "lingua b", "lingua c", "other b",
        "lingua c", "lingua a", "other c",
    ]  # fmt: skip
    assert [list(item.seconds) for item in times] == [["b", "c"], ["b", "c"]]
    assert second is not None
    assert list(second.seconds) == ["b", "c"]


def test_a_failed_question_is_counted_as_such(tmp_path: Path) -> None:
    """It has no time, and does not stand in the ratios."""
    answer = "if request['id'] == 'b': raise ValueError('x')\nreturn {'text': '', 'ranking': None}"
    times = make_times(tmp_path, "faulty", answer)
    with times.client:
        time_in_turn([times], [make_question(id=name) for name in "abc"], arguments())
    figures = summary(times)
    assert (figures["n"], figures["errors"]) == (1, 1)
    assert 0 <= figures["median_seconds"] < 5
    assert figures["peak_bytes"] > 1_000_000


def test_ratios_are_taken_question_by_question(tmp_path: Path) -> None:
    """Quotients 4, 2 and 6 where the quotient of the medians would be 3; d has no partner."""
    reference = make_times(tmp_path, "reference", "return {}")
    other = make_times(tmp_path, "other", "return {}")
    reference.seconds = {"a": 8.0, "b": 6.0, "c": 6.0, "d": 100.0}
    other.seconds = {"a": 2.0, "b": 3.0, "c": 1.0}
    assert ratios([other, reference], "reference") == {"other": {"median": 4.0, "smallest": 2.0, "largest": 6.0}}
    assert ratio({"a": 1.0}, {"b": 1.0}) == {}


def test_a_summary_without_answers_has_no_figures(tmp_path: Path) -> None:
    """Every question failed."""
    times = make_times(tmp_path, "faulty", "return {}")
    times.errors = 3
    assert summary(times) == {
        "median_seconds": None,
        "low": None,
        "high": None,
        "peak_bytes": 0,
        "n": 0,
        "errors": 3,
    }


def run_time(folder: Path, *options: str) -> None:
    places = ["--data", str(folder), "--results", str(folder / "results"), "--threads", "1"]
    systems = ["--systems", "full_prompt", "random_sentences", "--reference", "random_sentences"]
    main(["time", *places, *systems, *options])


def test_the_command_writes_a_line_and_replaces_its_own(tmp_path: Path) -> None:
    """A second run at the same rate takes the first one's place; another rate has its own line."""
    write_data(tmp_path / "nq20-test.jsonl.gz", map(make_record, range(4)))
    for options in (("--count", "2"), ("--count", "3"), ("--count", "2", "--rate", "0.5")):
        run_time(tmp_path, *options)
    lines = list(read_lines(tmp_path / "results" / "time.jsonl"))
    assert [(line["rate"], line["n"], line["set"]) for line in lines] == [(0.25, 3, "nq20"), (0.5, 2, "nq20")]
    assert set(lines[0]["systems"]) == {"full_prompt", "random_sentences"}
    assert set(lines[0]["ratios"]) == {"full_prompt"}
    assert lines[0]["ratios"]["full_prompt"]["smallest"] > 0
    assert lines[0]["reference"] == "random_sentences"
    assert {"machine", "versions", "commit", "command", "date", "seed", "threads", "split", "engine"} < set(lines[0])
    assert str(tmp_path) not in str(lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--count", "0"), "--count 0: at least 1 question"),
        (("--again",), "for --again lingua"),
        (("--reference", "llmlingua"), "the reference llmlingua must be one of them"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    """It ends with a message, not with a traceback."""
    write_data(tmp_path / "nq20-test.jsonl.gz", map(make_record, range(2)))
    with pytest.raises(SystemExit):
        run_time(tmp_path, *options)
    assert message in capsys.readouterr().err
