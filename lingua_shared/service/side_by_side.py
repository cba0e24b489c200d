"""The full and the shortened messages side by side: tokens, seconds and answer of each, in one response."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lingua_shared.service.problems import ProblemError


class Side(BaseModel):
    """What came of asking with some messages."""

    tokens: int | None = Field(description="Of the messages, as this service counts them; None where it did not count.")
    seconds: float = Field(description="From sending the request until the whole answer was there.")
    status: int = Field(description="Of the upstream server; 502 or 504 where it failed.")
    answer: str | None = Field(description="Text of the first choice; None where it has none.")
    usage: dict[str, Any] | None = Field(default=None, description="Tokens as the upstream server counts them.")


class SideBySide(BaseModel):
    """The field `lingua` of an answer, where a request asks for both sides."""

    compressed: Side
    full: Side | None = Field(description="None where nothing was shortened: both sides are the same.")
    compression_seconds: float = Field(description="What shortening took, before the first request.")
    replacements: int | None = Field(description="Places that were restored in the answer; None where that is off.")


class ProxyAnswer(BaseModel):
    """The upstream server's answer, with `lingua` where both sides were asked for."""

    model_config = ConfigDict(extra="allow")

    lingua: SideBySide | None = Field(default=None, description="Both sides, where `side_by_side` asks for them.")


@dataclass
class Asked:
    """An answer of the upstream server.

    Attributes:
        status: of HTTP.
        data: the body.
        seconds: that it took.
    """

    status: int
    data: bytes
    seconds: float

    @property
    def content(self) -> dict[str, Any] | None:
        """The body, where it is an object."""
        try:
            content = json.loads(self.data)
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    def side(self, tokens: int | None) -> Side:
        """Return this answer beside another one; `tokens` are those of its messages."""
        content = self.content or {}
        usage = content.get("usage")
        return Side(
            tokens=tokens,
            seconds=round(self.seconds, 3),
            status=self.status,
            answer=_text(content),
            usage=usage if isinstance(usage, dict) else None,
        )


async def timed(ask: Callable[[], Awaitable[tuple[int, bytes]]]) -> Asked:
    """Return an answer, and the seconds that it took; a failure is an answer, too.

    Args:
        ask: returns status and body.
    """
    start = perf_counter()
    try:
        status, data = await ask()
    except ProblemError as problem:
        status, data = problem.status, bytes(problem.response().body)
    return Asked(status, data, perf_counter() - start)


def _text(content: dict[str, Any]) -> str | None:
    try:
        text = content["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return None
    return text if isinstance(text, str) else None
