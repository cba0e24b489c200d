"""A component for pipelines of Haystack: hands documents to the engine and turns its result into documents."""

import asyncio
import logging
from dataclasses import replace
from typing import Any, Self

from haystack import Document, component, default_from_dict, default_to_dict
from pydantic import Field

from lingua_shared.adapters.framework import all_scores, check_each, log_notes
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.adapters.provenance import ProvenanceOptions
from lingua_shared.adapters.titles import TITLE_KEYS
from lingua_shared.compressor import PromptCompressor
from lingua_shared.result import KeptPassage

_log = logging.getLogger(__name__)


class ComponentOptions(ProvenanceOptions, EngineOptions):
    """All options of the component, checked when they are set."""

    title_keys: str | tuple[str, ...] = Field(
        default=("title", "header", *TITLE_KEYS[1:]),  # "header" is written by Haystack's MarkdownHeaderSplitter
        description="Keys of the metadata, the best one first, that may hold the title of a document. () is no title.",
    )


@component
class LinguaCompressor:
    """Shortens retrieved documents for a query, within an exact budget of the target LLM's tokens.

    Stands between a retriever or ranker and the prompt builder. What comes out are copies of the documents, with their
    ids, metadata and scores, in the order that the option `order` names, without those that the budget drops. The
    budget counts the texts joined by `separator`: set it to what your prompt puts between documents. Documents without
    text, such as images, come last and unchanged, and do not count. Embeddings still describe the whole text.

    All options of models and compression are set by name, as in `LinguaCompressor(target_tokens=300)`, and are written
    to YAML by name; those that have their defaults are not. The ranker "given" takes the scores of the documents.

    Example:
        >>> compressor = LinguaCompressor(target_tokens=300)
        >>> documents = [Document(id="a", content="Short enough.", score=0.9)]
        >>> compressor.run(documents, "Is it short?")["documents"]
        [Document(id=a, content: 'Short enough.', score: 0.9)]
    """

    def __init__(self, *, compressor: PromptCompressor | None = None, **options: Any) -> None:
        """Check the options; load no model.

        Args:
            compressor: an engine to share, with its models; None builds one. It is not written to YAML.
            **options: those of `ModelOptions`, `CompressionOptions` and `ComponentOptions`.

        Raises:
            OptionsError: an option is unknown or has a value that is not allowed.
        """
        self.options = ComponentOptions(compressor=compressor, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return the options that were set, as Haystack writes them to YAML.

        Raises:
            OptionsError: an option cannot be written, such as a tokenizer that is an object.
        """
        return default_to_dict(self, **self.options.model_dump(mode="json", exclude_defaults=True))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build one from what `to_dict` returned.

        Raises:
            OptionsError: an option is unknown or has a value that is not allowed.
        """
        return default_from_dict(cls, data)

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document], query: str | None = None) -> dict[str, Any]:
        """Keep what answers the query, within the budget.

        Args:
            documents: the retrieved documents; none gives none.
            query: the question; it may be left out for methods that need none, and with rate=1.

        Returns:
            `documents`: shorter copies of the documents that are kept.

        Raises:
            MissingQuestionError: the method needs a question.
            InvalidInputError, InvalidTypeError: a document or score cannot be used, or its metadata has a value of its
                own under `provenance_key`.
            BudgetError: what is forced into the text is larger than the budget.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        check_each(documents, Document, name="document", allowed="a list of Documents of Haystack")
        given = [document for document in documents if (document.content or "").strip()]
        others = [document for document in documents if not (document.content or "").strip()]
        return {"documents": [*(self._shortened(given, query) if given else []), *others]}

    @component.output_types(documents=list[Document])
    async def run_async(self, documents: list[Document], query: str | None = None) -> dict[str, Any]:
        """Do the same; the model reads in a thread."""
        return await asyncio.to_thread(self.run, documents, query)

    def _shortened(self, documents: list[Document], query: str | None) -> list[Document]:
        asked = self.options
        asked.check_provenance_key(document.meta for document in documents)
        asked.check_question(query)
        result = asked.engine().compress(
            [str(document.content) for document in documents],
            question=query,
            options=asked.compression_options(),
            scores=self._given_scores(documents),
            titles=[asked.title_of(document.meta) for document in documents],
        )
        log_notes(_log, result)
        return [self._copy(documents[kept.index], kept) for kept in result.passages]

    def _given_scores(self, documents: list[Document]) -> list[float] | None:
        if "given" not in self.options.recipe().ranker_weights:
            return None
        scores = [document.score for document in documents]
        return all_scores(scores, name="document", what_to_do="take a retriever that scores, or another ranker")

    def _copy(self, document: Document, kept: KeptPassage) -> Document:
        meta = dict(document.meta)
        if self.options.add_provenance:
            source = str(document.content)
            meta[self.options.provenance_key] = self.options.provenance(kept, source=source, text=kept.text)
        return replace(document, content=kept.text, meta=meta)
