"""Asks the server behind the proxy: which headers go there, which come back, and what is said where it fails."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from lingua_shared.service.problems import BrokenOffError, ProblemError
from lingua_shared.service.state import State
from lingua_shared.telemetry.spans import traced

_NOT_FORWARDED = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
    | {"proxy-authorization", "proxy-authenticate", "accept-encoding", "x-lingua-key", "x-lingua-bypass"}
    | {"x-headroom-bypass", "cookie", "content-encoding"}
)
_NOT_RETURNED = _NOT_FORWARDED | {"date", "server"}


def client_of(state: State) -> httpx.AsyncClient:
    """Return what asks the upstream server.

    Raises:
        ProblemError: the service was started without one.
    """
    if state.upstream is None:
        msg = "this service has no upstream server; start it with --upstream http://SERVER/v1"
        raise ProblemError(503, "upstream", msg)
    return state.upstream


async def asked(
    state: State, request: Request, body: Mapping[str, Any] | None, headers: Mapping[str, str]
) -> httpx.Response:
    """Send a request to the upstream server; return the answer when its headers are there.

    Args:
        state: the service.
        request: of the client; its path, method and headers are forwarded.
        body: to send; None sends none.
        headers: of the answer, where it says that the upstream server failed.

    Raises:
        ProblemError: it cannot be reached (502), or does not answer in time (504).
    """
    client, path = client_of(state), request.url.path.removeprefix("/v1/")
    content = None if body is None else json.dumps(body).encode()
    sent = client.build_request(request.method, path, content=content, headers=_request_headers(request, state))
    try:
        with traced("lingua.forward") as note:
            answer = await client.send(sent, stream=True)
            note(status=answer.status_code)
            return answer
    except httpx.HTTPError as error:
        raise _failed(error, headers) from error


async def read(answer: httpx.Response, headers: Mapping[str, str]) -> bytes:
    """Return the whole body of an answer.

    Raises:
        ProblemError: it breaks off (502), or does not come in time (504).
    """
    try:
        return await answer.aread()
    except httpx.HTTPError as error:
        raise _failed(error, headers) from error
    finally:
        await answer.aclose()


def streamed(answer: httpx.Response, headers: Mapping[str, str]) -> Response:
    """Return an answer that is passed on as it comes, with headers of ours."""
    return StreamingResponse(_chunks(answer), answer.status_code, returned_headers(answer, headers))


def returned_headers(answer: httpx.Response, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that the client gets, with ours."""
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_RETURNED}
    return {**kept, **headers}


async def _chunks(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the answer as it comes; one that breaks off upstream breaks off here, too."""
    try:
        async for chunk in answer.aiter_bytes():
            yield chunk
    except httpx.HTTPError as error:
        raise broken_off(error) from error
    finally:
        await answer.aclose()


def broken_off(error: httpx.HTTPError) -> BrokenOffError:
    """Return what to raise where an answer ends in its middle."""
    return BrokenOffError(f"the answer of the upstream server broke off ({type(error).__name__})")


def _failed(error: httpx.HTTPError, headers: Mapping[str, str]) -> ProblemError:
    if isinstance(error, httpx.TimeoutException):
        return ProblemError(504, "upstream", "the upstream server did not answer in time", headers)
    msg = f"the upstream server cannot be reached ({type(error).__name__})"
    return ProblemError(502, "upstream", msg, headers)


def _request_headers(request: Request, state: State) -> dict[str, str]:
    kept = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED}
    key = state.upstream_key
    if state.has_keys and "x-lingua-key" not in request.headers:  # these are keys of this service
        kept.pop("authorization", None)
        kept.pop("x-api-key", None)
    return {**kept, **({"authorization": f"Bearer {key}"} if key else {}), "content-type": "application/json"}
