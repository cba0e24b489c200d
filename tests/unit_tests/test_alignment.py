"""Distribution alignment: pairs, an endpoint that fails, runs that are killed, and the report."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.causal.adapter import WEIGHTS
from lingua_shared.scoring.loading import Models
from lingua_shared.text.words import word_spans
from lingua_shared.training.alignment.__main__ import main
from lingua_shared.training.alignment.pairs import batch_of, row_of, split
from lingua_shared.training.alignment.surprisal import Surprisal, by_target, by_word, surprisals
from lingua_shared.training.distillation.dataset import IGNORED
from lingua_shared.training.distillation.stages import Record
from tests import tiny_models
from tests.unit_tests.test_distillation import lines, save
from tests.unit_tests.test_training_mixture import record, write

COMMAND = [sys.executable, "-m", "lingua_shared.training.alignment"]


def pairs(count: int) -> list[Record]:
    return [
        {
            "instruction": f"Who built pier {i}?",
            "response": f"The lighthouse at Gull Point was built in {1800 + i} by Ada Marsh.",
        }
        for i in range(count)
    ]


class Target(ThreadingHTTPServer):
    """A target LLM behind the API of OpenAI, which does for each instruction what its reply says."""

    def __init__(self, replies: dict[str, Any], pause: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies, self.pause = replies, pause
        self.asked: list[str] = []
        self.bodies: list[Record] = []
        self.lock = Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = body["messages"][0]["content"]
        with self.server.lock:
            self.server.asked.append(asked)
            self.server.bodies.append(body)
            reply = self.server.replies.get(asked, f"Answer to {asked}")
            if isinstance(reply, list):
                reply = reply.pop(0)
        time.sleep(self.server.pause)
        if isinstance(reply, tuple):
            self._send(*reply)
            return
        said = {"role": "assistant", "content": reply}
        choice: Record = {"index": 0, "finish_reason": "length" if reply.endswith("...") else "stop", "message": said}
        if body.get("logprobs"):
            tokens = [{"token": one, "logprob": -1.5, "bytes": [*one.encode()], "top_logprobs": []} for one in reply]
            choice["logprobs"] = {"content": tokens}
        whole = {"id": "x", "object": "chat.completion", "created": 1, "model": "target", "choices": [choice]}
        self._send(200, json.dumps(whole))

    def _send(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("retry-after-ms", "1")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the library
        """Say nothing."""


@contextmanager
def target(replies: dict[str, Any], pause: float = 0.0) -> Iterator[Target]:
    server = Target(replies, pause)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(arguments: Sequence[Any], capsys: pytest.CaptureFixture[str]) -> Record:
    """Run a stage and return its report."""
    main([str(one) for one in arguments])
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_target_is_asked_and_what_is_bad_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken lines, refusals, pages that are no completions and an outage stop nothing; the next run asks again."""
    replies: dict[str, Any] = {
        "refused": "I'm sorry, but I can't help with that.",
        "silent": "",
        "cut": "One, two, ...",
        "busy": [(429, "{}"), "Late"],
        "a page": (200, "<html>"),
        "another page": (200, '{"hello": 1}'),
        "down": (500, "{}"),
    }
    good = [*replies, "plain", "plain"]
    bad = ['{"instruction": 3}', '{"instruction": " "}', "{", "[]", '{"instruction": "\\ud800"}']
    known = json.dumps({"instruction": "asked before", "response": " Known ", "logprobs": [["Known", -1]]})
    wrong = json.dumps({"instruction": "a", "response": "b", "logprobs": 3})
    texts = [json.dumps({"instruction": one}) for one in good]
    (tmp_path / "in.jsonl").write_bytes("\n".join([*texts, *bad, known, wrong]).encode() + b"\n\xff\n")
    out = tmp_path / "pairs.jsonl"
    with target(replies) as server:
        stage = ["collect", tmp_path / "in.jsonl", "--out", out, "--url", server.url, "--model", "target", "--logprobs"]
        report = run([*stage, "--per-minute", "1e6"], capsys)
        assert report["written"] == 4
        assert report["rejected"] == {
            "empty answer": 2,  # nothing said, and an object that is no completion
            "empty instruction": 1,
            "field 'instruction' is missing or no str": 1,
            "field 'logprobs' is no list of [token, log-probability]": 1,
            "half a character": 1,
            "no JSON": 1,
            "no JSON object": 1,
            "not UTF-8": 1,
            "teacher refused": 1,
        }
        assert report["failed_requests_now"] == 2
        assert server.asked.count("plain") == 1
        assert {body["max_tokens"] for body in server.bodies} == {512}
        found = {one["instruction"]: one for one in lines(out)}
        assert found["asked before"]["response"] == "Known"
        assert found["cut"]["is_cut"] is True
        assert found["plain"]["logprobs"] == [[one, -1.5] for one in "Answer to plain"]
        server.replies |= {"down": "up", "a page": "text"}
        server.asked.clear()
        assert run(stage, capsys)["written"] == 6
        assert sorted(server.asked) == ["a page", "down"]
    with pytest.raises(InvalidInputError, match="other settings"):
        main([str(one) for one in [*stage, "--response-tokens", "9"]])


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_killed_collection_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was answered is not asked again, and in the end each instruction has its response once."""
    asked = [f"question {i}" for i in range(60)]
    source, out = save(tmp_path / "in.jsonl", [{"instruction": one} for one in asked]), tmp_path / "pairs.jsonl"
    with target({}, pause=0.02) as server:
        stage = ["collect", str(source), "--out", str(out), "--url", server.url, "--model", "target"]
        stage += ["--in-flight", "2", "--per-minute", "1e6"]
        process = subprocess.Popen([*COMMAND, *stage], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and (not out.exists() or out.read_bytes().count(b"\n") < 5):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = out.read_bytes().count(b"\n")
        assert 5 <= before < 60
        server.asked.clear()
        server.pause = 0.0
        assert run(stage, capsys)["written"] == 60
        assert len(server.asked) <= 60 - before
    assert sorted(one["instruction"] for one in lines(out)) == sorted(asked)


def test_pairs_come_from_a_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an endpoint, an instruction without a response is counted."""
    source = save(tmp_path / "in.jsonl", [*pairs(3), {"instruction": "open"}])
    report = run(["collect", source, "--out", tmp_path / "out.jsonl"], capsys)
    assert report == {"written": 3, "rejected": {"no response, and no --url to ask for one": 1}}
    write(tmp_path, "ten-test", record(0))
    with pytest.raises(InvalidInputError, match="test file"):
        main(["collect", str(tmp_path / "ten-test.jsonl.gz"), "--out", str(tmp_path / "other.jsonl")])


