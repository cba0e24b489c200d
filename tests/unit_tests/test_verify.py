"""`lingua verify`: facts of a text, what is lost of them, and a server that speaks the API of OpenAI."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lingua_shared import CompressionOptions, CompressionResult, InvalidInputError, PromptCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import DONE, FAILED
from lingua_shared.evaluation.losses import Fact, facts, lost
from lingua_shared.evaluation.rebuilding import PROMPT, RebuildingError, Writer, verify
from tests.benchmarks.reader_servers import serving
from tests.fakes import OverlapScoring

LIGHT = (
    "The light at Gull Point was built in 1884 by Edmund Colquitt. Its keeper grew tall cabbages. He sold 30 of them."
)
FERRY = "The ferry Saint Brannoc leaves at ten. The crossing takes 42 minutes."
QUESTION = "When was the light at Gull Point built?"
BUILT = "The light at Gull Point was built in 1884 by Edmund Colquitt."


class Server(ThreadingHTTPServer):
    """Answers each request with a text after the prompt, and remembers what was asked."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.asked: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    """One answer of the chat API, or the error 400."""

    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        message = {"role": "assistant", "content": self.server.text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        reply = {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"], "choices": [choice]}
        content = json.dumps(reply if self.server.text is not None else {"error": {"message": "no such model"}})
        self.send_response(200 if self.server.text is not None else 400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(name="serve")
def _serve(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Start servers on this machine, and score by shared words."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    request.getfixturevalue("socket_enabled")
    return serving


def compressed(**options: Any) -> CompressionResult:
    chosen = CompressionOptions(target_tokens=20, **options)
    return PromptCompressor(scoring=OverlapScoring()).compress([FERRY, LIGHT], question=QUESTION, options=chosen)


def test_facts_are_names_numbers_and_sentences() -> None:
    """Each once, by its kind; what has a digit is a number."""
    found = facts(f"{LIGHT} Colquitt was ill. Edmund Colquitt was ill.")
    assert found.count(Fact("name", "Edmund Colquitt")) == 1
    assert Fact("number", "1884") in found
    assert Fact("sentence", "Its keeper grew tall cabbages.") in found


def test_what_another_text_does_not_have_is_lost() -> None:
    """Numbers and names as whole words, sentences by most of their words."""
    found = lost(
        facts(LIGHT), "Built in 18845 by EDMUND  COLQUITT, the light at Gull Point was known. Tall cabbages grew."
    )
    assert {fact.text for fact in found if fact.kind == "number"} == {"1884", "30"}
    assert not [fact for fact in found if fact.kind == "name"]
    assert [fact.text for fact in found if fact.kind == "sentence"] == [
        "He sold 30 of them.",
    ]


def test_a_model_is_asked_and_its_text_is_compared(serve: Any) -> None:
    """The prompt holds the compressed text only; what the model adds is invented."""
    server = Server(f"{BUILT} Ada Winter lit it in 1899.")
    with serve(server):
        result = compressed()
        found = verify(result, Writer(server.url, "tiny"))
    [asked] = server.asked
    assert (asked["model"], asked["temperature"]) == ("tiny", 0)
    assert asked["messages"][0]["content"] == f"{PROMPT}{BUILT}" == f"{PROMPT}{result.text}"
    losses = {loss.kind: loss for loss in found.losses}
    assert losses["name"].not_rebuilt == losses["name"].not_kept == ("Saint Brannoc",)
    assert losses["name"].invented == ("Ada Winter",)
    assert losses["number"].not_rebuilt == ("42 minutes", "30")
    assert losses["number"].invented == ("1899",)
    assert losses["sentence"].of == 5
    assert BUILT not in losses["sentence"].not_rebuilt


def test_the_command_sums_all_lines(serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Questions with passages, saved results, and one of their lines."""
    path = tmp_path / "requests.jsonl"
    record = {"question": QUESTION, "passages": [FERRY, LIGHT]}
    path.write_text(f"{json.dumps(record)}\n" * 3, encoding="utf-8")
    saved, output = tmp_path / "saved.jsonl", tmp_path / "verified.json"
    saved.write_text(f"{compressed().model_dump_json()}\n" * 2, encoding="utf-8")
    server = Server(BUILT)
    with serve(server):
        arguments = ["--llm", "tiny", "--llm-url", server.url, "-t", "20"]
        assert run(["verify", str(path), *arguments, "--json", str(output)]) == DONE
        out = capsys.readouterr().out
        assert run(["verify", str(saved), *arguments[:4], "--json", str(output) + "2"]) == DONE
        assert run(["verify", str(saved), *arguments[:4], "--line", "2"]) == DONE
        assert run(["verify", str(path), *arguments, "--first", "1"]) == DONE
    assert len(server.asked) == 3 + 2 + 1 + 1
    numbers = next(line.split() for line in out.splitlines() if line.startswith("numbers"))
    assert numbers == ["numbers", "9", "6", "(67%)", "6", "(67%)", "0"]
    assert "Lost names:\n  Saint Brannoc" in out
    assert len(json.loads(output.read_text())["verified"]) == 3


@pytest.mark.parametrize("text", [None, "  "])
def test_no_answer_is_an_error(
    serve: Any, text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal and an empty answer say which model it was."""
    server = Server(text)
    with serve(server):
        with pytest.raises(RebuildingError, match="tiny"):
            verify(compressed(), Writer(server.url, "tiny"))
        path = tmp_path / "light.md"
        path.write_text(LIGHT, encoding="utf-8")
        assert run(["verify", str(path), "-q", QUESTION, "--llm", "tiny", "--llm-url", server.url]) == FAILED
    assert "the model tiny at http://127.0.0.1" in capsys.readouterr().err


def test_a_result_without_sources_cannot_be_verified() -> None:
    """The message says what to set."""
    with pytest.raises(InvalidInputError, match="include_source=True"):
        verify(compressed(include_source=False), Writer(None, "tiny"))
