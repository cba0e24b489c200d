"""Errors as answers: a status, a type and a message. Messages never hold the text of a prompt."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lingua_shared.errors import LinguaError, MissingPackageError, ModelLoadError, UnsupportedModelError
from lingua_shared.service.bodies import ErrorResponse
from lingua_shared.service.jobs import BusyError, ClosedError, GoneError, TooSlowError

CLOSED = 499
"""Status in log and figures of a client that has closed the connection, as nginx has it; nobody reads this answer."""

_BAD_GATEWAY = 502
_UNAVAILABLE = (ModelLoadError, MissingPackageError, UnsupportedModelError)
_log = logging.getLogger(__name__)

KNOWN: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorResponse, "description": description}
    for status, description in {
        400: "The body is no JSON.",
        401: "The key is missing or wrong.",
        413: "The body is larger than the service allows.",
        422: "A value is not allowed; the message says which and what is allowed.",
        429: "The queue is full; Retry-After says when to try again.",
        503: "A model is not on this machine, or the service is starting or stopping.",
        504: "The compression took too long.",
    }.items()
}
"""Answers that any endpoint may give, for the description of the API."""


class ProblemError(Exception):
    """An answer that says what went wrong.

    Attributes:
        status: of HTTP.
        kind: one word for programs.
        headers: to add.
    """

    def __init__(self, status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Hold the answer."""
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer."""
        return json_response({"error": {"type": self.kind, "message": str(self)}}, self.status, self.headers)


class BrokenOffError(Exception):
    """The answer of the upstream server broke off when its beginning was on its way to the client already.

    The client's connection is closed before its answer is whole, so that the client sees it, too.
    """


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON; half characters of UTF-16, which UTF-8 does not have, are escaped."""
    body = json.dumps(content, ensure_ascii=True, allow_nan=False)
    return Response(body, status, dict(headers or {}), "application/json")


def as_problem(error: Exception) -> ProblemError:
    """Return an error of the engine or of the queue as an answer."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, BusyError):
        return ProblemError(429, "busy", str(error), {"Retry-After": str(error.seconds)})
    if isinstance(error, TooSlowError):
        return ProblemError(504, "timeout", str(error))
    if isinstance(error, ClosedError):
        return ProblemError(503, "stopping", "the service is stopping")
    if isinstance(error, BrokenOffError):
        return ProblemError(_BAD_GATEWAY, "upstream", str(error))
    if isinstance(error, GoneError):
        return ProblemError(CLOSED, "closed", "the client has closed the connection")
    if isinstance(error, _UNAVAILABLE):
        return ProblemError(503, "unavailable", str(error))
    if isinstance(error, LinguaError):
        return ProblemError(422, type(error).__name__, str(error))
    _log.error("an error that nobody expected", exc_info=error)
    return ProblemError(500, "internal", f"{type(error).__name__}; the log of the service says more")


def add_handlers(app: FastAPI) -> None:
    """Answer each error in the same form."""

    async def answer(_request: Request, error: Exception) -> Response:
        return as_problem(error).response()

    async def of_http(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(getattr(error, "detail", ""))
        headers = getattr(error, "headers", None)
        if status == 400:
            detail = "the body cannot be read as JSON"
        return ProblemError(status, "http", detail, headers).response()

    async def of_validation(_request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        if any(one["type"] == "json_invalid" for one in found):
            return ProblemError(400, "http", "the body cannot be read as JSON").response()
        message = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:5])
        return ProblemError(422, "invalid", message).response()

    for kind in (ProblemError, BusyError, ClosedError, TooSlowError, GoneError, LinguaError):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(Exception, answer)
