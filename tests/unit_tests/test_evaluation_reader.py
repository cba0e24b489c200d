"""`lingua evaluate` with a reader: a server on this machine that answers from what the prompt holds, and its faults."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, FAILED, WRONG_USE
from lingua_shared.errors import MissingPackageError
from lingua_shared.evaluation.arms import AGAIN, FULL, LABELS, OURS
from lingua_shared.evaluation.measures import RIGHT, SAME
from lingua_shared.evaluation.reader_client import KEY_VARIABLE, ReaderClient
from lingua_shared.evaluation.reading import is_right, is_same
from lingua_shared.evaluation.trial import Outcome, Row
from lingua_shared.evaluation.verdict import verdict
from tests.benchmarks.reader_servers import Scripted, said, serving
from tests.fakes import OverlapScoring

Reply = tuple[int, bytes, dict[str, str]]
AT_ONCE = {"Retry-After-Ms": "1"}
PASSAGES = [
    "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so.",
    "The ferry leaves at ten. The crossing takes an hour.",
]
LIGHT = {"question": "When was the light at Gull Point built?", "passages": PASSAGES, "answers": ["1884"]}
CABBAGES = {
    "question": "What did he of the light at Gull Point, built in 1884, grow?",
    "passages": PASSAGES,
    "answers": ["tall cabbages"],
}

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands score without a model, and ask without a proxy or a key."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def knowing(prompt: str) -> Reply:
    """A reader that answers what stands in its text, else nothing."""
    text, _, question = prompt.rpartition("\n\nQuestion: ")
    answer = "tall cabbages" if "grow" in question else "1884"
    return said(f"It is {answer}." if answer in text else "I do not know.")


class Called:
    """What a command wrote: its exit code, its output, its messages, and the JSON."""

    def __init__(self, code: int, out: str, err: str, json_file: Path) -> None:
        self.code, self.out, self.err = code, out, err
        self.whole: dict[str, Any] = json.loads(json_file.read_text()) if json_file.exists() else {}


@pytest.fixture(name="evaluate")
def _evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Evaluate records with a server."""

    def call(server: Scripted, records: Sequence[Any], *more: str) -> Called:
        path, made = tmp_path / "questions.jsonl", tmp_path / "e.json"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        made.unlink(missing_ok=True)
        options = ("--reader-url", server.url, "--reader-model", "tiny", "--json", str(made), "-t", "16")
        code = run(["evaluate", str(path), *options, "--html", str(tmp_path / "e.html"), *more])
        return Called(code, *capsys.readouterr(), made)

    return call


def test_right_answers_are_counted(evaluate: Callable[..., Called], tmp_path: Path) -> None:
    """Of each text; the reader is asked for each text once, and twice for those of an A/A comparison."""
    with serving(server := Scripted(knowing)):
        found = evaluate(server, [LIGHT, CABBAGES])
    assert (found.code, found.whole["measure"]) == (DONE, RIGHT)
    assert (found.whole["reader"], found.whole["questions"]) == ("tiny", 2)
    first, second = (row["outcomes"] for row in found.whole["rows"])
    assert {name: one["right"] for name, one in first.items()} == dict.fromkeys(LABELS, 1.0)
    assert first[OURS]["answer"] == "It is 1884."
    assert second[FULL]["right"] == 1.0
    assert second[OURS] == {**second[OURS], "right": 0.0, "same": 0.0, "answer": "I do not know.", "survived": 0.0}
    assert "the reader answers 50.0% right instead of 100.0%, so 50.0% are lost of 2 questions" in found.out
    assert "answer right" in found.out
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "read by tiny" in page
    assert page.index("WRONG, ") < page.index("It is 1884.")
    assert len(server.asked) < 2 * 7  # cuts with the same text are one question
    assert server.keys[0] == "Bearer none"


def test_without_answers_the_full_prompt_is_the_measure(evaluate: Callable[..., Called]) -> None:
    """Agreement with the answer from all passages, beside how often that answer agrees with itself."""
    asked = [{key: value for key, value in one.items() if key != "answers"} for one in (LIGHT, CABBAGES)]
    with serving(server := Scripted(knowing)):
        found = evaluate(server, asked)
    assert (found.code, found.whole["measure"]) == (DONE, SAME)
    first, second = (row["outcomes"] for row in found.whole["rows"])
    assert [one[name]["same"] for one in (first, second) for name in (FULL, OURS, AGAIN)] == [1, 1, 1, 1, 0, 0]
    assert first[OURS]["survived"] is first[OURS]["right"] is None
    assert "the same answer as from all passages to 50.0%; asked twice with all" in found.out
    assert "passages, it does so to 100.0%. So 50.0% are lost of 2 questions" in found.out


