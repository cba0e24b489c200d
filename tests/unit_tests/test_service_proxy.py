"""The proxy: long texts are shortened, everything else goes through, and what goes wrong upstream is said."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from lingua_shared import ModelLoadError
from lingua_shared.service.settings import UPSTREAM_KEY_VARIABLE
from tests.fakes import OverlapScoring
from tests.service_parts import BUILT, LONG, QUESTION, client_of, service

CHAT = [{"role": "user", "content": f"{LONG}\n\n{QUESTION}"}]
PATH = "/v1/chat/completions"


class Upstream:
    """A server with the API of OpenAI that remembers what it was asked."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.app.add_api_route("/v1/chat/completions", self.answer, methods=["POST"], response_model=None)
        self.app.add_api_route("/v1/models", self.models, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        if body.get("model") == "broken":
            return JSONResponse({"error": {"message": "no such model"}}, 404, {"x-request-id": "r1"})
        if body.get("stream"):
            return StreamingResponse(self.chunks(), media_type="text/event-stream")
        return JSONResponse({"choices": [{"message": {"role": "assistant", "content": "In 1884."}}]})

    async def chunks(self) -> AsyncIterator[str]:
        for word in ("In ", "1884", "."):
            yield f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n"
        yield "data: [DONE]\n\n"

    async def models(self) -> dict[str, Any]:
        return {"data": [{"id": "small"}]}


def proxied(upstream: Upstream, scoring: Any = None, **settings: Any) -> FastAPI:
    settings = {"upstream": "http://upstream/v1/", "message_min_tokens": 40, **settings}
    return service(scoring, transport=httpx.ASGITransport(upstream.app), **settings)


async def test_long_context_is_shortened_and_the_rest_goes_through() -> None:
    """Fields of the request stay, the answer comes back, and headers say what was done."""
    upstream = Upstream()
    async with client_of(proxied(upstream)) as client:
        body = {"messages": CHAT, "model": "small", "temperature": 0.3, "tools": [], "lingua": {"target_ratio": 0.1}}
        answer = await client.post(PATH, json=body, headers={"authorization": "Bearer theirs", "x-mine": "1"})
        models = await client.get("/v1/models")
    assert answer.json()["choices"][0]["message"]["content"] == "In 1884."
    [sent] = upstream.bodies
    assert {name: sent[name] for name in sent if name != "messages"} == {
        "model": "small",
        "temperature": 0.3,
        "tools": [],
    }
    assert BUILT in sent["messages"][0]["content"]
    assert len(sent["messages"][0]["content"]) < len(CHAT[0]["content"]) / 3
    assert upstream.headers[0]["authorization"] == "Bearer theirs"
    assert upstream.headers[0]["x-mine"] == "1"
    assert (answer.headers["x-lingua-compressed"], answer.headers["x-lingua-method"]) == ("1", "encoder")
    assert int(answer.headers["x-lingua-tokens-after"]) < int(answer.headers["x-lingua-tokens-before"]) / 3
    assert models.json()["data"] == [{"id": "small"}]


async def test_an_answer_is_streamed() -> None:
    """The events come as the upstream server sends them."""
    upstream = Upstream()
    async with client_of(proxied(upstream)) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "stream": True, "lingua": {"recover": False}})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == "".join([chunk async for chunk in upstream.chunks()])


async def test_bypass() -> None:
    """With the header the messages go as they are."""
    upstream = Upstream()
    async with client_of(proxied(upstream)) as client:
        answer = await client.post(PATH, json={"messages": CHAT}, headers={"x-lingua-bypass": "true"})
    assert upstream.bodies == [{"messages": CHAT}]
    assert answer.headers["x-lingua-compressed"] == "bypassed"
    assert "x-lingua-bypass" not in upstream.headers[0]


async def test_keys_of_clients_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upstream server sees its own key, and no key of this service."""
    (tmp_path / "keys").write_text("ours\n")
    monkeypatch.setenv(UPSTREAM_KEY_VARIABLE, "upstream-key")
    upstream = Upstream()
    async with client_of(proxied(upstream, api_key_file=str(tmp_path / "keys"))) as client:
        for headers in ({"authorization": "Bearer ours"}, {"x-api-key": "ours"}, {"x-lingua-key": "ours"}):
            assert (await client.post(PATH, json={"messages": []}, headers=headers)).status_code == 200
        assert (await client.post(PATH, json={"messages": []})).status_code == 401
    assert [one["authorization"] for one in upstream.headers] == ["Bearer upstream-key"] * 3
    assert all("ours" not in json.dumps(one) for one in upstream.headers)


class BrokenScoring(OverlapScoring):
    """Its model is not there."""

    def open(self, _request: Any) -> Any:
        msg = "the model is not on this machine"
        raise ModelLoadError(msg)


@pytest.mark.parametrize(("on_failure", "status"), [("open", 200), ("closed", 503)])
async def test_where_compression_fails(on_failure: str, status: int) -> None:
    """Open: the messages go as they are, and a header says so. Closed: nothing is forwarded."""
    upstream = Upstream()
    async with client_of(proxied(upstream, BrokenScoring(), on_failure=on_failure)) as client:
        answer = await client.post(PATH, json={"messages": CHAT})
    assert answer.status_code == status
    assert upstream.bodies == ([{"messages": CHAT}] if on_failure == "open" else [])
    assert answer.headers.get("x-lingua-error") == ("unavailable" if on_failure == "open" else None)


async def test_errors_of_the_upstream_server_come_through() -> None:
    """Status, body and headers are those of the upstream server."""
    async with client_of(proxied(Upstream())) as client:
        answer = await client.post(PATH, json={"messages": [], "model": "broken"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "no such model")
    assert answer.headers["x-request-id"] == "r1"


@pytest.mark.parametrize(
    ("error", "status"),
    [(httpx.ConnectError("no"), 502), (httpx.ReadTimeout("late"), 504), (httpx.RemoteProtocolError("odd"), 502)],
)
async def test_an_upstream_server_that_does_not_answer(error: Exception, status: int) -> None:
    """A gateway's status, and a message that says which side failed."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    app = service(transport=httpx.MockTransport(fail), upstream="http://upstream/v1")
    async with client_of(app) as client:
        answer = await client.post(PATH, json={"messages": []})
    assert answer.status_code == status
    assert "upstream server" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "status"),
    [("{", 400), ("[]", 422), ("{}", 422), ('{"messages": [], "lingua": "half"}', 422)],
)
async def test_odd_bodies(content: str, status: int) -> None:
    """What is no request is refused here."""
    async with client_of(proxied(Upstream())) as client:
        assert (await client.post(PATH, content=content)).status_code == status


async def test_a_setting_that_is_not_allowed_is_named() -> None:
    """The message says which, and what is allowed."""
    async with client_of(proxied(Upstream())) as client:
        answer = await client.post(PATH, json={"messages": [], "lingua": {"target_ratio": 9}})
        unknown = await client.post(PATH, json={"messages": [], "lingua": {"rate": 0.5}})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "lingua.target_ratio: Input should be less than or equal to 1"
    assert unknown.status_code == 422
    assert unknown.json()["error"]["message"].startswith("lingua has no field 'rate'; it has compress_user_messages")


async def test_without_an_upstream_server() -> None:
    """The error says how to name one."""
    async with client_of(service()) as client:
        answer = await client.post(PATH, json={"messages": []})
    assert answer.status_code == 503
    assert "--upstream" in answer.json()["error"]["message"]
