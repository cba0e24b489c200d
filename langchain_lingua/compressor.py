"""The LangChain adapter: documents become passages, kept passages documents again. What is kept, the engine decides."""

import logging
from collections.abc import Sequence
from typing import Any, Self

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field, model_validator

from langchain_lingua.documents import PROVENANCE_KEY, check_documents, given_scores, shortened
from langchain_lingua.events import send_event
from langchain_lingua.runnable import runnable_of
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.inputs import as_question
from lingua_shared.methods import METHOD_OF_CAUSAL_MODELS

_log = logging.getLogger(__name__)


class LinguaCompressor(EngineOptions, BaseDocumentCompressor):
    """Makes retrieved documents shorter for the question, within an exact budget of the target LLM's tokens.

    Documents come out as copies in the order that `order` names, with their ids and metadata; those that the budget
    drops are missing. The budget counts the texts joined by `separator`: set it to what your prompt puts between
    documents. Settings are stored by `model_dump()` and read by `model_validate()`; a shared engine is no setting.

    Example:
        >>> from langchain_core.documents import Document
        >>> compressor = LinguaCompressor(target_tokens=300)
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
        description="Put relevance, token counts, kept characters and, if it was cut, the text before into a "
        f'document\'s metadata, under "{PROVENANCE_KEY}"; recovery of answers needs it.',
    )

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
        options = self.compression_options()
        options.check_question(as_question(query))
        result = self.engine().compress(
            [document.page_content for document in documents],
            question=query,
            options=options,
            scores=given_scores(documents, self.score_key) if self.score_key is not None else None,
            titles=[self.title_of(document.metadata) for document in documents],
        )
        for note in result.notes:
            _log.warning("%s", note)
        send_event(callbacks, result)
        return [shortened(documents[p.index], p, add_provenance=self.add_provenance) for p in result.passages]

    def as_runnable(self) -> Runnable[dict[str, Any], list[Document]]:
        """Return a step of a chain that takes {"documents": [...], "question": "..."} and gives the kept documents."""
        return runnable_of(self)

    @model_validator(mode="after")
    def _score_key_goes_with_given(self) -> Self:
        if (self.score_key is None) == ("given" in self.ranker_names):
            msg = (
                f'score_key is {self.score_key!r} and the rankers are {list(self.ranker_names)}; the ranker "given" '
                "needs a score_key, and nothing else reads it: set both or neither"
            )
            raise ValueError(msg)
        return self


class LongLLMLinguaCompressor(LinguaCompressor):
    """`LinguaCompressor` with LongLLMLingua's method: a causal language model ranks passages by perplexity.

    Example:
        >>> LongLLMLinguaCompressor(target_tokens=300).method
        'longllmlingua'
    """

    method: str | None = Field(default=METHOD_OF_CAUSAL_MODELS, description="Preset of rankers and scorers.")
