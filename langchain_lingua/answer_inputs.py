"""Input of the recovery step: its keys, its checks, and reading it whole or while it streams in."""

from collections.abc import Mapping
from typing import Any

from langchain_core.runnables.utils import AddableDict
from pydantic import Field

from langchain_lingua.answer_stream import AnswerStream
from langchain_lingua.answers import recovered
from langchain_lingua.documents import check_documents
from lingua_shared import InvalidInputError, InvalidTypeError, Recoverer, RecoveryOptions
from lingua_shared.adapters.provenance import PROVENANCE_KEY
from lingua_shared.errors import short
from lingua_shared.inputs import OptionsModel, as_question
from lingua_shared.recovery.recoverer import check_provenance


class AnswerInputs(OptionsModel):
    """The keys of an input and the options of its recovery."""

    options: RecoveryOptions = Field(default_factory=RecoveryOptions, description="What may be restored.")
    recover_structured: bool = Field(
        default=True,
        description="Recover the strings in arguments of tool calls and in structured answers; else they stay.",
    )
    documents_key: str = Field(default="documents", description="Key of the documents that the model saw.")
    question_key: str = Field(default="question", description="Key of the question.")
    answer_key: str = Field(default="answer", description="Key of the answer.")
    replacements_key: str = Field(default="replacements", description="Key of the replacements in the output.")
    provenance_key: str = Field(
        default=PROVENANCE_KEY, description="Metadata key of the documents' provenance, as in the compressor."
    )

    def recovered(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return a whole input with its answer recovered, and with the replacements.

        Raises:
            InvalidInputError: a key is missing, or no document has provenance.
            InvalidTypeError: the input is no mapping, the documents are no documents, or the question is no text.
        """
        self.check_keys(inputs)
        recover = self.recoverer_of(inputs).recover
        answer, made = recovered(inputs[self.answer_key], recover, structured=self.recover_structured)
        return {**inputs, self.answer_key: answer, self.replacements_key: made}

    def recoverer_of(self, inputs: Mapping[str, Any]) -> Recoverer:
        """Return a recoverer over the documents of this input."""
        question = as_question(inputs[self.question_key])
        return Recoverer.from_provenance(self._provenance_of(inputs), question=question, options=self.options)

    def _provenance_of(self, inputs: Mapping[str, Any]) -> list[tuple[str, object]]:
        documents = inputs[self.documents_key]
        check_documents(documents)
        return [(document.page_content, document.metadata.get(self.provenance_key)) for document in documents]

    def checked(self, inputs: Any) -> Any:
        """Return an input that has no answer yet, after a check that one can be recovered from it.

        Raises:
            InvalidInputError: a key is missing, or no document has provenance.
            InvalidTypeError: the input is no mapping, the documents are no documents, or the question is no text.
        """
        self.check_keys(inputs, answered=False)
        as_question(inputs[self.question_key])
        check_provenance(self._provenance_of(inputs))
        return inputs

    def check_keys(self, inputs: object, *, answered: bool = True) -> None:
        """Raise unless the input has documents, a question and, if it is `answered`, an answer."""
        keys = (self.documents_key, self.question_key, self.answer_key)[: 3 if answered else 2]
        form = ", ".join(f"{short(key)}: ..." for key in keys)
        form = f"give {{{form}}}, or name other keys"
        if not isinstance(inputs, Mapping):
            msg = f"the input is of type {type(inputs).__name__}; {form}"
            raise InvalidTypeError(msg)
        missing = [key for key in keys if key not in inputs]
        if missing:
            msg = f"the input has no {' and no '.join(map(short, missing))}, only {short(list(inputs))}; {form}"
            raise InvalidInputError(msg)


class InputStream:
    """One input while it streams in, key by key: passes on all keys but the answer, which it recovers."""

    def __init__(self, inputs: AnswerInputs) -> None:
        """Begin an input."""
        self._step = inputs
        self._inputs = AddableDict()  # everything but the answer, of which it has the key only
        self._waiting: list[Any] = []  # chunks of the answer that came before documents and question
        self._answer: AnswerStream | None = None

    def feed(self, chunk: dict[str, Any]) -> list[dict[str, Any]]:
        """Take the next piece of the input; return the output that is certain now."""
        step = self._step
        if not isinstance(chunk, Mapping):
            step.check_keys(chunk)
        ours = (step.answer_key, step.replacements_key)
        others = AddableDict({key: value for key, value in chunk.items() if key not in ours})
        for key in (step.documents_key, step.question_key):
            if self._answer and key in others:
                msg = f"{key!r} goes on after the answer began; gather documents and question before it"
                raise InvalidInputError(msg)
        self._inputs += others
        if step.answer_key in chunk:
            self._inputs[step.answer_key] = None
            self._waiting.append(chunk[step.answer_key])
        return [*([others] if others else []), *self._feed_answer()]

    def finish(self) -> list[dict[str, Any]]:
        """End the input; return the rest of the answer and its replacements."""
        self._step.check_keys(self._inputs)
        answer = self._answer or self._start_answer()
        rest = [AddableDict({self._step.answer_key: chunk}) for chunk in answer.finish()]
        return [*rest, AddableDict({self._step.replacements_key: answer.replacements})]

    def _feed_answer(self) -> list[dict[str, Any]]:
        step = self._step
        if not {step.documents_key, step.question_key, step.answer_key} <= self._inputs.keys():
            return []
        self._answer = answer = self._answer or self._start_answer()
        chunks, self._waiting = self._waiting, []
        return [AddableDict({step.answer_key: out}) for chunk in chunks for out in answer.feed(chunk)]

    def _start_answer(self) -> AnswerStream:
        return AnswerStream(self._step.recoverer_of(self._inputs), structured=self._step.recover_structured)
