"""The LlamaIndex step for ingestion: what compression needs of nodes, whatever the question, is computed ahead.

Knows which text of a node will be compressed. What is computed, the engine decides.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.bridge.pydantic import ConfigDict
from llama_index.core.schema import BaseNode, NodeWithScore, TransformComponent

from lingua_shared.adapters.indexing import IndexingOptions
from llamaindex_lingua.passages import NodePassage


class PrecomputeScores(IndexingOptions, TransformComponent):
    """Reads nodes while they are indexed, so that the first question about them is faster. Nodes stay as they are.

    Put it behind every step of an `IngestionPipeline` that changes text, and give it the options of the postprocessor:
    models and signals (`method`, `rankers`, `sentence_scorer`, `token_scorer`, `unit`) count, the others change
    nothing. What is computed must reach the postprocessor: share its `compressor`, or set the same `cache_file` in
    both, which several processes need. A compressor without a file keeps no more than `memory_cache_mb`. A pipeline
    whose own cache knows the nodes skips this step: empty that cache where the scores are gone or a model has been
    trained anew.

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
        """Read the nodes that have text, and return all of them.

        Args:
            nodes: what is indexed; those without text, such as images, are passed over.

        Returns:
            What was handed in.

        Raises:
            ModelLoadError: a model is not on this machine and cannot be fetched.
        """
        passages = [NodePassage.of(NodeWithScore(node=node)).text for node in nodes]
        self.engine().prepare([text for text in passages if text], options=self.compression_options())
        return nodes

    async def acall(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """Do the same in a thread; the base class would block the event loop."""
        return await asyncio.to_thread(self, nodes, **kwargs)
