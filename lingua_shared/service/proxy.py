"""A proxy with the API of OpenAI: shortens long texts in messages, forwards, and restores the answer on its way."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx
from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from lingua_shared.agents.chat import ShortenedChat
from lingua_shared.agents.once import NO_POINTER
from lingua_shared.errors import LinguaError, short
from lingua_shared.recovery.recoverer import Recoverer
from lingua_shared.service.answers import FIELD, RecoveredEvents, recover_completion
from lingua_shared.service.bodies import ProxyConfig
from lingua_shared.service.jobs import BusyError, ClosedError, TooSlowError
from lingua_shared.service.message_routes import is_bypassed, rules_of, shortened
from lingua_shared.service.problems import KNOWN, ProblemError, as_problem
from lingua_shared.service.side_by_side import Asked, ProxyAnswer, SideBySide, timed
from lingua_shared.service.state import State, owner_in, state_of
from lingua_shared.service.upstream import asked, broken_off, client_of, read, returned_headers, streamed

CONFIG_FIELD = "lingua"
"""Field of a request with the settings of `ProxyConfig`; it is not forwarded."""

REPLACEMENTS = "x-lingua-replacements"
_NO_UPSTREAM: dict[int | str, dict[str, Any]] = {502: {"description": "The upstream server cannot be reached."}}
_log = logging.getLogger(__name__)
routes = APIRouter(responses={**KNOWN, **_NO_UPSTREAM})


@dataclass
class Prompt:
    """A request of a client whose messages were shortened.

    Attributes:
        body: to forward.
        full: the messages as they came.
        headers: of the answer, which say what was done.
        chat: what became of the messages; None where nothing was done.
        seconds: that shortening took.
        recovers: whether the answer is restored.
    """

    body: dict[str, Any]
    full: list[Any]
    headers: dict[str, str]
    chat: ShortenedChat | None = None
    seconds: float = 0.0
    recovers: bool = False


@routes.post("/v1/chat/completions", tags=["proxy"], openapi_extra={"requestBody": {"required": True, "content": {
    "application/json": {"schema": {"type": "object", "required": ["messages"], "properties": {
        "messages": {"type": "array", "items": {"type": "object"}}, "stream": {"type": "boolean"},
        CONFIG_FIELD: ProxyConfig.model_json_schema(),
    }}}}}}, responses={200: {"model": ProxyAnswer}})  # fmt: skip
async def chat_completions(request: Request) -> Response:
    """Forward a request to the upstream server with long texts in its messages shortened, and restore the answer.

    The headers `x-lingua-*` of the answer say what was done. A field `lingua` has the settings of `config` in
    `/v1/compress`, and `recover` and `side_by_side`; the header `x-lingua-bypass: true` forwards the messages as they
    are.
    """
    state = state_of(request)
    client_of(state)
    body = _object(await request.body())
    config = _config(body.pop(CONFIG_FIELD, None))
    if config.side_by_side and body.get("stream"):
        msg = "side_by_side needs both answers whole; leave out stream, or side_by_side"
        raise ProblemError(400, "invalid", msg)
    prompt = await _prompt(state, request, body, config)
    recoverer = asyncio.create_task(_recoverer(prompt))  # while the upstream server works
    try:
        if config.side_by_side:
            return await _both(state, request, prompt, recoverer)
        answer = await asked(state, request, prompt.body, prompt.headers)
        return await _restored(answer, prompt, await recoverer)
    finally:
        recoverer.cancel()


@routes.get("/v1/models", tags=["proxy"])
async def models(request: Request) -> Response:
    """Return the upstream server's list of models."""
    return streamed(await asked(state_of(request), request, None, {}), {})


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "http", "the body cannot be read as JSON") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise ProblemError(422, "invalid", "the body has no list of messages")
    return body


def _config(given: Any) -> ProxyConfig:
    try:
        return ProxyConfig.model_validate(given or {})
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(ProxyConfig.model_fields))
            msg = f"{CONFIG_FIELD} has no field {short(str(first['loc'][0]))}; it has {known}"
            raise ProblemError(422, "invalid", msg) from error
        msg = f"{'.'.join(map(str, (CONFIG_FIELD, *first['loc'])))}: {first['msg']}"
        raise ProblemError(422, "invalid", msg) from error


