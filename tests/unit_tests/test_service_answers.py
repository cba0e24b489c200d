"""The proxy on the way back: answers are restored, whole and streamed, and both prompts can be compared."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response, StreamingResponse

from lingua_shared import CompressionOptions, SourcePassage
from lingua_shared.recovery.recoverer import Recoverer
from lingua_shared.service.answers import RecoveredEvents, recover_completion
from tests.service_parts import QUESTION, client_of, service

PATH = "/v1/chat/completions"
BUILT = "The light at Gull Point was built of grey granite by the surveyor Edmund Colquitt of Kelmouth in 1884."
_GOODS = ("barley", "cheese", "candles", "ropes", "wool", "timber", "slate", "herring", "glass", "leather", "paper")
NOTES = " ".join([BUILT, *(f"Parish note {n}: {what} was sold to the widow." for n, what in enumerate(_GOODS))])
CHAT = [{"role": "user", "content": f"{NOTES}\n\n{QUESTION}"}]
DAMAGED = "It was built grey granite the surveyor 1884, I read."
RESTORED = "It was built of grey granite by the surveyor Edmund Colquitt of Kelmouth in 1884, I read."
CALL = {"id": "1", "type": "function", "function": {"name": "note", "arguments": json.dumps({"text": DAMAGED})}}


class Upstream:
    """A language model that quotes what is left of the text."""

    def __init__(self, text: str = DAMAGED) -> None:
        self.app = FastAPI()
        self.prompts: list[str] = []
        self.app.add_api_route(PATH, self.answer, methods=["POST"], response_model=None)
        self.message = {"role": "assistant", "content": text, "tool_calls": [CALL]}

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.prompts.append(body["messages"][0]["content"])
        if len(self.prompts[-1]) > 500 and body.get("model") == "small window":
            return JSONResponse({"error": {"message": "the prompt is too long"}}, 400)
        if body.get("stream"):
            return StreamingResponse(self.events(), media_type="text/event-stream")
        usage = {"prompt_tokens": len(self.prompts[-1].split()), "completion_tokens": 9}
        return JSONResponse({"id": "c1", "choices": [{"index": 0, "message": self.message}], "usage": usage})

    async def events(self) -> AsyncIterator[str]:
        for delta in deltas(DAMAGED):
            yield f"data: {json.dumps({'id': 'c1', 'choices': [{'index': 0, 'delta': delta}]})}\n\n"
        last = {"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": "tool_calls"}
        yield f"data: {json.dumps({'id': 'c1', 'choices': [last]})}\n\n"
        yield "data: [DONE]\n\n"


def deltas(text: str) -> list[dict[str, Any]]:
    words = [{"content": f"{word} "} for word in text.split(" ")]
    words[-1]["content"] = words[-1]["content"].rstrip()
    return [{"role": "assistant", "content": ""}, *words]


def proxied(upstream: Upstream, **settings: Any) -> FastAPI:
    said: dict[str, Any] = {
        "upstream": "http://upstream/v1",
        "message_min_tokens": 40,
        "message_rate": 0.11,
        "options": CompressionOptions(unit="word"),
    }
    return service(transport=httpx.ASGITransport(upstream.app), **{**said, **settings})


def events_in(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def text_in(text: str) -> str:
    parts = [choice["delta"].get("content") for event in events_in(text) for choice in event["choices"]]
    return "".join(part or "" for part in parts)


async def test_an_answer_is_restored() -> None:
    """What was dropped from a quotation is back, calls of tools stay, and a header counts."""
    async with client_of(proxied(Upstream())) as client:
        answer = await client.post(PATH, json={"messages": CHAT})
    message = answer.json()["choices"][0]["message"]
    assert message["content"] == RESTORED
    assert message["tool_calls"] == [CALL]
    assert answer.headers["x-lingua-replacements"] == "3"


async def test_a_streamed_answer_is_restored() -> None:
    """The events together hold the restored text; calls come after all of it; the last event counts."""
    async with client_of(proxied(Upstream())) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "stream": True})
    assert text_in(answer.text) == RESTORED
    last = events_in(answer.text)[-1]
    assert last["choices"][0]["delta"]["tool_calls"] == [CALL]
    assert last["lingua"] == {"replacements": 3}
    assert answer.text.endswith("data: [DONE]\n\n")
    assert answer.headers["x-lingua-replacements"] == "stream"


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        ({"lingua": {"recover": False}}, {}),
        ({}, {"recover_answers": False}),
        ({"response_format": {"type": "json_object"}}, {}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_where_nothing_is_restored(body: dict[str, Any], settings: dict[str, Any], stream: bool) -> None:  # noqa: FBT001
    """Switched off in the request or in the service, and where the answer is JSON: every byte is the upstream's."""
    upstream = Upstream()
    async with client_of(proxied(upstream, **settings)) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "stream": stream, **body})
    assert "x-lingua-replacements" not in answer.headers
    if stream:
        assert answer.text == "".join([event async for event in upstream.events()])
    else:
        assert answer.json()["choices"][0]["message"]["content"] == DAMAGED


async def test_a_request_can_switch_it_on() -> None:
    """The service was started without."""
    async with client_of(proxied(Upstream(), recover_answers=False)) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "lingua": {"recover": True}})
    assert answer.json()["choices"][0]["message"]["content"] == RESTORED


