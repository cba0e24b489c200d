"""The reader: what it asks, what it keeps, what it measures, and what it says when the server is at fault."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks import reader
from benchmarks.errors import UsageError
from benchmarks.reader import Reading, read_systems
from benchmarks.reader_server import ChatModel, ReaderServer, load
from benchmarks.records import Answers, read_lines
from benchmarks.sets import Question
from benchmarks.systems import choose_systems, find_systems
from lingua_shared.evaluation.reader_client import KEY_VARIABLE, ReaderClient, ReaderError, RefusedError
from tests import tiny_models
from tests.benchmarks.reader_servers import Scripted, said, serving

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

READING = Reading("tiny", max_tokens=4)
QUESTIONS = [
    Question("a", "Who built it?", ("Ada Marsh",), ("Ada Marsh built it.", "It rains."), frozenset({0}), (), "span"),
    Question("b", "When?", ("3 May 1872",), ("On 3 May 1872.", "It snows."), frozenset({0}), (), "span"),
]
TEXTS = {
    "lingua": {"a": "Ada Marsh built it.", "b": "On 3 May 1872."},
    "bm25_truncate": {"a": "It rains.", "b": "On 3 May 1872."},
    "full_prompt": {"a": "Ada Marsh built it. It rains.", "b": "On 3 May 1872. It snows."},
}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of these tests are asked without a proxy, and without a key."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture(name="tiny_model", scope="module")
def _tiny_model(tmp_path_factory: pytest.TempPathFactory) -> ChatModel:
    folder = tiny_models.save(tmp_path_factory.mktemp("tiny"), "gpt2")
    return load(str(folder), served_as="tiny")


@pytest.fixture(name="server")
def _server(tiny_model: ChatModel) -> Iterator[ReaderServer]:
    """A real server around a tiny model; it counts its requests."""
    server = ReaderServer(tiny_model, port=0)
    with serving(server):
        yield server


def copying(prompt: str) -> tuple[int, bytes, dict[str, str]]:
    """A reader that copies what follows "Text:"."""
    text, _, _ = prompt.partition("Text:\n")[2].partition("\n\n")
    return said(text)


def keep_texts(work: Path, texts: dict[str, dict[str, str]]) -> None:
    """Lay down the texts that `quality` would have made."""
    for system in choose_systems(find_systems(), texts):
        answers = Answers.open(system.file_name, split="test", work=work)
        for name, text in texts[system.name].items():
            rate = 0.25 if system.rates else 1.0
            key = {"set": "tiny", "id": name, "rate": rate, "seed": 0, "code": system.fingerprint()}
            answers.append({**key, "text": text, "ranking": None, "seconds": None, "peak_bytes": None})


def read_all(url: str, folder: Path, names: list[str], reading: Reading = READING) -> dict[str, dict[str, Any]]:
    """Read systems and return the lines by system."""
    systems = choose_systems(find_systems(), names)
    with closing(ReaderClient(url, timeout=20, attempts=2)) as client:
        read_systems(reading, client, "tiny", QUESTIONS, systems, results=folder, work=folder)
    return {line["system"]: line for line in read_lines(folder / "reader.jsonl")}


def test_a_second_run_asks_nothing(server: ReaderServer, tmp_path: Path) -> None:
    """Every question is asked once of the real server; the second run takes all answers from disk, and is the same."""
    keep_texts(tmp_path, TEXTS)
    first = read_all(server.url, tmp_path, list(TEXTS))
    assert server.requests == 5  # six texts, two of them alike
    assert read_all(server.url, tmp_path, list(TEXTS)) == first
    assert server.requests == 5
    assert {name: (line["n"], line["errors"], line["missing"]) for name, line in first.items()} == {
        "lingua": (2, 0, 0),
        "bm25_truncate": (2, 0, 0),
        "full_prompt": (2, 0, 0),
    }


def test_the_cache_goes_by_what_is_asked_not_where(tmp_path: Path) -> None:
    """Another address asks nothing again; another model, seed or length does."""
    keep_texts(tmp_path, {"lingua": TEXTS["lingua"]})
    one, two = Scripted(copying), Scripted(copying)
    with serving(one), serving(two):
        read_all(one.url, tmp_path, ["lingua"])
        read_all(two.url, tmp_path, ["lingua"])
        assert (len(one.asked), len(two.asked)) == (2, 0)
        for other in (Reading("other", max_tokens=4), Reading("tiny", max_tokens=5)):
            read_all(two.url, tmp_path, ["lingua"], other)
    assert len(two.asked) == 4


def test_answers_are_measured_and_compared(tmp_path: Path) -> None:
    """The reader copies its text: Lingua has both answers, BM25 one; F1 is 2 * 2 / (4 + 2) and 2 * 3 / (4 + 3)."""
    keep_texts(tmp_path, TEXTS)
    with serving(server := Scripted(copying)):
        lines = read_all(server.url, tmp_path, list(TEXTS))
    assert lines["lingua"]["measures"]["reader_match"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 2}
    assert lines["lingua"]["measures"]["reader_exact"]["mean"] == 0
    assert lines["lingua"]["measures"]["reader_f1"]["mean"] == pytest.approx((4 / 6 + 6 / 7) / 2, abs=1e-4)
    assert lines["lingua"]["paired"] == {}
    assert lines["bm25_truncate"]["measures"]["reader_match"]["mean"] == 0.5
    assert lines["bm25_truncate"]["paired"]["reader_match"]["difference"] == 0.5
    assert (lines["bm25_truncate"]["rate"], lines["full_prompt"]["rate"]) == (0.25, 1.0)
    assert lines["full_prompt"]["paired"]["reader_match"] == {"difference": 0.0, "low": 0.0, "high": 0.0, "n": 2}


def test_another_system_alone_is_compared_with_earlier_answers(tmp_path: Path) -> None:
    """Lingua's answers are taken from the cache when it is not read in the same run."""
    keep_texts(tmp_path, TEXTS)
    with serving(server := Scripted(copying)):
        read_all(server.url, tmp_path, ["lingua"])
        lines = read_all(server.url, tmp_path, ["bm25_truncate"])
    assert lines["bm25_truncate"]["paired"]["reader_match"]["n"] == 2


