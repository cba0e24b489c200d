"""The LangChain indexing step: computes ahead what compression needs of documents whatever the question."""

from collections.abc import Sequence
from typing import Any

from langchain_core.documents import BaseDocumentTransformer, Document
from pydantic import ConfigDict

from langchain_lingua.documents import check_documents
from lingua_shared.adapters.indexing import IndexingOptions


class PrecomputeScores(IndexingOptions, BaseDocumentTransformer):
    """Reads documents while they are indexed, so that the first question about them is faster; returns them unchanged.

    Use it after all steps that change text, and give it the options of the compressor: those of models and signals
    (`method`, `rankers`, `sentence_scorer`, `token_scorer`, `unit`) matter, others change nothing. The compressor must
    find what was computed: share one engine as `compressor`, or set the same `cache_file` in both, which several
    processes need. An engine without a file keeps at most `memory_cache_mb`.

    Example:
        >>> from langchain_core.documents import Document
        >>> from lingua_shared import PromptCompressor
        >>> step = PrecomputeScores(compressor=PromptCompressor(), rankers=("bm25",), unit="passage")
        >>> documents = [Document("BM25 has nothing to read ahead, so no model is loaded.")]
        >>> step.transform_documents(documents) is documents
        True
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    def transform_documents(self, documents: Sequence[Document], **_kwargs: Any) -> Sequence[Document]:
        """Read the documents.

        Args:
            documents: the documents to index.

        Returns:
            The documents handed in.

        Raises:
            InvalidInputError, InvalidTypeError: a document cannot be used.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        check_documents(documents)
        self.engine().prepare([document.page_content for document in documents], options=self.compression_options())
        return documents
