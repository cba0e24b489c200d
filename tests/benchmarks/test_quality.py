"""The quality command: asking, recording, resuming, giving up, aggregating."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.aggregates import aggregate, collect
from benchmarks.circumstances import command
from benchmarks.client import Client
from benchmarks.measures import count_tokens
from benchmarks.progress import Progress
from benchmarks.records import Answers, read_lines
from benchmarks.runner import Asker, carry_out, plan
from benchmarks.sets import Question
from benchmarks.systems import read_system
from tests.benchmarks.made_up import command_of, make_question, make_record, write_data, write_worker

CHANGING = ("seconds", "seconds_median", "peak_bytes", "peak_bytes_max", "date", "command")
GOOD = "return {'text': 'Ada Holm', 'ranking': [1, 0, 2]}"


def quality(folder: Path, *options: str) -> None:
    """Run the command over made-up data in a folder."""
    places = ["--data", str(folder), "--results", str(folder / "results"), "--work", str(folder / "work")]
    main(["quality", *places, "--sets", "nq20", "--threads", "1", *options])


def write_nq(folder: Path, count: int = 5) -> None:
    write_data(folder / "nq20-test.jsonl.gz", map(make_record, range(count)))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a file without what differs from run to run."""
    return [{key: value for key, value in line.items() if key not in CHANGING} for line in read_lines(path)]


