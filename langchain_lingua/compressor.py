"""The LangChain adapter: documents become passages, kept passages documents again. What is kept, the engine decides."""

import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any, Self, TypeVar

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema

from langchain_lingua.documents import PROVENANCE_KEY, check_documents, given_scores, shortened
from langchain_lingua.events import send_event
from langchain_lingua.runnable import runnable_of
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.errors import MissingQuestionError
from lingua_shared.inputs import as_question
from lingua_shared.methods import RANKERS, TOKEN_SCORERS, methods_without_question

_log = logging.getLogger(__name__)
_building = Lock()
_Options = TypeVar("_Options", bound=BaseModel)


class LongLLMLinguaCompressor(ModelOptions, CompressionOptions, BaseDocumentCompressor):
    """Makes retrieved documents shorter for the question, within an exact budget of the target LLM's tokens.

    Documents come out as copies in the order that `order` names, with their ids and metadata; those that the budget
    drops are missing. The budget counts the texts joined by `separator`: set it to what your prompt puts between
    documents. Settings are stored by `model_dump()` and read by `model_validate()`; a shared engine is no setting.

    Example:
        >>> from langchain_core.documents import Document
        >>> compressor = LongLLMLinguaCompressor(target_tokens=300)
        >>> documents = [Document("Short enough.", metadata={"source": "a.md"})]
        >>> compressor.compress_documents(documents, "Is it short?")
        [Document(metadata={'source': 'a.md'}, page_content='Short enough.')]
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    score_key: str | None = Field(
        default=None,
        description='Metadata key of the score that the retriever gave a document, for the ranker "given".',
    )
    add_provenance: bool = Field(
        default=False,
        description="Put relevance, token counts and kept characters into a document's metadata, under "
        f'"{PROVENANCE_KEY}".',
    )
    compressor: SkipJsonSchema[PromptCompressor | None] = Field(
        default=None, exclude=True, repr=False, description="An engine to share, with its models; None builds one."
    )
    _engine: PromptCompressor | None = PrivateAttr(default=None)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Keep of the documents what answers the query, within the budget.

        Args:
            documents: what was retrieved; none in gives none out.
            query: the question; blank only for methods that need none.
            callbacks: handlers of a surrounding run get one custom event, "lingua_compression", with counts.

        Returns:
            Copies of the documents that are kept, shorter.

        Raises:
            MissingQuestionError: the method needs a question.
            InvalidInputError, InvalidTypeError: a document or score cannot be used.
            BudgetError: what is forced into the text is larger than the budget.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        if not documents:
            return []
        check_documents(documents)
        options = _snapshot(CompressionOptions, self)
        question = as_question(query)
        _check_question(question, options)
        result = self._get_engine().compress(
            [document.page_content for document in documents],
            question=question,
            options=options,
            scores=given_scores(documents, self.score_key) if self.score_key is not None else None,
        )
        for note in result.notes:
            _log.warning("%s", note)
        send_event(callbacks, result)
        return [shortened(documents[p.index], p, add_provenance=self.add_provenance) for p in result.passages]

    def as_runnable(self) -> Runnable[dict[str, Any], list[Document]]:
        """Return a step of a chain that takes {"documents": [...], "question": "..."} and gives the kept documents."""
        return runnable_of(self)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the options without an engine: it is built again, from the same models, where it is next needed."""
        state = super().__getstate__()
        values = {**state["__dict__"], "compressor": None}
        return {**state, "__dict__": values, "__pydantic_private__": {"_engine": None}}

    @model_validator(mode="after")
    def _score_key_goes_with_given(self) -> Self:
        if (self.score_key is None) == ("given" in self.ranker_names):
            msg = (
                f'score_key is {self.score_key!r} and the rankers are {list(self.ranker_names)}; the ranker "given" '
                "needs a score_key, and nothing else reads it: set both or neither"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _take_models_of_compressor(self) -> Self:
        if self.compressor is None:
            return self
        models = self.compressor.models.model_dump()
        for name in models.keys() & self.model_fields_set:
            if getattr(self, name) != models[name]:
                msg = (
                    f"{name} is {getattr(self, name)!r}, but that of the compressor is {models[name]!r}; leave one out"
                )
                raise ValueError(msg)
        self.__dict__.update(models)
        return self

    def _get_engine(self) -> PromptCompressor:
        if self.compressor is not None:
            return self.compressor
        models = _snapshot(ModelOptions, self)
        with _building:
            if self._engine is None or self._engine.models != models:
                self._engine = PromptCompressor(models)
            return self._engine


def _snapshot(kind: type[_Options], options: BaseModel) -> _Options:
    return kind(**{name: getattr(options, name) for name in kind.model_fields})


def _check_question(question: str | None, options: CompressionOptions) -> None:
    signals = [RANKERS[name] for name in options.ranker_names]
    if options.unit != "passage":
        signals.append(TOKEN_SCORERS[options.token_scorer_name])
    if question is None and any(signal.needs_question for signal in signals):
        known = ", ".join(methods_without_question())
        msg = f"method {options.method!r} needs a question and got none; give one, or take a method without: {known}"
        raise MissingQuestionError(msg)