def test_the_prompt_holds_the_text_and_the_question(tmp_path: Path) -> None:
    """The reader sees the compressed text, not the passages, and the question behind it."""
    keep_texts(tmp_path, {"bm25_truncate": {"a": "It rains."}})
    with serving(server := Scripted(copying)):
        read_all(server.url, tmp_path, ["bm25_truncate"])
    (prompt,) = server.asked
    assert prompt.index("It rains.") < prompt.index("Who built it?")
    assert "Ada Marsh" not in prompt


def test_missing_texts_are_counted(server: ReaderServer, tmp_path: Path) -> None:
    """A question without a text of the current code is skipped."""
    keep_texts(tmp_path, {"lingua": {"a": "Ada Marsh built it."}})
    line = read_all(server.url, tmp_path, ["lingua"])["lingua"]
    assert (line["n"], line["errors"], line["missing"]) == (1, 0, 1)


def test_without_any_text_an_earlier_line_stays(server: ReaderServer, tmp_path: Path) -> None:
    """Where `quality` has made no texts with the current code, there is nothing to replace a result by."""
    keep_texts(tmp_path, {"lingua": TEXTS["lingua"]})
    earlier = read_all(server.url, tmp_path, ["lingua"])
    (tmp_path / "answers" / "test" / "lingua.jsonl").unlink()
    assert read_all(server.url, tmp_path, ["lingua", "bm25_truncate"]) == earlier


def test_a_refused_prompt_is_an_error_of_that_question(server: ReaderServer, tmp_path: Path) -> None:
    """A text longer than the model's window is refused by the real server; the other question is read."""
    keep_texts(tmp_path, {"lingua": {"a": "Ada Marsh built it. " * 200, "b": "On 3 May 1872."}})
    line = read_all(server.url, tmp_path, ["lingua"])["lingua"]
    assert (line["n"], line["errors"], line["missing"]) == (1, 1, 0)


def test_several_requests_at_one_time_give_the_same(tmp_path: Path) -> None:
    """Three threads and one thread measure alike."""
    lines = []
    for concurrency in (1, 3):
        folder = tmp_path / str(concurrency)
        keep_texts(folder, TEXTS)
        with serving(server := Scripted(copying)):
            reading = Reading("tiny", concurrency=concurrency)
            lines.append(read_all(server.url, folder, list(TEXTS), reading))
    assert lines[0] == lines[1]


def test_sets_without_questions_are_left_out(server: ReaderServer, tmp_path: Path) -> None:
    """There is nothing to answer in a set of summaries."""
    summary = Question("s", None, ("All of it.",), ("It rains.",), frozenset(), (), "summary")
    systems = choose_systems(find_systems(), ["lingua"])
    with closing(ReaderClient(server.url)) as client:
        read_systems(READING, client, "tiny", [summary], systems, results=tmp_path, work=tmp_path)
    assert not (tmp_path / "reader.jsonl").exists()
    assert server.requests == 0


def test_what_was_answered_before_a_fault_is_kept(tmp_path: Path) -> None:
    """A server that fails at the second question is asked only that one again."""
    keep_texts(tmp_path, {"lingua": TEXTS["lingua"]})
    with serving(
        server := Scripted(lambda prompt: copying(prompt) if "Ada" in prompt else (500, b"out of memory", {}))
    ):
        with pytest.raises(ReaderError, match=r"500 .out of memory"):
            read_all(server.url, tmp_path, ["lingua"])
        before = len(server.asked)
        server.answer = copying
        assert read_all(server.url, tmp_path, ["lingua"])["lingua"]["n"] == 2
    assert len(server.asked) == before + 1


