"""The LangChain step for indexing: what compression needs of documents, whatever the question, is computed ahead.

Knows which text of a document will be compressed. What is computed, the engine decides.
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.documents import BaseDocumentTransformer, Document
from pydantic import ConfigDict

from langchain_lingua.documents import check_documents
from lingua_shared.adapters.indexing import IndexingOptions


class PrecomputeScores(IndexingOptions, BaseDocumentTransformer):
    """Reads documents while they are indexed: the first question about them is faster. Documents stay as they are.

    Use it behind every step that changes text, and give it the options of the compressor that shortens: models and
    signals (`method`, `rankers`, `sentence_scorer`, `token_scorer`, `unit`) count, the others change nothing. What
    is computed must reach that compressor: share one engine as `compressor`, or set the same `cache_file` in both,
    which several processes need. An engine without a file keeps no more than `memory_cache_mb`.

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
        """Read the documents, and return them.

        Args:
            documents: what is indexed.

        Returns:
            What was handed in.

        Raises:
            InvalidInputError, InvalidTypeError: a document cannot be used.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        check_documents(documents)
        self.engine().prepare([document.page_content for document in documents], options=self.compression_options())
        return documents