def test_an_inconstant_reader_is_seen(evaluate: Callable[..., Called]) -> None:
    """Who is asked twice is asked anew, so that what chance does is no effect of compression."""
    counter = iter(range(1000))
    with serving(server := Scripted(lambda _: said(f"number {next(counter)}"))):
        found = evaluate(server, [{key: value for key, value in LIGHT.items() if key != "answers"}] * 3)
    [first, *_] = [row["outcomes"] for row in found.whole["rows"]]
    assert first[FULL]["same"] == first[OURS]["same"] == first[AGAIN]["same"] == 0
    assert "asked twice with all passages, it does so to 0.0%. So 0.0% are lost" in found.out


def test_nothing_is_asked_twice(evaluate: Callable[..., Called]) -> None:
    """Answers lie beside the questions; a stopped run goes on with them."""
    broken = iter(range(1000))

    def stop(prompt: str) -> Reply:
        return knowing(prompt) if next(broken) < 5 else (401, b"", {})

    with serving(server := Scripted(stop)):
        assert evaluate(server, [LIGHT, CABBAGES] * 3).code == FAILED
        before = len(server.asked)
        server.answer = knowing
        found = evaluate(server, [LIGHT, CABBAGES])
        asked = len(server.asked)
        assert evaluate(server, [LIGHT, CABBAGES]).whole["rows"] != []
    assert found.code == DONE
    assert before <= asked - 3
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("reply", "said_of_it"),
    [
        ((500, b"out of memory", AT_ONCE), "HTTP status 500 (out of memory)"),
        ((200, b"<html>", {}), "an answer without choices (<html>)"),
        ((400, b"too long", {}), "HTTP status 400 (too long)"),
        (
            (200, json.dumps({"choices": [{"message": {"refusal": "no"}}]}).encode(), {}),
            "the model refuses to answer (no)",
        ),
    ],
)
def test_faults_are_counted_and_shown(
    evaluate: Callable[..., Called], tmp_path: Path, reply: Reply, said_of_it: str
) -> None:
    """A question without an answer does not count, the others do, and each reason stands in all outputs."""
    with serving(server := Scripted(lambda prompt: reply if "grow?" in prompt else knowing(prompt))):
        found = evaluate(server, [LIGHT, CABBAGES, LIGHT], "--reader-attempts", "2")
    assert (found.code, found.whole["questions"], found.whole["left_out"]) == (DONE, 2, 1)
    [(reason, number)] = found.whole["faults"].items()
    assert said_of_it in reason
    assert number == 1
    assert "1 question does not count, for the reader gave no answer: " in found.out
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "for the reader gave no answer" in page
    assert "<html>" not in page
    assert "<td>no answer</td>" in page
    of_fault = [prompt for prompt in server.asked if "grow?" in prompt]
    assert len(of_fault) == (2 if reply[0] == 500 else 1)


def test_a_fault_that_passes_costs_nothing(evaluate: Callable[..., Called]) -> None:
    """The second attempt counts."""
    faults = iter([(503, b"", AT_ONCE)])
    with serving(server := Scripted(lambda prompt: next(faults, None) or knowing(prompt))):
        found = evaluate(server, [LIGHT])
    assert (found.code, found.whole["questions"], found.whole["faults"]) == (DONE, 1, {})


def test_a_hang_is_given_up(evaluate: Callable[..., Called]) -> None:
    """After the time of an answer; with one question that is no broken server."""

    def hang(_: str) -> Reply:
        time.sleep(0.3)
        return said("late")

    with serving(server := Scripted(hang)):
        found = evaluate(server, [LIGHT], "--reader-timeout", "0.1", "--reader-attempts", "1")
    assert found.code == DONE
    assert "No question could be used: the reader answered none." in found.out
    assert "no answer in 0.1 seconds" in found.out


