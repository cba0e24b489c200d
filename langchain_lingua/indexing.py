"""The LangChain step for indexing: what compression needs of documents, whatever the question, is computed ahead.

Knows which text of a document will be compressed. What is computed, the engine decides.
"""

from collections.abc import Sequence
from typing import Any, Self

from langchain_core.documents import BaseDocumentTransformer, Document
from pydantic import ConfigDict, model_validator

from langchain_lingua.documents import check_documents
from lingua_shared import InvalidInputError
from lingua_shared.engine_options import EngineOptions

PASSAGES_AT_ONCE = 128
"""So many are read, then kept, before the next: memory stays small, and work that is interrupted is not lost."""


class PrecomputeScores(EngineOptions, BaseDocumentTransformer):
    """Reads documents while they are indexed: the first question about them is faster. Documents stay as they are.

    Use it behind every step that changes text, and give it the options of the compressor that shortens: models and
    signals (`method`, `rankers`, `token_scorer`, `unit`) count, the others change nothing. What is computed must reach
    that compressor: share one engine as `compressor`, or set the same `cache_file` in both, which several processes
    need. An engine without a file keeps no more than `memory_cache_mb`.

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
        engine, options = self.engine(), self.compression_options()
        texts = [document.page_content for document in documents]
        for start in range(0, len(texts), PASSAGES_AT_ONCE):
            engine.prepare(texts[start : start + PASSAGES_AT_ONCE], options=options)
        return documents

    def __getstate__(self) -> dict[Any, Any]:
        """Pickle everything that is set.

        Raises:
            InvalidInputError: there is no file, and no other process sees what one keeps in memory.
        """
        if self.cache_file is None:
            msg = (
                "PrecomputeScores goes to another process, but cache_file is None, so what is computed there would be "
                "lost; set cache_file in the ModelOptions of the compressor"
            )
            raise InvalidInputError(msg)
        return super().__getstate__()

    @model_validator(mode="after")
    def _is_kept(self) -> Self:
        if self.cache_file is None and (self.compressor is None or not self.memory_cache_mb):
            shared = "no compressor is shared" if self.compressor is None else "the compressor's memory_cache_mb is 0"
            msg = (
                f"what is computed would be lost: cache_file is None and {shared}; hand the engine of "
                "LongLLMLinguaCompressor in as compressor=..., with memory, or set cache_file to the same path in both"
            )
            raise ValueError(msg)
        return self