def files_of(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """All records and aggregates, in order."""
    paths = sorted(folder.rglob("*.jsonl"))
    return {path.name + path.parent.name: sorted(lines_of(path), key=json.dumps) for path in paths}


@pytest.fixture(name="make_asker")
def _make_asker(tmp_path: Path) -> Any:
    """Returns a function from the body of a worker to an asker with records of its own."""

    def make(answer: str, *, name: str = "made_up", header: str = "", timeout: float = 30) -> Asker:
        script = write_worker(tmp_path, answer, name=name, header=header)
        answers = Answers.open(name, split="test", work=tmp_path / "work")
        return Asker(read_system(script), Client(command_of(script)), answers, "code", 0, timeout)

    return make


def ask_all(asker: Asker, questions: Sequence[Question], rates: Sequence[float], *, retry: bool = False) -> None:
    with asker.client:
        carry_out(plan([asker], {"s": questions}, rates, retry=retry))


def questions_named(*names: str) -> list[Question]:
    return [make_question(id=name) for name in names]


def test_two_systems_end_to_end(tmp_path: Path) -> None:
    """Every record and aggregate of a run; the full prompt heeds no rate and is recorded once, under rate 1."""
    write_nq(tmp_path)
    quality(tmp_path, "--systems", "random_sentences", "full_prompt", "--rates", "0.5", "0.25", "--count", "3")
    lines = list(read_lines(tmp_path / "results" / "quality.jsonl"))
    places = [(line["set"], line["system"], line["rate"], line["n"], line["errors"]) for line in lines]
    assert places == [
        ("nq20", "full_prompt", 1.0, 3, 0),
        ("nq20", "random_sentences", 0.25, 3, 0),
        ("nq20", "random_sentences", 0.5, 3, 0),
    ]
    assert lines[0]["measures"]["survival"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 3}
    assert lines[0]["measures"]["rate"]["mean"] == 1.0
    assert all(line["measures"]["over"]["high"] == 0 for line in lines)
    assert "recall@1" not in lines[1]["measures"]
    circumstances = {"machine", "versions", "commit", "dirty", "engine", "code", "command", "date", "label", "seed"}
    assert circumstances < set(lines[0])
    assert {line["split"] for line in lines} == {"test"}
    assert len({line["engine"] for line in lines}) == 1
    assert str(tmp_path) not in json.dumps(lines)
    texts = list(read_lines(tmp_path / "work" / "answers" / "test" / "random_sentences.jsonl"))
    assert [text["rate"] for text in texts] == [0.25, 0.5] * 3
    assert [text["seconds"] is None for text in texts] == [False, True] * 3


def test_an_interrupted_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cut off within a line, a run asks only what is missing and ends where the undisturbed one did."""
    write_nq(tmp_path)
    options = ("--systems", "full_prompt", "random_sentences", "--count", "5")
    quality(tmp_path, *options)
    undisturbed = files_of(tmp_path)
    path = tmp_path / "work" / "answers" / "test" / "random_sentences.jsonl"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (tmp_path / "results" / "quality.jsonl").unlink()
    capsys.readouterr()
    quality(tmp_path, *options)
    assert files_of(tmp_path) == undisturbed
    progress = capsys.readouterr().err
    assert 0 < progress.count("random_sentences nq20") < 20
    assert "full_prompt nq20" not in progress


def test_nothing_is_asked_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run, and --aggregate-only, write the same aggregates from the records, circumstances and all."""
    write_nq(tmp_path)
    quality(tmp_path, "--systems", "full_prompt", "--count", "2")
    first = list(read_lines(tmp_path / "results" / "quality.jsonl"))
    for option in ("--retry-errors", "--aggregate-only"):
        capsys.readouterr()
        quality(tmp_path, "--systems", "full_prompt", "--count", "2", option)
        assert "full_prompt nq20" not in capsys.readouterr().err
        assert list(read_lines(tmp_path / "results" / "quality.jsonl")) == first


def test_dev_runs_leave_the_committed_results_alone(tmp_path: Path) -> None:
    """Without --results, a run on dev questions writes to a folder of the work files."""
    write_data(tmp_path / "nq20-dev.jsonl.gz", map(make_record, range(2)))
    line = ["--data", str(tmp_path), "--work", str(tmp_path / "work"), "--split", "dev", "--sets", "nq20"]
    main(["quality", *line, "--systems", "full_prompt", "--threads", "1"])
    (written,) = read_lines(tmp_path / "work" / "dev" / "quality.jsonl")
    assert (written["split"], written["n"]) == ("dev", 2)
    assert (tmp_path / "work" / "answers" / "dev" / "full_prompt.jsonl").exists()


def test_measures_are_taken_from_the_texts_on_disk(tmp_path: Path) -> None:
    """What is on disk is the text; its measures are computed each time."""
    write_nq(tmp_path)
    quality(tmp_path, "--systems", "full_prompt", "--count", "1")
    path = tmp_path / "work" / "answers" / "test" / "full_prompt.jsonl"
    path.write_text(path.read_text().replace("Holm", "Reed"))
    quality(tmp_path, "--systems", "full_prompt", "--count", "1", "--aggregate-only")
    (line,) = read_lines(tmp_path / "results" / "quality.jsonl")
    assert line["measures"]["survival"]["mean"] == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--systems", "nobody"], "no system nobody; there are .*lingua"),
        (["--rates", "0.5", "1.5"], r"rates \[1.5\]: a rate is"),
        (["--variants", "new"], "--variants 'new' is not NAME=JSON"),
        (["--sets", "squad"], "the set squad has no test file"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    """It ends with a message, not with a traceback."""
    write_nq(tmp_path, 1)
    with pytest.raises(SystemExit) as ended:
        quality(tmp_path, *options)
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert re.search(message, printed)
    assert "Traceback" not in printed


def test_crash_hang_and_exception_are_errors_of_their_question(make_asker: Any) -> None:
    """The run goes on with the next question, and each error says what happened."""
    answer = f"""
    if request['id'] == 'crash':
        os._exit(3)
    if request['id'] == 'hang':
        time.sleep(600)
    if request['id'] == 'raise':
        raise ValueError('too long')
    {GOOD}
    """
    asker = make_asker(answer, timeout=1)
    ask_all(asker, questions_named("crash", "a", "hang", "b", "raise", "c"), [0.25])
    records = {record["id"]: record for record in asker.answers.all()}
    errors = {name: record.get("error") for name, record in records.items()}
    assert errors == {
        "crash": "the worker ended with exit status 3",
        "hang": "no answer in 1 seconds",
        "raise": "ValueError: too long",
        "a": None,
        "b": None,
        "c": None,
    }
    measured = collect(asker.answers, "code", "s", questions_named("crash", "a", "hang", "b", "raise", "c"), 0.25, 0)
    assert measured[0]["measures"] == {}
    assert measured[1]["measures"]["survival"] == 1.0
    line = aggregate("s", asker.system, measured, [])
    assert (line["n"], line["errors"]) == (3, 3)


def test_errors_are_asked_again_only_on_demand(make_asker: Any, tmp_path: Path) -> None:
    """An error is a result, until --retry-errors; then the answer takes its place."""
    flag = tmp_path / "mended"
    asker = make_asker(f"if not os.path.exists({str(flag)!r}): raise OSError('broken')\n{GOOD}")
    questions = questions_named("a")
    ask_all(asker, questions, [0.25])
    flag.touch()
    assert plan([asker], {"s": questions}, [0.25], retry=False) == []
    ask_all(asker, questions, [0.25], retry=True)
    assert [record.get("error") for record in asker.answers.all()] == [None]
    assert plan([asker], {"s": questions}, [0.25], retry=True) == []


def test_five_errors_in_a_row_are_enough(make_asker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A system that always fails is given up; what it was not asked is not on record."""
    asker = make_asker("raise ValueError(request['id'])")
    ask_all(asker, questions_named(*"abcdefgh"), [0.25])
    assert [record["id"] for record in asker.answers.all()] == ["a", "b", "c", "d", "e"]
    assert "made_up is given up for this run: 5 errors in a row, the last: ValueError: e" in capsys.readouterr().err


def test_four_errors_in_a_row_are_not(make_asker: Any) -> None:
    """An answer in between begins the count anew."""
    asker = make_asker(f"if request['id'] != 'e': raise ValueError('x')\n{GOOD}")
    ask_all(asker, questions_named(*"abcdefghi"), [0.25])
    assert len(asker.answers.all()) == 9


def test_a_system_that_does_not_start_leaves_no_records(make_asker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It may start after what it lacks was put in place, and then every question is still to be asked."""
    asker = make_asker(GOOD, header="raise ImportError('no torch')")
    other = make_asker(GOOD, name="other")
    with asker.client, other.client:
        carry_out(plan([asker, other], {"s": questions_named("a", "b")}, [0.25], retry=False))
    assert asker.answers.all() == []
    assert len(other.answers.all()) == 2
    assert "made_up is given up for this run: its worker did not start" in capsys.readouterr().err


def test_each_question_is_asked_of_every_system_in_turn(make_asker: Any) -> None:
    """Question by question, and 0.25 before the other rates."""
    askers = [make_asker(GOOD, name=name) for name in ("one", "two")]
    tasks = plan(askers, {"s": questions_named("a", "b"), "t": questions_named("c")}, [0.5, 0.25, 0.1], retry=False)
    order = [(task.asker.system.name, task.set_name, task.question.id, task.place) for task in tasks]
    assert order == [
        ("one", "s", "a", "1/2"),
        ("two", "s", "a", "1/2"),
        ("one", "s", "b", "2/2"),
        ("two", "s", "b", "2/2"),
        ("one", "t", "c", "1/1"),
        ("two", "t", "c", "1/1"),
    ]
    assert {task.rates for task in tasks} == {(0.25, 0.1, 0.5)}


def test_random_sentences_are_whole_and_within_the_budget(tmp_path: Path) -> None:
    """What is kept is sentences of the input, in their order."""
    write_nq(tmp_path)
    quality(tmp_path, "--systems", "random_sentences", "--rates", "0.5", "--count", "5")
    records = {record["id"]: record for record in map(make_record, range(5))}
    for answer in read_lines(tmp_path / "work" / "answers" / "test" / "random_sentences.jsonl"):
        passages = [f"{d['title']}\n{d['text']}" for d in records[answer["id"]]["documents"]]
        everything = "\n\n".join(passages)
        assert 0 < count_tokens(answer["text"]) <= 0.5 * count_tokens(everything)
        kept = re.split(r"(?<=\.)\s+|\n", answer["text"])  # a title is a sentence of its own
        assert all(sentence.endswith(".") or sentence in ("Sea", "Tower") for sentence in kept)
        places = [everything.index(sentence) for sentence in kept]
        assert places == sorted(places)


def test_progress_expects_the_unknown_to_take_as_long_as_the_known() -> None:
    """Two answers of a took 3 s each: its one, and the two of b, are expected to take as long."""
    progress = Progress({"a": 3, "b": 2})
    progress.answered("a", 2.0)
    progress.answered("a", 4.0)
    assert progress.seconds_left() == 9.0
    progress.gave_up("b")
    assert progress.clock_left() == "0:00:03"


def test_commands_name_no_place_of_a_machine() -> None:
    """Of a path the last part is enough; JSON and addresses stay as they are."""
    line = ["quality", "--data", "/home/ada/data", "--variants", 'x={"a": "b/c"}', "--model", "../m"]
    assert command(line) == """python -m benchmarks quality --data data --variants 'x={"a": "b/c"}' --model m"""
    line = ["reader", "--reader-url", "http://127.0.0.1:8000/v1"]
    assert command(line) == "python -m benchmarks reader --reader-url http://127.0.0.1:8000/v1"


def test_a_command_whose_module_is_missing_fails_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of commands needs none of their modules."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "quality" in capsys.readouterr().out
