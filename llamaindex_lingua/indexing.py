"""The LlamaIndex ingestion step: computes ahead what compression needs of nodes whatever the question."""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.bridge.pydantic import ConfigDict
from llama_index.core.schema import BaseNode, TransformComponent

from lingua_shared.adapters.indexing import IndexingOptions
from llamaindex_lingua.passages import NodePassage, as_nodes
from llamaindex_lingua.stored import StoredWithClassName


class PrecomputeScores(StoredWithClassName, IndexingOptions, TransformComponent):
    """Reads nodes while they are ingested, so that the first question about them is faster; returns them unchanged.

    Put it after all steps of an `IngestionPipeline` that change text, and give it the options of the postprocessor:
    those of models and signals (`method`, `rankers`, `sentence_scorer`, `token_scorer`, `unit`) matter, others change
    nothing. The postprocessor must find what was computed: share its `compressor`, or set the same `cache_file` in
    both, which several processes need. A compressor without a file keeps at most `memory_cache_mb`. A pipeline whose
    own cache holds the nodes skips this step: empty that cache where the scores are lost or a model was trained again.

    Example:
        >>> from lingua_shared import PromptCompressor
        >>> from llama_index.core.schema import TextNode
        >>> step = PrecomputeScores(compressor=PromptCompressor(), rankers=("bm25",), unit="passage")
        >>> nodes = [TextNode(text="BM25 has nothing to read ahead, so no model is loaded.")]
        >>> step(nodes) is nodes
        True
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    @classmethod
    def class_name(cls) -> str:
        """Return the name that stands for this class in serialised form."""
        return "PrecomputeScores"

    def __call__(self, nodes: Sequence[BaseNode], **_kwargs: Any) -> Sequence[BaseNode]:
        """Read the nodes that have text.

        Args:
            nodes: the nodes to index; those without text, such as images, are skipped.

        Returns:
            The nodes handed in.

        Raises:
            InvalidTypeError: this is no list of nodes.
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        texts = [NodePassage.of(node).text for node in as_nodes(nodes)]
        self.engine().prepare([text for text in texts if text], options=self.compression_options())
        return nodes

    async def acall(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """Do the same in a thread, because the base class would block the event loop."""
        return await asyncio.to_thread(self, nodes, **kwargs)