def test_errors_of_a_system_are_no_texts(server: ReaderServer, tmp_path: Path) -> None:
    """What a system failed at is missing, not read."""
    keep_texts(tmp_path, {"lingua": {"a": "Ada Marsh built it."}})
    answers = Answers.open("lingua", split="test", work=tmp_path)
    (record,) = answers.all()
    answers.append({**{key: record[key] for key in ("set", "rate", "seed", "code")}, "id": "b", "error": "too long"})
    line = read_all(server.url, tmp_path, ["lingua"])["lingua"]
    assert (line["n"], line["errors"], line["missing"]) == (1, 0, 1)


def ask(url: str, *, timeout: float = 20, attempts: int = 2) -> str:
    """Send one request."""
    with closing(ReaderClient(url, timeout=timeout, attempts=attempts)) as client:
        return client.ask({"model": "tiny", "messages": [{"role": "user", "content": "Who?"}]})


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_faults_are_tried_again(status: int) -> None:
    """The second attempt succeeds."""
    answers = iter([(status, b"", {"Retry-After-Ms": "1"}), said("Ada")])
    with serving(server := Scripted(lambda _: next(answers))):
        assert ask(server.url) == "Ada"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, b"boom", {"Retry-After-Ms": "1"}), "HTTP status 500 .*boom.*look at the server"),
        ((401, b"", {}), KEY_VARIABLE),
        ((404, b"no such path", {}), "end in /v1"),
        ((200, b"<html>", {}), "without choices .*<html>.*OpenAI-compatible"),
        ((200, b'{"choices": []}', {}), "without choices"),
        ((200, b"[1]", {}), "without choices"),
    ],
)
def test_faults_name_the_address_and_what_to_do(answer: tuple[int, bytes, dict[str, str]], words: str) -> None:
    """The message has the address, what came, and a hint."""
    with serving(server := Scripted(lambda _: answer)), pytest.raises(ReaderError, match=words) as caught:
        ask(server.url)
    assert server.url in str(caught.value)


def test_a_refusal_is_told_apart() -> None:
    """400 is about this request, and is not tried again."""
    with serving(server := Scripted(lambda _: (400, b"too long", {}))), pytest.raises(RefusedError, match="too long"):
        ask(server.url)
    assert len(server.asked) == 1


def test_a_server_that_hangs_is_given_up() -> None:
    """After the time limit of every attempt the message names the limit and its option."""

    def hang(_: str) -> tuple[int, bytes, dict[str, str]]:
        time.sleep(0.4)
        return 200, b"", {}

    with serving(server := Scripted(hang)), pytest.raises(ReaderError, match=r"0.1 seconds .--reader-timeout"):
        ask(server.url, timeout=0.1, attempts=1)


def test_no_server_at_all() -> None:
    """An address where nothing listens is named, with what to do."""
    server = Scripted(copying)
    server.server_close()
    with pytest.raises(ReaderError, match=rf"{server.url}: no connection .*--reader-url"):
        ask(server.url, attempts=1)


def test_an_address_that_is_none() -> None:
    """Only http and https are asked."""
    with pytest.raises(ReaderError, match="'file:///etc' is none; give one such as"):
        ReaderClient("file:///etc")


def test_the_key_is_sent_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable's value goes into the header; without it the header says that there is none."""
    with serving(server := Scripted(lambda _: said("Ada"))):
        ask(server.url)
        monkeypatch.setenv(KEY_VARIABLE, "secret")
        ask(server.url)
    assert server.keys == ["Bearer none", "Bearer secret"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """`run` with a set whose texts are there and a server that is not ends in one sentence; nothing is written."""
    import argparse
    import gzip

    documents = [{"title": "", "text": text, "is_gold": text.startswith("Ada")} for text in QUESTIONS[0].passages]
    record = {"id": "a", "question": "Who built it?", "answers": ["Ada Marsh"], "documents": documents}
    with gzip.open(tmp_path / "nq20-test.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    system = choose_systems(find_systems(), ["lingua"])[0]
    key = {"set": "nq20", "id": "a", "rate": 0.25, "seed": 0, "code": system.fingerprint()}
    answers = Answers.open("lingua", split="test", work=tmp_path)
    answers.append({**key, "text": "Ada Marsh.", "ranking": None, "seconds": None, "peak_bytes": None})
    gone = Scripted(copying)
    gone.server_close()
    parser = argparse.ArgumentParser()
    reader.add_arguments(parser)
    line = ["--data", str(tmp_path), "--reader-url", gone.url, "--reader-model", "tiny", "--systems", "lingua"]
    line += ["--results", str(tmp_path), "--work", str(tmp_path)]
    with pytest.raises(ReaderError, match="no connection"):
        reader.run(parser.parse_args(line))
    with pytest.raises(UsageError, match=r"--concurrency 0, .*: each must be at least 1"):
        reader.run(parser.parse_args([*line, "--concurrency", "0"]))
    assert not (tmp_path / "reader.jsonl").exists()
