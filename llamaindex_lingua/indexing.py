"""The LlamaIndex step for ingestion: what compression needs of nodes, whatever the question, is computed ahead.

Knows which text of a node will be compressed. What is computed, the engine decides.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from llama_index.core.bridge.pydantic import BaseModel, ConfigDict, model_validator
from llama_index.core.schema import BaseNode, NodeWithScore, TransformComponent

from lingua_shared import InvalidInputError
from lingua_shared.engine_options import EngineOptions
from llamaindex_lingua.passages import NodePassage

PASSAGES_AT_ONCE = 128
"""So many are read, then kept, before the next: memory stays small, and work that is interrupted is not lost."""


class PrecomputeScores(EngineOptions, TransformComponent):
    """Reads nodes while they are indexed, so that the first question about them is faster. Nodes stay as they are.

    Put it behind every step of an `IngestionPipeline` that changes text, and give it the options of the postprocessor:
    models and signals (`method`, `rankers`, `token_scorer`, `unit`) count, the others change nothing. What is computed
    must reach the postprocessor: share its `compressor`, or set the same `cache_file` in both, which several processes
    need. A compressor without a file keeps no more than `memory_cache_mb`. A pipeline whose own cache knows the nodes
    skips this step: empty that cache where the scores are gone or a model has been trained anew.

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
        engine, options = self.engine(), self.compression_options()
        passages = [NodePassage.of(NodeWithScore(node=node)).text for node in nodes]
        texts = [text for text in passages if text]
        for start in range(0, len(texts), PASSAGES_AT_ONCE):
            engine.prepare(texts[start : start + PASSAGES_AT_ONCE], options=options)
        return nodes

    async def acall(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """Do the same in a thread; the base class would block the event loop."""
        return await asyncio.to_thread(self, nodes, **kwargs)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle everything that is set, for the workers of a pipeline.

        Raises:
            InvalidInputError: there is no file, and no other process sees what a worker keeps in memory.
        """
        if self.cache_file is None:
            msg = (
                "PrecomputeScores goes to another process, but cache_file is None, so what is computed there would be "
                "lost; set cache_file in the ModelOptions of the compressor, or run the pipeline without num_workers"
            )
            raise InvalidInputError(msg)
        return BaseModel.__getstate__(self)

    @model_validator(mode="after")
    def _is_kept(self) -> Self:
        if self.cache_file is None and (self.compressor is None or not self.memory_cache_mb):
            shared = "no compressor is shared" if self.compressor is None else "the compressor's memory_cache_mb is 0"
            msg = (
                f"what is computed would be lost: cache_file is None and {shared}; hand the postprocessor's engine in "
                "as compressor=..., with memory, or set cache_file to the same path in both"
            )
            raise ValueError(msg)
        return self
