"""What every request passes: the size of its body, the key of the client, the log and the figures."""

import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lingua_shared.service.jobs import GoneError
from lingua_shared.service.metrics import Metrics
from lingua_shared.service.problems import CLOSED, BrokenOffError, ProblemError

OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
"""Paths that need no key: they say nothing of what anybody sent."""

_log = logging.getLogger("lingua.service")


def owner_of(key: str) -> str:
    """Return the name under which the texts of a client are stored; its key cannot be told from it."""
    return hashlib.sha256(f"lingua owner {key}".encode()).hexdigest()[:32] if key else ""


def key_in(headers: Headers) -> str:
    """Return the key that a client sends: in `x-lingua-key`, else in `x-api-key`, else as a bearer token."""
    bearer = headers.get("authorization", "")
    bearer = bearer[7:].strip() if bearer[:7].lower() == "bearer " else ""
    return headers.get("x-lingua-key") or headers.get("x-api-key") or bearer


def is_known(key: str, keys: Sequence[str]) -> bool:
    """Whether a key is one of these; takes the same time whichever it is."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
    found = [hmac.compare_digest(digest, hashlib.sha256(known.encode()).digest()) for known in keys]
    return any(found)


class Gate:
    """The outermost layer of the service."""

    def __init__(self, app: ASGIApp, *, keys: Sequence[str], max_body_bytes: int, metrics: Metrics) -> None:
        """Stand before an application.

        Args:
            app: the application.
            keys: keys of clients; none serves everyone.
            max_body_bytes: largest body of a request.
            metrics: counts requests.
        """
        self._app = app
        self._keys = tuple(keys)
        self._max = max_body_bytes
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._passed(scope, receive, sending)
        except GoneError:
            status = CLOSED
        except BrokenOffError:  # returning now closes the connection
            scope["lingua_log"] = {**scope.get("lingua_log", {}), "broken_off": True}
        finally:
            self._note(scope, status, perf_counter() - start)

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        key = key_in(headers)
        scope["lingua_owner"] = owner_of(key) if self._keys else ""
        if self._keys and scope["path"] not in OPEN_PATHS and not is_known(key, self._keys):
            problem = ProblemError(401, "key", "the key is missing or wrong", {"WWW-Authenticate": "Bearer"})
            await problem.response()(scope, receive, send)
            return
        body = await self._body(headers, receive)
        if body is None:
            problem = ProblemError(413, "size", f"a body may have {self._max} bytes", {"Connection": "close"})
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """Read the whole body; None where it is too large."""
        said = headers.get("content-length", "0")
        if said.isdecimal() and int(said) > self._max:
            return None
        parts, size = [], 0
        while True:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._max:
                return None
            parts.append(part)
            if message["type"] == "http.disconnect":
                raise GoneError
            if not message.get("more_body", False):
                return b"".join(parts)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        line = {"path": route, "method": scope["method"], "status": status, "ms": round(1000 * seconds)}
        _log.info("%s", json.dumps({**line, **scope.get("lingua_log", {})}))


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then whatever comes, such as the end of the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
