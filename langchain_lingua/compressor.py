"""The LangChain adapter: hands documents to the engine and turns its result into documents."""

import logging
from collections.abc import Sequence
from typing import Any, Self

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field, model_validator

from langchain_lingua.documents import check_documents, given_scores, with_text
from langchain_lingua.events import send_event
from langchain_lingua.migration import FromLlmlingua
from langchain_lingua.runnable import runnable_of
from lingua_shared.adapters.framework import log_notes
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.adapters.provenance import ProvenanceOptions
from lingua_shared.errors import short
from lingua_shared.options import Method
from lingua_shared.result import KeptPassage

_log = logging.getLogger(__name__)


class LinguaCompressor(FromLlmlingua, ProvenanceOptions, EngineOptions, BaseDocumentCompressor):
    """Shortens retrieved documents for a question, within an exact budget of the target LLM's tokens.

    The result is copies of the documents with their ids and metadata, in the order that the option `order` names,
    without those that the budget drops. The budget counts the texts joined by `separator`: set it to what your prompt
    puts between documents. To store the settings, use `model_dump()` and `model_validate()`; they hold no shared
    engine.

    With `add_provenance`, each document's metadata says what was kept of it. Printed, in a prompt too, that record
    shows counts only; it stays whole when documents are copied or pickled. JSON (`model_dump_json`,
    `langchain_core.load.dumps`) leaves the dropped text out unless `serialize_source` is set.

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

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Keep what answers the query, within the budget.

        Args:
            documents: the retrieved documents; an empty list gives an empty list.
            query: the question; it may be blank for methods that need none, and with rate=1.
            callbacks: handlers of a surrounding run get one custom event, "lingua_compression", with counts.

        Returns:
            Shorter copies of the documents that are kept.

        Raises:
            MissingQuestionError: the method needs a question.
            InvalidInputError, InvalidTypeError: a document or score cannot be used, or its metadata has a value of its
                own under `provenance_key`.
            BudgetError: what is forced into the text is larger than the budget.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        check_documents(documents)
        if not documents:
            return []
        self.check_provenance_key(document.metadata for document in documents)
        options = self.compression_options()
        self.check_question(query)
        result = self.engine().compress(
            [document.page_content for document in documents],
            question=query,
            options=options,
            scores=given_scores(documents, self.score_key) if self.score_key is not None else None,
            titles=[self.title_of(document.metadata) for document in documents],
        )
        log_notes(_log, result)
        send_event(callbacks, result)
        return [self._shortened(documents[kept.index], kept) for kept in result.passages]

    def as_runnable(self) -> Runnable[dict[str, Any], list[Document]]:
        """Return a step of a chain from {"documents": [...], "question": "..."} to the kept documents."""
        return runnable_of(self)

    def _shortened(self, document: Document, kept: KeptPassage) -> Document:
        record = self.provenance(kept, source=document.page_content, text=kept.text)
        return with_text(document, kept.text, {self.provenance_key: record} if self.add_provenance else {})

    @model_validator(mode="after")
    def _score_key_goes_with_given(self) -> Self:
        rankers = list(self.recipe().ranker_weights)
        if (self.score_key is None) == ("given" in rankers):
            msg = (
                f'score_key is {short(self.score_key)} and the rankers are {rankers}; the ranker "given" '
                "needs a score_key, and nothing else reads it: set both or neither"
            )
            raise ValueError(msg)
        return self


class LongLLMLinguaCompressor(LinguaCompressor):
    """`LinguaCompressor` with the method of LongLLMLingua: a causal language model ranks passages by perplexity.

    Set `method="longllmlingua-paper"` for the method as the paper has it.

    Example:
        >>> LongLLMLinguaCompressor(target_tokens=300).method
        'longllmlingua'
    """

    method: Method | None = Field(default="longllmlingua", description="Preset of rankers and scorers.")
