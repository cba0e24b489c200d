"""The service over HTTP: endpoints of the engine, what is refused, and what is written where."""

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from lingua_shared import ModelLoadError
from lingua_shared.service.page import policy
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapScoring
from tests.service_parts import BUILT, FERRY, LIGHT, QUESTION, client_of, service

COUNT = make_counter("cl100k_base")


async def asked(path: str, body: Any, **settings: Any) -> httpx.Response:
    """The answer of a fresh service to one request."""
    async with client_of(service(**settings)) as client:
        return await client.post(path, json=body)


@pytest.mark.parametrize("ratio", [0.0, 0.2, 0.5, 0.8])
async def test_the_simple_endpoint_removes_a_share(ratio: float) -> None:
    """`ratio` is the share to remove; the counts are those of the prompt, with the question behind it."""
    answer = await asked("/compress", {"ratio": ratio, "context": [FERRY, LIGHT], "question": QUESTION})
    data = answer.json()["data"]
    context = data["compressed_prompt"].removesuffix(f"\n\n{QUESTION}")
    assert data["compressed_prompt"] != context
    assert COUNT(context) <= (1 - ratio) * COUNT(f"{FERRY}\n\n{LIGHT}") + 1e-6
    assert data["origin_tokens"] == COUNT(f"{FERRY}\n\n{LIGHT}\n\n{QUESTION}")
    assert data["compressed_tokens"] == COUNT(data["compressed_prompt"])
    assert data["ratio"] == f"{data['origin_tokens'] / data['compressed_tokens']:.1f}x"
    assert set(data) == {"compressed_prompt", "origin_tokens", "compressed_tokens", "ratio", "saving"}


async def test_compress_returns_the_result_of_the_engine() -> None:
    """The answer has what was kept, where, and how it was chosen; sources and the report only where asked for."""
    body = {"passages": [FERRY, LIGHT], "question": QUESTION, "options": {"target_tokens": 13}}
    plain = (await asked("/v1/compress", body)).json()
    whole = (await asked("/v1/compress", {**body, "include_source": True, "report": True})).json()
    assert plain["text"] == whole["text"] == BUILT
    assert (plain["method"], plain["compressed_tokens"]) == ("encoder", COUNT(BUILT))
    assert plain["report"] is None
    assert whole["report"].startswith("<!DOCTYPE html>")
    assert [one["source"] for one in (*plain["passages"], *plain["dropped"])] == [None, None]
    assert [one["source"] for one in (*whole["passages"], *whole["dropped"])] == [LIGHT, FERRY]


async def test_an_answer_is_recovered() -> None:
    """What `/v1/compress` returned is what `/v1/recover` takes, and nothing has to be remembered between."""
    source = "The light at Gull Point was first lit on a clear night in March 1884."
    async with client_of(service()) as client:
        body = {"passages": [source], "question": "light Gull Point March", "include_source": True}
        result = (await client.post("/v1/compress", json={**body, "options": {"rate": 1}})).json()
        result["passages"][0]["spans"] = [[0, 28, None], [54, 69, None]]
        answer = {"answer": "The light at Gull Point was in March 1884.", "result": result}
        restored = (await client.post("/v1/recover", json=answer)).json()
        damaged = await client.post("/v1/recover", json={"answer": "x", "result": {"text": 3}})
    assert restored["text"] == source
    assert restored["replacements"]
    assert damaged.status_code == 422