async def _prompt(state: State, request: Request, body: dict[str, Any], config: ProxyConfig) -> Prompt:
    """Shorten the messages in a body."""
    messages = body["messages"]
    state.check_count(len(messages), "messages")
    if is_bypassed(request):
        return Prompt(body, messages, {"x-lingua-compressed": "bypassed"})
    start, rules = perf_counter(), rules_of(config, owner_in(request), NO_POINTER)
    try:
        done = await shortened(state, request, messages, rules, config.min_tokens_to_compress)
    except (LinguaError, BusyError, ClosedError, TooSlowError) as error:
        if state.settings.on_failure == "closed":
            raise
        headers = {"x-lingua-compressed": "failed", "x-lingua-error": as_problem(error).kind}
        return Prompt(body, messages, headers)
    seconds = perf_counter() - start
    recovers = state.settings.recover_answers if config.recover is None else config.recover
    return Prompt(
        {**body, "messages": done.messages},
        messages,
        _headers(done, seconds),
        done,
        seconds,
        recovers and _is_text(body.get("response_format")),
    )


def _headers(done: ShortenedChat, seconds: float) -> dict[str, str]:
    return {
        "x-lingua-compressed": str(len(done.methods)),
        "x-lingua-method": ",".join(sorted(set(done.methods))) or "nothing",
        "x-lingua-tokens-before": str(done.original_tokens),
        "x-lingua-tokens-after": str(done.compressed_tokens),
        "x-lingua-ms": str(round(1000 * seconds)),
    }


def _is_text(response_format: Any) -> bool:
    """Whether an answer is text, and not JSON."""
    return not isinstance(response_format, Mapping) or response_format.get("type") in (None, "text")


async def _recoverer(prompt: Prompt) -> Recoverer | None:
    """Return what restores the answer; None where there is nothing to restore."""
    if prompt.chat is None or not prompt.recovers:
        return None
    try:
        return await run_in_threadpool(prompt.chat.recoverer)
    except LinguaError as error:
        _log.warning("answers are not restored: %s", error)
        return None


async def _restored(answer: httpx.Response, prompt: Prompt, recoverer: Recoverer | None) -> Response:
    """Return an answer with its texts restored; one that is no text passes as it is."""
    kind = answer.headers.get("content-type", "")
    if recoverer is None or answer.status_code != httpx.codes.OK:
        return streamed(answer, prompt.headers)
    if kind.startswith("text/event-stream"):
        headers = returned_headers(answer, {**prompt.headers, REPLACEMENTS: "stream"})
        return StreamingResponse(_restored_events(answer, RecoveredEvents(recoverer)), 200, headers)
    if not kind.startswith("application/json"):
        return streamed(answer, prompt.headers)
    made = Asked(200, await read(answer, prompt.headers), 0.0)
    content, count = made.content, 0
    if content is not None:
        count = await run_in_threadpool(recover_completion, content, recoverer)
    data = json.dumps(content).encode() if count else made.data
    return Response(data, 200, returned_headers(answer, {**prompt.headers, REPLACEMENTS: str(count)}))


async def _restored_events(answer: httpx.Response, events: RecoveredEvents) -> AsyncIterator[bytes]:
    """Yield the events as they come; what is held back comes before the stream breaks off."""
    try:
        try:
            async for chunk in answer.aiter_bytes():
                if certain := events.feed(chunk):
                    yield certain
        except httpx.HTTPError as error:
            yield events.finish()
            raise broken_off(error) from error
        yield events.finish()
    finally:
        await answer.aclose()


async def _both(
    state: State, request: Request, prompt: Prompt, recoverer: "asyncio.Task[Recoverer | None]"
) -> Response:
    """Ask with the shortened messages, then with the full ones; return the first answer with figures of both."""
    kept: list[httpx.Response] = []

    async def ask(body: dict[str, Any]) -> tuple[int, bytes]:
        answer = await asked(state, request, body, prompt.headers)
        kept.append(answer)
        return answer.status_code, await read(answer, prompt.headers)

    first = await timed(lambda: ask(prompt.body))
    content, restores = first.content, await recoverer
    headers = returned_headers(kept[0], prompt.headers) if kept else {**prompt.headers}
    if content is None or first.status != httpx.codes.OK:
        return Response(first.data, first.status, {"content-type": "application/json", **headers})
    chat = prompt.chat if prompt.chat and prompt.chat.methods else None
    full = await timed(lambda: ask({**prompt.body, "messages": prompt.full})) if chat else None
    count = None if restores is None else await run_in_threadpool(recover_completion, content, restores)
    first.data = json.dumps(content).encode()
    made = SideBySide(
        compressed=first.side(prompt.chat.compressed_tokens if prompt.chat else None),
        full=full.side(chat.original_tokens) if full and chat else None,
        compression_seconds=round(prompt.seconds, 3),
        replacements=count,
    )
    said = {} if count is None else {REPLACEMENTS: str(count)}
    return Response(json.dumps({**content, FIELD: made.model_dump(mode="json")}).encode(), 200, {**headers, **said})
