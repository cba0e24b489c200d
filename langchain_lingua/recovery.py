"""The last step of a LangChain chain, which restores in the answer what compression dropped.

`LinguaCompressor(add_provenance=True)` writes into the documents' metadata what was kept, so that nothing is
remembered between calls. The chain must hand the documents on to this step, beside the answer.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.runnables import RunnableConfig, RunnableSerializable
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict

from langchain_lingua.answer_inputs import AnswerInputs, InputStream


class RecoverAnswer(AnswerInputs, RunnableSerializable[dict[str, Any], dict[str, Any]]):
    """Takes {"documents": [...], "question": "...", "answer": ...}; returns it with the answer recovered.

    The documents come from a compressor with add_provenance=True. The answer is a string, a message, a dictionary, a
    list or a pydantic object, and keeps its type; further keys are passed on. The output also has "replacements", as
    plain values (see `lingua_shared.Replacement`): `passage` is a place in the documents, `path` leads to a string in
    the answer. A streamed answer streams on if documents and question come before it; tool calls and structured
    answers come whole, at its end. In a message, text and `tool_calls` are recovered, but no copies that a provider
    keeps elsewhere, such as in `additional_kwargs`.

    Example:
        >>> from langchain_core.documents import Document
        >>> source = "The light at Gull Point was first lit on a clear night in March 1884."
        >>> record = {"spans": [[0, 28], [54, 69]], "source_text": source}  # a compressor with add_provenance=True
        >>> document = Document("The light at Gull Point was in March 1884.", metadata={"lingua": record})
        >>> answer = "The light at Gull Point was in March 1884."
        >>> inputs = {"documents": [document], "question": "When was it lit?", "answer": answer}
        >>> RecoverAnswer().invoke(inputs)["answer"]
        'The light at Gull Point was first lit on a clear night in March 1884.'
    """

    model_config = ConfigDict(extra="forbid")

    def invoke(
        self,
        input: dict[str, Any],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **_kwargs: Any,
    ) -> dict[str, Any]:
        """Recover a whole answer.

        Raises:
            InvalidInputError: a key is missing, or no document has provenance.
            InvalidTypeError: the input is no mapping, the documents are no documents, or the question is no text.
        """
        return self._call_with_config(self.recovered, input, config)

    async def ainvoke(
        self,
        input: dict[str, Any],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **_kwargs: Any,
    ) -> dict[str, Any]:
        """Do the same without blocking the event loop."""

        async def recover(inputs: dict[str, Any]) -> dict[str, Any]:
            return await run_in_executor(config, self.recovered, inputs)

        return await self._acall_with_config(recover, input, config)

    def stream(
        self,
        input: dict[str, Any],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[dict[str, Any]]:
        """Recover a whole answer and yield the keys one by one."""
        return self.transform(iter([input]), config, **kwargs)

    async def astream(
        self,
        input: dict[str, Any],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[dict[str, Any]]:
        """Do the same without blocking the event loop."""

        async def one() -> AsyncIterator[dict[str, Any]]:
            yield input

        async for chunk in self.atransform(one(), config, **kwargs):
            yield chunk

    def transform(
        self,
        input: Iterator[dict[str, Any]],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **_kwargs: Any,
    ) -> Iterator[dict[str, Any]]:
        """Recover an answer while it streams in."""
        return self._transform_stream_with_config(input, self._transform, config)

    async def atransform(
        self,
        input: AsyncIterator[dict[str, Any]],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **_kwargs: Any,
    ) -> AsyncIterator[dict[str, Any]]:
        """Do the same without blocking the event loop."""
        async for chunk in self._atransform_stream_with_config(input, self._atransform, config):
            yield chunk

    def _transform(self, chunks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        stream = InputStream(self)
        for chunk in chunks:
            yield from stream.feed(chunk)
        yield from stream.finish()

    async def _atransform(self, chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        stream = InputStream(self)
        async for chunk in chunks:
            for out in await run_in_executor(None, stream.feed, chunk):
                yield out
        for out in await run_in_executor(None, stream.finish):
            yield out