async def test_passages_are_ranked() -> None:
    """Every passage has its relevance, the best one first; nothing is cut."""
    body = {"passages": [FERRY, LIGHT], "question": QUESTION}
    ranked = (await asked("/v1/rank", body)).json()["passages"]
    best = (await asked("/v1/rank", {**body, "top": 1})).json()["passages"]
    assert [one["index"] for one in ranked] == [1, 0]
    assert best == ranked[:1]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/compress", {"passages": [LIGHT]}, 422, "question"),
        ("/v1/compress", {"passages": [LIGHT], "question": QUESTION, "options": {"rate": 2}}, 422, "rate"),
        ("/v1/compress", {"passages": [LIGHT], "options": {"rate": 0.5, "target_tokens": 3}}, 422, "both set"),
        ("/v1/compress", {"passages": [LIGHT], "options": {"tokenizer": "/etc"}}, 422, "cl100k_base"),
        ("/v1/compress", {"passages": [LIGHT], "options": {"protect": ["(a+)+$"]}}, 422, "protect"),
        ("/v1/compress", {"passages": [LIGHT], "options": {"answer_calibration": "/etc/passwd"}}, 422, "answer_cal"),
        ("/v1/compress", {"passages": ["\ud800"], "question": "?", "options": {"rate": 0.5}}, 422, "passage"),
        ("/v1/compress", {"passages": [LIGHT] * 4}, 413, "3 at most"),
        ("/compress", {"ratio": 1, "context": []}, 422, "ratio"),
        ("/v1/nothing", {}, 404, "Not Found"),
    ],
)
async def test_what_is_refused(path: str, body: Any, status: int, said: str) -> None:
    """An error has a status, a type and a message that names the value; it never repeats a passage."""
    content = json.dumps(body)
    async with client_of(service(max_passages=3)) as client:
        answer = await client.post(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]
    assert "cabbages" not in answer.text