def test_the_cost_is_told_before_it_starts(tmp_path: Path) -> None:
    """An estimate above the limit stops the stage before the first request."""
    source = save(tmp_path / "in.jsonl", [{"instruction": "words " * 1000}])
    stage = ["collect", str(source), "--out", str(tmp_path / "out.jsonl"), "--url", "http://target.invalid/v1"]
    with pytest.raises(InvalidInputError, match=r"may cost 1\.5"):
        main([*stage, "--model", "m", "--price-in", "1000", "--price-out", "1000", "--max-cost", "1"])
    with pytest.raises(InvalidInputError, match="no --model"):
        main(stage)


def test_only_the_response_has_targets() -> None:
    """Each of its tokens has one; of a long pair the end of the instruction and the beginning of the response stay."""
    tokenizer = tiny_models.sentencepiece_tokenizer()
    one = pairs(1)[0]
    row = row_of(one, tokenizer, 256)
    start = row["labels"].index(next(label for label in row["labels"] if label != IGNORED))
    assert row["input_ids"][0] == tokenizer.bos_token_id
    assert row["labels"] == [IGNORED] * start + row["input_ids"][start:]
    assert tokenizer.decode(row["input_ids"][start:]).strip() == one["response"]
    long = row_of({"instruction": "who " * 50, "response": "Ada Marsh " * 50}, tokenizer, 40)
    assert len(long["input_ids"]) == 40
    assert sum(label != IGNORED for label in long["labels"]) == 29
    batch = batch_of([row, long])
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
    assert batch["attention_mask"].sum(1).tolist() == [len(row["input_ids"]), 40]


