"""The small server of a reader: what it answers and what it refuses."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from benchmarks.reader_server import ChatModel, ReaderServer, load
from lingua_shared.evaluation.reader_client import KEY_VARIABLE
from tests import tiny_models
from tests.benchmarks.reader_servers import serving

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


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


def post(server: ReaderServer, body: bytes, path: str = "/v1/chat/completions") -> dict[str, Any]:
    """Send a raw request to the real server."""
    url = server.url.removesuffix("/v1") + path
    with urlopen(Request(url, data=body), timeout=20) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
        return answer


def chat(**changes: Any) -> bytes:
    """A good request with changes."""
    messages = [{"role": "user", "content": "Who built the lighthouse?"}]
    return json.dumps({"model": "tiny", "messages": messages, "max_tokens": 3} | changes).encode()


def test_the_server_answers_greedily(server: ReaderServer) -> None:
    """The same question has the same answer, no longer than asked for, with its tokens counted."""
    first, second = post(server, chat()), post(server, chat())
    assert first["choices"] == second["choices"]
    assert 1 <= first["usage"]["completion_tokens"] <= 3
    assert first["usage"]["total_tokens"] == first["usage"]["prompt_tokens"] + first["usage"]["completion_tokens"]
    assert server.requests == 2


def test_the_server_answers_as_the_model_generates(server: ReaderServer) -> None:
    """The answer is what transformers' own greedy search makes of the plain prompt."""
    model, tokenizer = server.chat_model._model, server.chat_model._tokenizer
    ids = tokenizer("Who built the lighthouse?", return_tensors="pt")["input_ids"]
    for _ in range(3):
        best = model(input_ids=ids).logits[0, -1].argmax()
        ids = ids.new_tensor([[*ids[0].tolist(), int(best)]])
    wanted = tokenizer.decode(ids[0, -3:], skip_special_tokens=True).strip()
    assert post(server, chat())["choices"][0]["message"]["content"] == wanted


def test_the_server_uses_the_chat_template(server: ReaderServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template of the model decides what is read."""
    plain = post(server, chat())["usage"]["prompt_tokens"]
    monkeypatch.setattr(server.chat_model._tokenizer, "chat_template", "{{ messages[0]['content'] * 2 }}")
    assert post(server, chat())["usage"]["prompt_tokens"] == 2 * plain


def test_the_server_lists_its_model(server: ReaderServer) -> None:
    """GET /v1/models names the one model; another path is not there."""
    with urlopen(f"{server.url}/models", timeout=20) as response:  # noqa: S310
        assert [model["id"] for model in json.load(response)["data"]] == ["tiny"]
    with pytest.raises(HTTPError) as caught:
        urlopen(f"{server.url}/nothing", timeout=20)  # noqa: S310
    with caught.value:
        assert caught.value.code == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "messages"),
        (chat(messages=[]), 400, "messages"),
        (chat(messages=[{"role": "user"}]), 400, "messages"),
        (chat(model="gpt"), 404, "'gpt' is not here; this server has 'tiny'"),
        (chat(temperature=0.7), 400, "temperature 0"),
        (chat(stream=True), 400, "no stream"),
        (chat(max_tokens=0), 400, "max_tokens is 0"),
        (chat(max_tokens=300), 400, "do not fit a window of 256"),
    ],
)
def test_the_server_refuses_what_it_cannot_do(server: ReaderServer, body: bytes, status: int, words: str) -> None:
    """The status and the message say what is wrong."""
    with pytest.raises(HTTPError) as caught:
        post(server, body)
    with caught.value as error:
        assert error.code == status
        assert words in json.load(error)["error"]["message"]
