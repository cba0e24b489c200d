"""Streamed answers of LlamaIndex, recovered while they come in."""

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.chat_engine.types import StreamingAgentChatResponse

from lingua_shared import RecoveringStream
from lingua_shared.recovery.structured import plain

Replacements = list[dict[str, Any]]
"""Replacements as plain values; see `lingua_shared.Replacement`."""


@dataclass
class RecoveredChatStream(StreamingAgentChatResponse):
    """The streamed response of a chat engine, recovered.

    Attributes:
        metadata: holds the replacements, as in the other responses.
    """

    metadata: dict[str, Any] | None = None


def recovered(
    chunks: Iterable[str], stream: RecoveringStream, replacements: Replacements
) -> Generator[str, None, None]:
    """Yield an answer recovered, and add its replacements to the list at the end."""
    for chunk in chunks:
        if text := stream.feed(chunk):
            yield text
    if rest := _finish(stream, replacements):
        yield rest


async def arecovered(
    chunks: AsyncIterable[str], stream: RecoveringStream, replacements: Replacements
) -> AsyncGenerator[str, None]:
    """Do the same with a stream that is awaited."""
    async for chunk in chunks:
        if text := stream.feed(chunk):
            yield text
    if rest := _finish(stream, replacements):
        yield rest


def recovered_chat(
    response: StreamingAgentChatResponse,
    stream: RecoveringStream,
    metadata: dict[str, Any],
    replacements: Replacements,
) -> RecoveredChatStream:
    """Return a response that reads the one handed in, which a thread or a task of the chat engine fills.

    Args:
        response: the response of the chat engine.
        stream: recovers its text.
        metadata: metadata of the response that is returned.
        replacements: gets the replacements when the stream ends.
    """
    result = RecoveredChatStream(
        sources=response.sources, source_nodes=response.source_nodes, is_writing_to_memory=False, metadata=metadata
    )
    if response.achat_stream is not None:
        chunks = response.async_response_gen()
        result.achat_stream = (_as_chat(text) async for text in arecovered(chunks, stream, replacements))
    else:
        result.chat_stream = (_as_chat(text) for text in recovered(response.response_gen, stream, replacements))
    return result


def _finish(stream: RecoveringStream, replacements: Replacements) -> str:
    """End a stream and note its replacements; return the rest of the answer."""
    rest = stream.finish()
    replacements += plain(stream.replacements)
    return rest


def _as_chat(text: str) -> ChatResponse:
    return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text), delta=text)