def test_a_response_ends_unless_it_was_cut() -> None:
    """The model learns where the target stopped, and nothing where it was stopped."""
    tokenizer = tiny_models.byte_level_tokenizer()
    whole, cut = (row_of({**pairs(1)[0], **more}, tokenizer, 256) for more in ({}, {"is_cut": True}))
    assert whole["input_ids"] == [*cut["input_ids"], tokenizer.eos_token_id]


def test_instructions_are_on_one_side() -> None:
    """Two responses to one instruction never help to judge each other."""
    records = [{"instruction": f"{i % 30}", "response": f"{i}"} for i in range(90)]
    train, held_out = split(records, 0.3)
    assert held_out
    assert len(train) + len(held_out) == 90
    assert not {one["instruction"] for one in train} & {one["instruction"] for one in held_out}


def test_words_have_the_surprisal_of_their_tokens() -> None:
    """Of tokens by where they end, white space behind a word included; a word without a token has none."""
    text = "The keeper  lit it"
    one = Surprisal(np.array([3, 5, 10, 12, 15]), np.array([1.0, 2.0, 4.0, 8.0, 16.0]))
    assert word_spans(text)[1] == (4, 10)
    np.testing.assert_array_equal(by_word(text, one), [1.0, 14.0, 16.0, np.nan])


def test_the_target_is_believed_where_its_tokens_make_up_the_response() -> None:
    """Space around the response does not count; other text does."""
    [said, other] = by_target(
        [
            {"response": "Ada lit", "logprobs": [[" Ada", -1.0], [" lit", -2.0], ["\n", -3.0]]},
            {"response": "Ada lit", "logprobs": [["Ada", -1.0]]},
        ],
        None,
    )
    assert other is None
    assert said is not None
    np.testing.assert_array_equal(by_word("Ada lit", said), [1.0, 5.0])


def test_surprisal_is_read_after_the_instruction(models_folder: Path) -> None:
    """A response is less or more surprising after another instruction; one longer than the window is cut."""
    model = Models(tiny_models.options(models_folder)).causal()
    one = pairs(1)[0]
    plain, other = surprisals(model, [one, {**one, "instruction": "Überraschung, señor"}])
    assert len(plain.nats) == len(plain.ends) == len(model.encode([one["response"]])[0].ids)
    assert np.abs(plain.nats - other.nats).max() > 0.1
    [long] = surprisals(model, [{"instruction": "who " * 900, "response": "Ada Marsh " * 900}])
    assert len(long.nats) == 128


def fit_command(source: Path, model: Path, folder: Path, *more: str) -> list[str]:
    command = ["fit", str(source), "--base", str(model), "--out", str(folder), "--learning-rate", "0.01"]
    return [*command, "--epochs", "8", "--checkpoint-steps", "4", "--batch", "4", *more]


