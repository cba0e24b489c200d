"""Recovery of a response of LlamaIndex: query engines and chat engines, whole or streamed. No wrapper is needed.

Which compression an answer comes from, its own source nodes say; nothing is remembered between calls.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.base.response.schema import AsyncStreamingResponse, PydanticResponse, Response, StreamingResponse
from llama_index.core.chat_engine.types import AgentChatResponse, StreamingAgentChatResponse
from llama_index.core.schema import MetadataMode, NodeWithScore

from lingua_shared import InvalidTypeError, Recoverer, RecoveringStream, RecoveryOptions
from lingua_shared.recovery.structured import plain, recover_strings
from llamaindex_lingua.passages import PROVENANCE_KEY

RECOVERY_KEY = "lingua_recovery"

_Response = (
    Response
    | PydanticResponse
    | StreamingResponse
    | AsyncStreamingResponse
    | AgentChatResponse
    | StreamingAgentChatResponse
)
AnyResponse = TypeVar("AnyResponse", bound=_Response)
Made = list[dict[str, Any]]


@dataclass
class RecoveredChatStream(StreamingAgentChatResponse):
    """The streamed response of a chat engine, recovered.

    Attributes:
        metadata: holds the replacements, as in the other responses.
    """

    metadata: dict[str, Any] | None = None


def recover_response(
    response: AnyResponse,
    *,
    question: str | None = None,
    options: RecoveryOptions | None = None,
    recover_structured: bool = True,
) -> AnyResponse:
    """Return a copy of a response with what compression damaged in its answer restored.

    `metadata["lingua_recovery"]` lists the replacements as plain values (see `lingua_shared.Replacement`): `passage`
    is a place in `source_nodes`, `path` leads to a string in a structured answer. Of a streamed response that list
    is filled when the stream has ended, and the response handed in must not be read any more. A chat engine keeps
    in its memory what the model said.

    Args:
        response: what a query engine or a chat engine gave back. Without source nodes nothing is restored.
        question: what was asked; what stands in it is never changed.
        options: what may be restored.
        recover_structured: recover the strings of an answer that is a pydantic object; else it stays as it is.

    Raises:
        InvalidInputError: no source node says what was kept of it; set add_provenance=True on the postprocessor.
        InvalidTypeError: no such response.

    Example:
        >>> from llama_index.core.schema import TextNode
        >>> source = "The light at Gull Point was first lit on a clear night in March 1884."
        >>> record = {"spans": [[0, 28], [54, 69]], "source_text": source}  # a postprocessor with add_provenance=True
        >>> node = TextNode(text="The light at Gull Point was in March 1884.", metadata={"lingua": record})
        >>> response = Response("The light at Gull Point was in March 1884.", [NodeWithScore(node=node)])
        >>> str(recover_response(response))
        'The light at Gull Point was first lit on a clear night in March 1884.'
    """
    if not isinstance(response, _Response):
        msg = f"the response is of type {type(response).__name__}; give what a query engine or a chat engine returned"
        raise InvalidTypeError(msg)
    recoverer = _recoverer_of(response.source_nodes, question, options)
    return cast("AnyResponse", _recover(response, recoverer, structured=recover_structured))


def _recover(response: _Response, recoverer: Recoverer, *, structured: bool) -> _Response:
    made: Made = []
    metadata = {**(getattr(response, "metadata", None) or {}), RECOVERY_KEY: made}
    if isinstance(response, StreamingAgentChatResponse):
        return _chat_stream(response, recoverer.stream(), metadata)
    if isinstance(response, StreamingResponse):
        chunks = response.response_gen if response.response_txt is None else [response.response_txt]
        stream = _recovered(chunks, recoverer.stream(), made)
        return replace(response, response_gen=stream, response_txt=None, metadata=metadata)
    if isinstance(response, AsyncStreamingResponse):
        later = _arecovered(response.async_response_gen(), recoverer.stream(), made)
        return replace(response, response_gen=later, response_txt=None, metadata=metadata)
    answer: Any = response.response
    if isinstance(answer, str) or structured:
        answer, replacements = recover_strings(answer, recoverer.recover)
        made += replacements
    return replace(response, response=answer, metadata=metadata)


def _recoverer_of(nodes: Sequence[NodeWithScore], question: str | None, options: RecoveryOptions | None) -> Recoverer:
    texts = [node.node.get_content(metadata_mode=MetadataMode.NONE) for node in nodes]
    records = [node.node.metadata.get(PROVENANCE_KEY) for node in nodes]
    return Recoverer.from_provenance(list(zip(texts, records, strict=True)), question=question, options=options)


def _recovered(chunks: Iterable[str], stream: RecoveringStream, made: Made) -> Generator[str, None, None]:
    for chunk in chunks:
        if text := stream.feed(chunk):
            yield text
    if rest := _finished(stream, made):
        yield rest


async def _arecovered(chunks: AsyncIterable[str], stream: RecoveringStream, made: Made) -> AsyncGenerator[str, None]:
    async for chunk in chunks:
        if text := stream.feed(chunk):
            yield text
    if rest := _finished(stream, made):
        yield rest


def _finished(stream: RecoveringStream, made: Made) -> str:
    """End a stream and note what was restored; return the rest of the answer."""
    rest = stream.finish()
    made += plain(stream.replacements)
    return rest


def _chat_stream(
    response: StreamingAgentChatResponse, stream: RecoveringStream, metadata: dict[str, Any]
) -> RecoveredChatStream:
    """Return a response that reads the one handed in, which a thread or a task of the chat engine fills."""
    made = metadata[RECOVERY_KEY]
    recovered = RecoveredChatStream(
        sources=response.sources,
        source_nodes=response.source_nodes,
        is_writing_to_memory=False,
        metadata=metadata,
    )
    if response.achat_stream is not None:
        recovered.achat_stream = (
            _as_chat(text) async for text in _arecovered(response.async_response_gen(), stream, made)
        )
    else:
        recovered.chat_stream = (_as_chat(text) for text in _recovered(response.response_gen, stream, made))
    return recovered


def _as_chat(text: str) -> ChatResponse:
    return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text), delta=text)
