"""The last step of a LangChain chain: restores in its answer what compression damaged. Nothing is remembered.

What was compressed, and how, travels with the documents: `LinguaCompressor(add_provenance=True)` puts it into
their metadata. Chains must hand the documents on to this step, beside the answer.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough, RunnableSerializable
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict

from langchain_lingua.answer_inputs import AnswerInputs, InputStream
from lingua_shared import RecoveryOptions

_ANSWER = "lingua_answer"


class RecoverAnswer(AnswerInputs, RunnableSerializable[dict[str, Any], dict[str, Any]]):
    """Takes {"documents": [...], "question": "...", "answer": ...}; gives the same, recovered, and "replacements".

    The documents are those that a compressor with add_provenance=True gave. The answer is a string, a message, or a
    dictionary, list or pydantic object, and stays one; further keys are handed on. The replacements are plain values
    (see `lingua_shared.Replacement`): `passage` is a place in the documents, and `path` leads to a string in the
    answer. A streamed answer streams on, if documents and question come before it; tool calls and structured answers
    come whole, at its end. Of a message, text and `tool_calls` are recovered; copies that a provider keeps elsewhere,
    such as `additional_kwargs`, are not.

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
            InvalidTypeError: the input has no keys, the documents are none, or the question is no text.
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
        """Recover a whole answer, and give keys one by one."""
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
            yield from stream.hear(chunk)
        yield from stream.end()

    async def _atransform(self, chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        stream = InputStream(self)
        async for chunk in chunks:
            for out in await run_in_executor(None, stream.hear, chunk):
                yield out
        for out in await run_in_executor(None, stream.end):
            yield out


def recovering(
    generate: Runnable[dict[str, Any], Any],
    *,
    options: RecoveryOptions | None = None,
    recover_structured: bool = True,
    documents_key: str = "documents",
    question_key: str = "question",
) -> Runnable[dict[str, Any], Any]:
    """Return a runnable that gives what another one generates, recovered, and nothing else; it streams, too.

    Args:
        generate: writes the answer, such as `prompt | llm | StrOutputParser()`. It gets the whole input.
        options: what may be restored.
        recover_structured: recover the strings in arguments of tool calls and in structured answers.
        documents_key: where the input has the documents that the compressor gave.
        question_key: where the input has the question.

    Example:
        >>> from langchain_core.documents import Document
        >>> from langchain_core.runnables import RunnableLambda
        >>> source = "The light at Gull Point was first lit on a clear night in March 1884."
        >>> record = {"spans": [[0, 28], [54, 69]], "source_text": source}  # a compressor with add_provenance=True
        >>> document = Document("The light at Gull Point was in March 1884.", metadata={"lingua": record})
        >>> chain = recovering(RunnableLambda(lambda inputs: inputs["documents"][0].page_content))
        >>> chain.invoke({"documents": [document], "question": "When was it lit?"})
        'The light at Gull Point was first lit on a clear night in March 1884.'
    """
    step = RecoverAnswer(
        options=options or RecoveryOptions(),
        recover_structured=recover_structured,
        documents_key=documents_key,
        question_key=question_key,
        answer_key=_ANSWER,
    )
    checked = RunnableLambda(step.checked) | generate  # before a model is asked, which may cost
    return (RunnablePassthrough.assign(**{_ANSWER: checked}) | step).pick(_ANSWER)