def test_a_killed_training_ends_as_one_that_was_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that the system kills in the middle goes on from its checkpoint, to the same weights."""
    model, source = tiny_models.save(tmp_path / "llama", "llama"), save(tmp_path / "in.jsonl", pairs(30))
    run(["collect", source, "--out", tmp_path / "pairs.jsonl"], capsys)
    with (tmp_path / "pairs.jsonl").open("ab") as file:
        file.write(b'{"id": "x"}\n{\n')
    killed, whole = (fit_command(tmp_path / "pairs.jsonl", model, tmp_path / name) for name in ("killed", "whole"))
    process = subprocess.Popen([*COMMAND, *killed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    checkpoints = tmp_path / "killed/checkpoints"
    while process.poll() is None and not [*checkpoints.glob("checkpoint-*/trainer_state.json")]:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed/figures.json").exists()
    found = [run(one, capsys) for one in (killed, whole)]
    assert found[0] == found[1]
    assert found[0]["bad_records"] == {"field 'instruction' is missing or no str": 1, "no JSON": 1}
    assert found[0]["pairs"] + found[0]["held_out"] == 30
    weights = [load_file(tmp_path / name / "adapter" / WEIGHTS) for name in ("killed", "whole")]
    assert weights[0].keys() == weights[1].keys()
    for name, tensor in weights[0].items():
        assert tensor.equal(weights[1][name]), name
    assert run(whole, capsys) == found[0]  # done already
    with pytest.raises(InvalidInputError, match=r"other settings: seed was 7 and is now 8; take another folder"):
        main([*whole, "--seed", "8"])


@pytest.mark.parametrize("kind", ["adapter", "model"])
def test_from_pairs_to_a_report(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The tuned model is less surprised by held-out responses, and the report says so with intervals."""
    model, source = tiny_models.save(tmp_path / "llama", "llama"), save(tmp_path / "in.jsonl", pairs(30))
    run(["collect", source, "--out", tmp_path / "pairs.jsonl"], capsys)
    more = ["--all-weights"] if kind == "model" else ["--rank", "8"]
    fitted = tmp_path / "run"
    with pytest.raises(InvalidInputError, match="no finished training"):
        main(["report", str(fitted)])
    figures = run(fit_command(tmp_path / "pairs.jsonl", model, fitted, *more), capsys)
    assert figures["written"] == kind
    write(tmp_path, "ten", *(record(i) for i in range(4)), {"documents": 3})
    questions = ["--questions", tmp_path / "ten.jsonl.gz", "--rate", "0.5", "--target", model]
    found = run(["report", fitted, *questions, "--out", tmp_path / "report.json"], capsys)
    assert found == json.loads((tmp_path / "report.json").read_text())
    assert found["pairs"] == figures["held_out"]
    assert found["perplexity"]["ratio"]["high"] < 0.5
    after = found["perplexity"]["after"]
    assert after["low"] <= after["perplexity"] <= after["high"] < found["perplexity"]["before"]["low"]
    agreement = found["rank_correlation_with_target"]
    assert agreement["before"]["mean"] > agreement["after"]["mean"]  # the target is the base model itself
    assert found["survival"]["bad_lines"] == 1
    assert {found["survival"][name]["n"] for name in ("before", "after", "gain")} == {4}


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_target_that_sends_no_log_probabilities(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was asked for and did not come is said at once, and again by the report that lacks it."""
    asked = save(tmp_path / "in.jsonl", [{"instruction": f"question {i}"} for i in range(3)])
    message = {"role": "assistant", "content": "Ada Marsh"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    plain = {"id": "x", "object": "chat.completion", "created": 1, "model": "target", "choices": [choice]}
    replies = {f"question {i}": (200, json.dumps(plain)) for i in range(2)}
    with target(replies) as server:
        stage = ["collect", asked, "--out", tmp_path / "a.jsonl", "--url", server.url, "--model", "m", "--logprobs"]
        main([str(one) for one in [*stage, "--per-minute", "1e6"]])
    assert "2 of 3 responses came without the log-probabilities" in caplog.text
    model, source = tiny_models.save(tmp_path / "llama", "llama"), save(tmp_path / "pairs-in.jsonl", pairs(30))
    main(["collect", str(source), "--out", str(tmp_path / "pairs.jsonl")])
    main(fit_command(tmp_path / "pairs.jsonl", model, tmp_path / "run"))
    caplog.clear()
    main(["report", str(tmp_path / "run")])
    assert "no rank correlation with the target" in caplog.text


def test_too_few_pairs_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty side is an error before a model is loaded, and so is a precision that does not go."""
    source = save(tmp_path / "in.jsonl", pairs(2))
    run(["collect", source, "--out", tmp_path / "pairs.jsonl"], capsys)
    with pytest.raises(InvalidInputError, match="held out; collect more"):
        main(["fit", str(tmp_path / "pairs.jsonl"), "--out", str(tmp_path / "run"), "--held-out", "0.0001"])
    run(["collect", save(tmp_path / "more.jsonl", pairs(30)), "--out", tmp_path / "many.jsonl"], capsys)
    with pytest.raises(InvalidInputError, match="float32"):
        main(
            ["fit", str(tmp_path / "many.jsonl"), "--out", str(tmp_path / "b"), "--all-weights", "--dtype", "bfloat16"]
        )