def test_a_broken_server_stops_the_command(evaluate: Callable[..., Called]) -> None:
    """Three questions in a row without an answer; the message says where the answers so far are."""
    with serving(server := Scripted(lambda _: (401, b"", {}))):
        found = evaluate(server, [LIGHT] * 5)
    assert found.code == FAILED
    assert len(server.asked) == 3
    assert "3 questions in a row. The answers so far are in" in found.err
    assert KEY_VARIABLE in found.err


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--reader-url", "http://127.0.0.1:1/v1"), "belong together"),
        (("--reader-model", "tiny"), "belong together"),
        (("--reader-url", "http://x/v1", "--reader-model", "tiny", "--reader-timeout", "0"), "give more than 0"),
    ],
)
def test_options_that_do_not_fit(
    tmp_path: Path, more: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names them."""
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps(LIGHT), encoding="utf-8")
    assert run(["evaluate", str(path), "-t", "16", *more]) == WRONG_USE
    assert expected in capsys.readouterr().err


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the command that installs it."""
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'rag-lingua\[verify\]'"):
        ReaderClient("http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        ("It was Edmund Colquitt.", ("Colquitt",), 1),
        ("Nobody", ("Colquitt",), 0),
        ("Yes, it does.", ("yes",), 1),
        ("No, yes is wrong.", ("yes",), 0),
        ("東京です", ("東京",), 1),
    ],
)
def test_right_answers(answer: str, accepted: tuple[str, ...], right: int) -> None:
    """An accepted answer stands in it; yes and no come first."""
    assert is_right(answer, accepted) == right


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("In 1884.", "1884", 1),
        ("1884", "18", 0),
        ("", "", 1),
        ("", "1884", 0),
        ("the light", "Light!", 1),
        ("東京", "東京です", 1),
    ],
)
def test_same_answers(one: str, other: str, same: int) -> None:
    """One stands in the other as whole words."""
    assert is_same(one, other) == is_same(other, one) == same


def test_what_a_reader_shows_is_said() -> None:
    """Too few questions, a loss that is too large, and none."""

    def row(*, lost: bool) -> Row:
        outcomes = {
            name: Outcome(
                1.0, 100 if name == FULL else 10, 0.0, "x", 0.0 if lost and name in (OURS, AGAIN) else 1.0, 1.0
            )
            for name in LABELS
        }
        return Row("a", "Which?", ("x",), outcomes)

    def first(*rows: Row) -> str:
        return verdict(rows, acceptable_loss=0.05, measure=RIGHT).sentences[0]

    assert first(*[row(lost=False)] * 20).endswith("Whether it is more than 5% cannot be seen with 20 questions.")
    assert first(*[row(lost=False)] * 60).endswith("compressing pays here.")
    assert first(*[row(lost=True), row(lost=False)] * 30).endswith("do not compress here with this budget.")
    sentences = verdict([row(lost=True), row(lost=False)] * 30, acceptable_loss=0.05, measure=RIGHT).sentences
    assert sentences[1].startswith("The reader is right 50.0% less often with Lingua than with")
    assert sentences[3].startswith("Run and read twice, Lingua has the same right answers")


def test_an_empty_answer_is_none(evaluate: Callable[..., Called]) -> None:
    """Nothing is concluded from silence; the reason is shown."""
    server = Scripted(lambda _: said(""))
    with serving(server):
        called = evaluate(server, [LIGHT, CABBAGES])
    assert "the reader answered none" in called.out
    assert "the answer is empty" in called.out
    assert "compressing pays" not in called.out


def test_a_reader_that_is_never_right_says_nothing(evaluate: Callable[..., Called]) -> None:
    """Losing nothing of nothing is no reason to compress."""
    server = Scripted(lambda _: said("I do not know."))
    with serving(server):
        called = evaluate(server, [{**LIGHT, "question": f"{LIGHT['question']} ({n})"} for n in range(64)])
    assert "cannot answer these questions from all passages either" in " ".join(called.out.split())
    assert "compressing pays" not in called.out


def test_answers_belong_to_a_server(evaluate: Callable[..., Called]) -> None:
    """Another address is asked anew."""
    first, second = Scripted(knowing), Scripted(lambda _: said("It is 1066."))
    with serving(first), serving(second):
        right, wrong = evaluate(first, [LIGHT]), evaluate(second, [LIGHT])
    assert (len(first.asked) > 0, len(second.asked)) == (True, len(first.asked))
    assert right.out != wrong.out


def test_parameters_that_a_model_does_not_take_are_left_out() -> None:
    """As newer models of OpenAI, which name the one that takes the place of another."""
    refusals = {
        "max_tokens": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    }

    def answer(_prompt: str) -> Reply:
        for name, text in refusals.items():
            if name in server.bodies[-1]:
                return 400, json.dumps({"error": {"message": text}}).encode(), {}
        return said("1884")

    server = Scripted(answer)
    body = {"model": "m", "messages": [{"role": "user", "content": "When?"}], "temperature": 0, "max_tokens": 9}
    with serving(server):
        client = ReaderClient(server.url)
        answers = [client.ask(body) for _ in range(2)]
        client.close()
    assert answers == ["1884", "1884"]
    assert [sorted(one) for one in server.bodies[2:]] == [["max_completion_tokens", "messages", "model"]] * 2
