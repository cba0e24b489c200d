"""The last step of a LangChain chain: restores in its answer what compression damaged. Nothing is remembered.

What was compressed, and how, travels with the documents: `LongLLMLinguaCompressor(add_provenance=True)` puts it into
their metadata. Chains must hand the documents on to this step, beside the answer.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnablePassthrough, RunnableSerializable
from langchain_core.runnables.config import run_in_executor
from langchain_core.runnables.utils import AddableDict
from pydantic import ConfigDict, Field

from langchain_lingua.answer_stream import AnswerStream
from langchain_lingua.answers import recovered
from langchain_lingua.documents import PROVENANCE_KEY, check_documents
from lingua_shared import InvalidInputError, InvalidTypeError, Recoverer, RecoveryOptions
from lingua_shared.inputs import as_question

_ANSWER = "lingua_answer"


class RecoverAnswer(RunnableSerializable[dict[str, Any], dict[str, Any]]):
    """Takes {"documents": [...], "question": "...", "answer": ...}; gives the same, recovered, and "replacements".

    The documents are those that a compressor with add_provenance=True gave. The answer is a string, a message, or a
    dictionary, list or pydantic object, and stays one; further keys are handed on. The replacements are plain values
    (see `lingua_shared.Replacement`): `passage` is a place in the documents, and `path` leads to a string in the
    answer. A streamed answer streams on, if documents and question come before it; tool calls and structured answers
    come whole, at its end.

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

    options: RecoveryOptions = Field(default_factory=RecoveryOptions, description="What may be restored.")
    recover_structured: bool = Field(
        default=True,
        description="Recover the strings in arguments of tool calls and in structured answers; else these stay.",
    )
    documents_key: str = Field(default="documents", description="Key of the documents that were shown to the model.")
    question_key: str = Field(default="question", description="Key of what was asked.")
    answer_key: str = Field(default="answer", description="Key of the answer.")
    replacements_key: str = Field(default="replacements", description="Key of the replacements in what comes out.")

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
        return self._call_with_config(self._recover, input, config)

    async def ainvoke(
        self,
        input: dict[str, Any],  # noqa: A002 - the framework's name
        config: RunnableConfig | None = None,
        **_kwargs: Any,
    ) -> dict[str, Any]:
        """Do the same without blocking the event loop."""

        async def recover(inputs: dict[str, Any]) -> dict[str, Any]:
            return await run_in_executor(config, self._recover, inputs)

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

    def _recover(self, inputs: dict[str, Any]) -> dict[str, Any]:
        self.check_keys(inputs)
        recoverer = self.recoverer_of(inputs)
        answer, made = recovered(inputs[self.answer_key], recoverer.recover, structured=self.recover_structured)
        return {**inputs, self.answer_key: answer, self.replacements_key: made}

    def _transform(self, chunks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        stream = _InputStream(self)
        for chunk in chunks:
            yield from stream.hear(chunk)
        yield from stream.end()

    async def _atransform(self, chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        stream = _InputStream(self)
        async for chunk in chunks:
            for out in await run_in_executor(None, stream.hear, chunk):
                yield out
        for out in await run_in_executor(None, stream.end):
            yield out

    def recoverer_of(self, inputs: Mapping[str, Any]) -> Recoverer:
        """Return what recovers answers from the documents of this input."""
        documents = inputs[self.documents_key]
        check_documents(documents)
        return Recoverer.from_provenance(
            [(document.page_content, document.metadata.get(PROVENANCE_KEY)) for document in documents],
            question=as_question(inputs[self.question_key]),
            options=self.options,
        )

    def check_keys(self, inputs: object) -> None:
        """Raise unless the input has documents, a question and an answer."""
        keys = (self.documents_key, self.question_key, self.answer_key)
        form = f'give {{"{keys[0]}": [...], "{keys[1]}": "...", "{keys[2]}": ...}}, or name other keys'
        if not isinstance(inputs, Mapping):
            msg = f"the input is of type {type(inputs).__name__}; {form}"
            raise InvalidTypeError(msg)
        missing = [key for key in keys if key not in inputs]
        if missing:
            msg = f"the input has no {' and no '.join(map(repr, missing))}, only {list(inputs)}; {form}"
            raise InvalidInputError(msg)


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
    return (RunnablePassthrough.assign(**{_ANSWER: generate}) | step).pick(_ANSWER)


class _InputStream:
    """One input while it streams in, key by key: what the answer needs is kept, and all but the answer handed on."""

    def __init__(self, step: RecoverAnswer) -> None:
        self._step = step
        self._inputs = AddableDict()  # of the answer only the key
        self._waiting: list[Any] = []  # chunks of the answer that came before what it is recovered from
        self._answer: AnswerStream | None = None

    def hear(self, chunk: dict[str, Any]) -> list[dict[str, Any]]:
        """Take the next piece of the input, and return what is certain now."""
        step = self._step
        if not isinstance(chunk, Mapping):
            step.check_keys(chunk)
        others = AddableDict({key: value for key, value in chunk.items() if key != step.answer_key})
        if self._answer and step.documents_key in others:
            msg = f"{step.documents_key!r} goes on after the answer began; gather the documents before it"
            raise InvalidInputError(msg)
        self._inputs += others
        if step.answer_key in chunk:
            self._inputs[step.answer_key] = None
            self._waiting.append(chunk[step.answer_key])
        return [*([others] if others else []), *self._answered()]

    def end(self) -> list[dict[str, Any]]:
        """End the input, and return the rest of the answer, and its replacements."""
        self._step.check_keys(self._inputs)
        answer = self._answer or self._begun()
        rest = [AddableDict({self._step.answer_key: chunk}) for chunk in answer.finish()]
        return [*rest, AddableDict({self._step.replacements_key: answer.replacements})]

    def _answered(self) -> list[dict[str, Any]]:
        step = self._step
        if not {step.documents_key, step.question_key, step.answer_key} <= self._inputs.keys():
            return []
        self._answer = answer = self._answer or self._begun()
        chunks, self._waiting = self._waiting, []
        return [AddableDict({step.answer_key: out}) for chunk in chunks for out in answer.feed(chunk)]

    def _begun(self) -> AnswerStream:
        return AnswerStream(self._step.recoverer_of(self._inputs), structured=self._step.recover_structured)
