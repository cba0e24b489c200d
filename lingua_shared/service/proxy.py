"""A proxy with the API of OpenAI: shortens long texts in messages, forwards, and streams the answer back."""

import json
from collections.abc import AsyncIterator, Mapping
from time import perf_counter
from typing import Any

import httpx
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from lingua_shared.agents.once import NO_POINTER
from lingua_shared.errors import LinguaError
from lingua_shared.service.bodies import MessagesConfig
from lingua_shared.service.jobs import BusyError, ClosedError, TooSlowError
from lingua_shared.service.message_routes import is_bypassed, rules_of, shortened
from lingua_shared.service.problems import KNOWN, ProblemError, as_problem
from lingua_shared.service.state import State, owner_in, state_of

CONFIG_FIELD = "lingua"
"""Field of a request with the same settings as `config` of `/v1/compress`; it is not forwarded."""

_NOT_FORWARDED = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
    | {"proxy-authorization", "proxy-authenticate", "accept-encoding", "x-lingua-key", "x-lingua-bypass"}
    | {"x-headroom-bypass", "cookie", "content-encoding"}
)
_NOT_RETURNED = _NOT_FORWARDED | {"date", "server"}
_NO_UPSTREAM: dict[int | str, dict[str, Any]] = {502: {"description": "The upstream server cannot be reached."}}
routes = APIRouter(responses={**KNOWN, **_NO_UPSTREAM})


@routes.post("/v1/chat/completions", tags=["proxy"], openapi_extra={"requestBody": {"required": True, "content": {
    "application/json": {"schema": {"type": "object", "required": ["messages"], "properties": {
        "messages": {"type": "array", "items": {"type": "object"}}, "stream": {"type": "boolean"},
        CONFIG_FIELD: MessagesConfig.model_json_schema(),
    }}}}}})  # fmt: skip
async def chat_completions(request: Request) -> Response:
    """Forward a request to the upstream server with long texts in its messages shortened.

    The headers `x-lingua-*` of the answer say what was done. A field `lingua` has the settings of `config` in
    `/v1/compress`; the header `x-lingua-bypass: true` forwards the messages as they are.
    """
    state = state_of(request)
    client = _client(state)
    body = _object(await request.body())
    config = _config(body.pop(CONFIG_FIELD, None))
    headers = await _shortened(state, request, body, config)
    return await _forwarded(client, request, state, body, headers)


@routes.get("/v1/models", tags=["proxy"])
async def models(request: Request) -> Response:
    """Return the upstream server's list of models."""
    state = state_of(request)
    return await _forwarded(_client(state), request, state, None, {})


def _client(state: State) -> httpx.AsyncClient:
    if state.upstream is None:
        msg = "this service has no upstream server; start it with --upstream http://SERVER/v1"
        raise ProblemError(503, "upstream", msg)
    return state.upstream


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "http", "the body cannot be read as JSON") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise ProblemError(422, "invalid", "the body has no list of messages")
    return body


def _config(given: Any) -> MessagesConfig:
    try:
        return MessagesConfig.model_validate(given or {})
    except ValueError as error:
        raise ProblemError(422, "invalid", f"{CONFIG_FIELD}: settings as in config of /v1/compress") from error


async def _shortened(state: State, request: Request, body: dict[str, Any], config: MessagesConfig) -> dict[str, str]:
    """Shorten the messages in a body; return headers that say what was done."""
    state.check_count(len(body["messages"]), "messages")
    if is_bypassed(request):
        return {"x-lingua-compressed": "bypassed"}
    start, rules = perf_counter(), rules_of(config, owner_in(request), NO_POINTER)
    try:
        done = await shortened(state, request, body["messages"], rules, config.min_tokens_to_compress)
    except (LinguaError, BusyError, ClosedError, TooSlowError) as error:
        if state.settings.on_failure == "closed":
            raise
        return {"x-lingua-compressed": "failed", "x-lingua-error": as_problem(error).kind}
    body["messages"] = done.messages
    return {
        "x-lingua-compressed": str(len(done.methods)),
        "x-lingua-method": ",".join(sorted(set(done.methods))) or "nothing",
        "x-lingua-tokens-before": str(done.original_tokens),
        "x-lingua-tokens-after": str(done.compressed_tokens),
        "x-lingua-ms": str(round(1000 * (perf_counter() - start))),
    }


async def _forwarded(
    client: httpx.AsyncClient, request: Request, state: State, body: Mapping[str, Any] | None, headers: dict[str, str]
) -> Response:
    path = request.url.path.removeprefix("/v1/")
    content = None if body is None else json.dumps(body).encode()
    sent = client.build_request(request.method, path, content=content, headers=_request_headers(request, state))
    try:
        answer = await client.send(sent, stream=True)
    except httpx.TimeoutException as error:
        raise ProblemError(504, "upstream", "the upstream server did not answer in time", headers) from error
    except httpx.HTTPError as error:
        msg = f"the upstream server cannot be reached ({type(error).__name__})"
        raise ProblemError(502, "upstream", msg, headers) from error
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_RETURNED}
    return StreamingResponse(_chunks(answer), answer.status_code, {**kept, **headers})


async def _chunks(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the answer as it comes; one that breaks off upstream breaks off here, too."""
    try:
        async for chunk in answer.aiter_bytes():
            yield chunk
    finally:
        await answer.aclose()


def _request_headers(request: Request, state: State) -> dict[str, str]:
    kept = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
    key = state.upstream_key
    if state.has_keys and "x-lingua-key" not in request.headers:  # these are keys of this service
        kept.pop("authorization", None)
        kept.pop("x-api-key", None)
    return {**kept, **({"authorization": f"Bearer {key}"} if key else {}), "content-type": "application/json"}