async def test_an_answer_that_quotes_another_message_stays() -> None:
    """What stands in the messages as it is, is no damage."""
    chat = [{"role": "system", "content": f"Say: {DAMAGED}"}, *CHAT]
    async with client_of(proxied(Upstream())) as client:
        answer = await client.post(PATH, json={"messages": chat})
    assert answer.json()["choices"][0]["message"]["content"] == DAMAGED
    assert answer.headers["x-lingua-replacements"] == "0"


async def test_both_sides() -> None:
    """The normal answer is the restored one; the field has tokens, time and answer of both prompts."""
    upstream = Upstream()
    async with client_of(proxied(upstream)) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "lingua": {"side_by_side": True}})
    made = answer.json()
    assert upstream.prompts[1] == CHAT[0]["content"]
    assert len(upstream.prompts[0]) < len(upstream.prompts[1]) / 3
    compressed, full = made["lingua"]["compressed"], made["lingua"]["full"]
    assert made["choices"][0]["message"]["content"] == compressed["answer"] == RESTORED
    assert full["answer"] == DAMAGED
    assert [side["usage"]["prompt_tokens"] for side in (compressed, full)] == [len(p.split()) for p in upstream.prompts]
    assert compressed["tokens"] == int(answer.headers["x-lingua-tokens-after"])
    assert full["tokens"] == int(answer.headers["x-lingua-tokens-before"])
    assert min(compressed["seconds"], full["seconds"], made["lingua"]["compression_seconds"]) >= 0
    assert made["lingua"]["replacements"] == 3


async def test_both_sides_where_one_fails() -> None:
    """The full prompt may be too long for the model: its status says so, and the answer comes all the same."""
    async with client_of(proxied(Upstream())) as client:
        body = {"messages": CHAT, "model": "small window", "lingua": {"side_by_side": True}}
        answer = await client.post(PATH, json=body)
    assert answer.status_code == 200
    full = answer.json()["lingua"]["full"]
    assert (full["status"], full["answer"]) == (400, None)


async def test_both_sides_where_nothing_was_shortened() -> None:
    """One request is enough."""
    upstream = Upstream()
    async with client_of(proxied(upstream, message_min_tokens=10**6)) as client:
        answer = await client.post(PATH, json={"messages": CHAT, "lingua": {"side_by_side": True}})
    assert answer.json()["lingua"]["full"] is None
    assert len(upstream.prompts) == 1


async def test_both_sides_cannot_be_streamed() -> None:
    """The error says what to leave out."""
    upstream = Upstream()
    async with client_of(proxied(upstream)) as client:
        body = {"messages": CHAT, "stream": True, "lingua": {"side_by_side": True}}
        answer = await client.post(PATH, json=body)
    assert answer.status_code == 400
    assert "stream" in answer.json()["error"]["message"]
    assert upstream.prompts == []


async def test_both_sides_without_an_upstream_server() -> None:
    """The error is the same as without."""

    def fail(_request: httpx.Request) -> httpx.Response:
        msg = "no"
        raise httpx.ConnectError(msg)

    app = service(transport=httpx.MockTransport(fail), upstream="http://upstream/v1")
    async with client_of(app) as client:
        answer = await client.post(PATH, json={"messages": [], "lingua": {"side_by_side": True}})
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "upstream"


def recoverer() -> Recoverer:
    spans, start = [], 0
    for dropped in ("of ", "by ", "Edmund Colquitt of Kelmouth in "):
        end = BUILT.index(dropped)
        spans.append((start, end))
        start = end + len(dropped)
    return Recoverer.from_sources([SourcePassage(index=0, source=BUILT, spans=(*spans, (start, len(BUILT))))])


def test_parts_and_odd_answers() -> None:
    """Texts in parts are restored; what is no text stays."""
    parts = [{"type": "text", "text": DAMAGED}, {"type": "image", "image": "x"}, 3]
    odd: list[Any] = [{"message": {"content": parts}}, {"message": {"content": None}}, {"message": 3}, None]
    assert recover_completion({"choices": odd}, recoverer()) == 3
    assert parts == [{"type": "text", "text": RESTORED}, {"type": "image", "image": "x"}, 3]
    assert recover_completion({"choices": "x"}, recoverer()) == 0


EVENTS = [
    ": a comment",
    "event: message",
    "data: no json",
    'data: {"choices": 3}',
    'data: {"choices": [{"index": 0, "delta": {"role": "assistant"}}]}',
    *(f"data: {json.dumps({'choices': [{'index': n % 2, 'delta': d}]})}" for n in (0, 1) for d in deltas(DAMAGED)),
    'data: {"choices": [], "usage": {"prompt_tokens": 3}}',
]


@given(st.data())
def test_a_stream_cut_anywhere(data: st.DataObject) -> None:
    """Whatever the chunks and without a last event, two answers at once come out restored, and all else as it is."""
    end = data.draw(st.sampled_from(["\n\n", "\r\n\r\n"]))
    raw = "".join(f"{event}{end}" for event in [*EVENTS, *data.draw(st.sampled_from([[], ["data: [DONE]"]]))]).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    stream = RecoveredEvents(recoverer())
    parts = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    out = b"".join([*(stream.feed(part) for part in parts), stream.finish()]).decode()
    for index in (0, 1):
        events = [json.loads(line[6:]) for line in out.splitlines() if line.startswith('data: {"choices": [{')]
        texts = [c["delta"].get("content") or "" for e in events for c in e["choices"] if c["index"] == index]
        assert "".join(texts) == RESTORED
    assert stream.replacements == 6
    assert [line for line in out.split(end) if "delta" not in line and "index" not in line and line.strip()] == [
        line for line in raw.decode().split(end) if "delta" not in line and line.strip()
    ]
