"""Recovery of answers in the responses of LlamaIndex's query engines and chat engines, whole or streamed.

The source nodes of a response say what compression kept of them, so that nothing is remembered between calls.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from llama_index.core.base.response.schema import AsyncStreamingResponse, PydanticResponse, Response, StreamingResponse
from llama_index.core.chat_engine.types import AgentChatResponse, StreamingAgentChatResponse
from llama_index.core.schema import MetadataMode, NodeWithScore

from lingua_shared import InvalidTypeError, Recoverer, RecoveryOptions
from lingua_shared.adapters.provenance import PROVENANCE_KEY
from lingua_shared.recovery.structured import recover_strings
from llamaindex_lingua.answer_stream import Replacements, arecovered, recovered, recovered_chat

RECOVERY_KEY = "lingua_recovery"
"""Metadata key of the replacements in a response."""

_Response = (
    Response
    | PydanticResponse
    | StreamingResponse
    | AsyncStreamingResponse
    | AgentChatResponse
    | StreamingAgentChatResponse
)
AnyResponse = TypeVar("AnyResponse", bound=_Response)


def recover_response(
    response: AnyResponse,
    *,
    question: str | None = None,
    options: RecoveryOptions | None = None,
    recover_structured: bool = True,
    provenance_key: str = PROVENANCE_KEY,
) -> AnyResponse:
    """Return a copy of a response whose answer has back what compression dropped from the passages that it quotes.

    `metadata["lingua_recovery"]` lists the replacements as plain values (see `lingua_shared.Replacement`): `passage`
    is a place in `source_nodes`, `path` leads to a string in a structured answer. For a streamed response that list is
    filled when the stream has ended, and the response handed in must not be read any more. A chat engine's memory
    keeps what the model said.

    Args:
        response: what a query engine or a chat engine returned. Without source nodes nothing is restored.
        question: what was asked; words of the question are never changed.
        options: what may be restored.
        recover_structured: recover the strings of an answer that is a pydantic object; else it stays as it is.
        provenance_key: metadata key of the provenance, as in the postprocessor.

    Raises:
        InvalidInputError: no source node has provenance; set add_provenance=True on the postprocessor.
        InvalidTypeError: this is no such response.

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
    documents = _documents_of(response.source_nodes, provenance_key)
    recoverer = Recoverer.from_provenance(documents, question=question, options=options)
    return cast("AnyResponse", _recover(response, recoverer, structured=recover_structured))


def _documents_of(nodes: Sequence[NodeWithScore], provenance_key: str) -> list[tuple[str, object]]:
    """Return of each node its text and its provenance."""
    return [
        (node.node.get_content(metadata_mode=MetadataMode.NONE), node.node.metadata.get(provenance_key))
        for node in nodes
    ]


def _recover(response: _Response, recoverer: Recoverer, *, structured: bool) -> _Response:
    made: Replacements = []
    metadata = {**(getattr(response, "metadata", None) or {}), RECOVERY_KEY: made}
    if isinstance(response, StreamingAgentChatResponse):
        return recovered_chat(response, recoverer.stream(), metadata, made)
    if isinstance(response, StreamingResponse):
        chunks = response.response_gen if response.response_txt is None else [response.response_txt]
        stream = recovered(chunks, recoverer.stream(), made)
        return replace(response, response_gen=stream, response_txt=None, metadata=metadata)
    if isinstance(response, AsyncStreamingResponse):
        astream = arecovered(response.async_response_gen(), recoverer.stream(), made)
        return replace(response, response_gen=astream, response_txt=None, metadata=metadata)
    answer: Any = response.response
    if isinstance(answer, str) or structured:
        answer, replacements = recover_strings(answer, recoverer.recover)
        made += replacements
    return replace(response, response=answer, metadata=metadata)