async def test_a_body_that_is_no_json_and_one_that_is_too_large() -> None:
    """The size is bounded whether or not the client says it before."""

    async def parts() -> Any:
        for _ in range(30):
            yield b" " * 1000

    async with client_of(service(max_body_mb=0.02)) as client:
        headers = {"content-type": "application/json"}
        assert (await client.post("/v1/compress", content=b"{no", headers=headers)).status_code == 400
        assert (await client.post("/v1/compress", content=b" " * 30_000, headers=headers)).status_code == 413
        assert (await client.post("/v1/compress", content=parts(), headers=headers)).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"x-lingua-key": "first-key"}, 200),
        ({"x-api-key": "second-key"}, 200),
        ({"authorization": "Bearer second-key"}, 200),
    ],
)
async def test_keys(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    """With keys, only who has one is served; health needs none."""
    file = tmp_path / "keys"
    file.write_text("first-key\n\nsecond-key\n")
    body = {"passages": [LIGHT], "question": QUESTION}
    async with client_of(service(api_key_file=str(file))) as client:
        assert (await client.post("/v1/compress", json=body, headers=headers)).status_code == status
        assert (await client.get("/metrics", headers=headers)).status_code == status
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("told", [False, True])
async def test_the_log_holds_texts_only_where_told(caplog: pytest.LogCaptureFixture, told: bool) -> None:  # noqa: FBT001
    """A line has path, status, time and counts."""
    body = {"passages": [FERRY, LIGHT], "question": QUESTION, "options": {"rate": 0.5}}
    with caplog.at_level(logging.INFO):
        await asked("/v1/compress", body, log_prompts=told)
    line = json.loads(next(record.getMessage() for record in caplog.records if record.name == "lingua.service"
                           and "/v1/compress" in record.getMessage()))  # fmt: skip
    assert {"path": "/v1/compress", "status": 200, "chosen_by": "encoder"}.items() <= line.items()
    assert line["tokens_after"] < line["tokens_before"]
    assert ("cabbages" in caplog.text) == told


async def test_figures() -> None:
    """Requests, tokens and what chose are counted."""
    async with client_of(service()) as client:
        body = {"passages": [FERRY, LIGHT], "question": QUESTION, "options": {"rate": 0.5}}
        made = (await client.post("/v1/compress", json=body)).json()
        await client.get("/nowhere")
        text = (await client.get("/metrics")).text
    assert 'lingua_requests_total{path="/v1/compress",status="200"} 1.0' in text
    assert 'lingua_requests_total{path="other",status="404"} 1.0' in text
    assert f'lingua_tokens_total{{side="before"}} {float(made["original_tokens"])}' in text
    assert 'lingua_compressions_total{method="encoder"} 1.0' in text
    assert "lingua_jobs 0.0" in text


async def test_figures_are_read_by_prometheus() -> None:
    """Its own parser reads what /metrics says: every family has help, and counts and buckets fit together."""
    async with client_of(service()) as client:
        body = {"passages": [FERRY, LIGHT], "question": QUESTION, "options": {"rate": 0.5}}
        made = (await client.post("/v1/compress", json=body)).json()
        await client.post("/v1/compress", json={"passages": [LIGHT], "question": 'A "\n\\ thing'})
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    kinds = {name: family.type for name, family in families.items() if not name.endswith("_created")}
    assert kinds == {
        "lingua_requests": "counter",
        "lingua_tokens": "counter",
        "lingua_compressions": "counter",
        "lingua_request_seconds": "histogram",
        "lingua_jobs": "gauge",
    }
    assert all(family.documentation for family in families.values())
    of_seconds = families["lingua_request_seconds"].samples
    buckets = [one.value for one in of_seconds if one.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == next(one.value for one in of_seconds if one.name.endswith("_count")) == 2
    before = next(one for one in families["lingua_tokens"].samples if one.labels == {"side": "before"})
    assert before.value >= made["original_tokens"]
    assert "Gull" not in answer.text


async def test_a_client_that_goes_while_it_sends() -> None:
    """Half of a body is not read as a whole one: nobody is answered, and the figures say that the client has gone."""
    app = service(warm_up=False)
    parts = [{"type": "http.request", "body": b'{"passages": [', "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async with client_of(app) as client:
        scope = {"type": "http", "method": "POST", "path": "/v1/compress", "query_string": b"", "headers": []}
        await app(scope, receive, send)
        text = (await client.get("/metrics")).text
    assert sent == []
    assert 'status="499"} 1.0' in text


class BrokenScoring(OverlapScoring):
    """Its model is not there."""

    def open(self, _request: Any) -> Any:
        msg = "the model is not on this machine"
        raise ModelLoadError(msg)


async def test_ready_when_the_models_are_there() -> None:
    """A service whose models cannot be loaded says so, and stays alive."""
    for scoring, status in ((OverlapScoring(), 200), (BrokenScoring(), 503)):
        async with client_of(service(scoring)) as client:
            for _ in range(100):
                answer = await client.get("/readyz")
                if answer.status_code == 200 or "not on this machine" in answer.text:
                    break
                await asyncio.sleep(0.02)
            assert answer.status_code == status
            assert (await client.get("/healthz")).status_code == 200
            body = {"passages": [FERRY, LIGHT], "question": QUESTION}
            assert (await client.post("/v1/compress", json=body)).status_code == status


async def test_examples_of_the_description_work() -> None:
    """Each example in the OpenAPI gets an answer, apart from those that need a real result or hash."""
    async with client_of(service()) as client:
        schema = (await client.get("/openapi.json")).json()
        seen = []
        for name, definition in schema["components"]["schemas"].items():
            path = {"SimpleRequest": "/compress", "RankRequest": "/v1/rank"}.get(name, "/v1/compress")
            for example in definition.get("examples", ()) if name not in ("RecoverRequest", "ExpandRequest") else ():
                seen.append(name)
                assert (await client.post(path, json=example)).status_code == 200
    assert sorted(seen) == ["CompressRequest", "MessagesRequest", "RankRequest", "SimpleRequest"]


async def test_the_page_asks_nobody_else() -> None:
    """The page may run its own script and that of the report, and talk to this service only."""
    async with client_of(service()) as client:
        answer = await client.get("/")
    assert answer.headers["content-security-policy"] == policy()
    assert "default-src 'none'" in policy()
    assert re.findall(r"(?:src|href)=\"(?!/)", answer.text) == []
    assert "unsafe" not in policy()
