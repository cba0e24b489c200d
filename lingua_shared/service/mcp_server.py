"""The engine as tools of the Model Context Protocol, over standard input and output: compress, rank, expand."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from lingua_shared.agents.once import OnceCompressor, Pointer
from lingua_shared.agents.ranking import ranked
from lingua_shared.errors import LinguaError

INSTRUCTIONS = (
    "Call compress with a long text, such as a file, a log or a page, and the question that it shall answer, before "
    "you read it. Call expand with the key in the marker where you need the whole text."
)
_Question = Annotated[str, Field(description="What the text shall answer.")]
_POINTER = Pointer("expand", "key")
_Arguments = ParamSpec("_Arguments")
_T = TypeVar("_T")


class Compressed(BaseModel):
    """A shortened text.

    Attributes:
        text: what is left, with a marker at its end.
        key: for `expand`; None where nothing was left out.
        original_tokens: tokens of the whole text.
        compressed_tokens: tokens of `text`.
    """

    text: str
    key: str | None
    original_tokens: int
    compressed_tokens: int


class Ranked(BaseModel):
    """A text and its relevance, in [0, 1]."""

    index: int
    relevance: float


def make_server(once: OnceCompressor) -> MCPServer[Any]:
    """Return the server.

    Args:
        once: shortens, and keeps whole texts.
    """
    from lingua_shared import __version__  # noqa: PLC0415 - the package imports this module's neighbours

    server = MCPServer("lingua", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool()
    async def compress(
        text: Annotated[str, Field(description="The long text.")],
        question: _Question,
        rate: Annotated[float | None, Field(gt=0, le=1, description="Share of the tokens to keep.")] = None,
    ) -> Compressed:
        """Shorten a long text to what answers a question. The whole text is kept for expand."""
        done = await _in_thread(once.shorten, text, question=question, pointer=_POINTER, rate=rate)
        return Compressed.model_validate(done.model_dump())

    @server.tool()
    async def rank(
        passages: Annotated[list[str], Field(description="The texts.")],
        question: _Question,
        top: Annotated[int | None, Field(ge=1, description="Return the best ones only.")] = None,
    ) -> list[Ranked]:
        """Order texts by how well they answer a question, the best one first."""
        best = await _in_thread(ranked, once.engine, passages, question=question, options=once.options)
        return [Ranked(index=one.index, relevance=one.relevance or 0.0) for one in best[:top]]

    @server.tool()
    async def expand(key: Annotated[str, Field(description="The key in the marker of a shortened text.")]) -> str:
        """Return the whole text of a key, byte for byte."""
        text = await _in_thread(once.expand, key)
        if text is None:
            msg = "there is no text of this key, or no longer; read its source again"
            raise ToolError(msg)
        return text

    return server


async def _in_thread(work: Callable[_Arguments, _T], *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _T:
    """Return what a function returns, run in a thread; errors of the engine are told to the agent."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except LinguaError as error:
        raise ToolError(str(error)) from error
