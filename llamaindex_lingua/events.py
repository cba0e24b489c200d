"""Instrumentation events about a compression, for LlamaIndex: counts and names only, never the text of a node.

Beside them the postprocessor sends LlamaIndex's `ReRankStartEvent` and `ReRankEndEvent`, which hold the nodes.
"""

from typing import Self

from llama_index.core.instrumentation.events import BaseEvent

from lingua_shared import CompressionResult, Recipe


class CompressionStartEvent(BaseEvent):
    """Nodes are about to be compressed.

    Attributes:
        passages: number of nodes with text.
        rate: share of the tokens to keep; None where it is not set.
        target_tokens: number of tokens to keep, less those of nodes without text; None where it is not set.
        method: preset of rankers and scorers.
        model: the largest model that would score; None where the method needs no model.
    """

    passages: int
    rate: float | None
    target_tokens: int | None
    method: str
    model: str | None

    @classmethod
    def class_name(cls) -> str:
        """Return the name of this event in traces."""
        return "CompressionStartEvent"

    @classmethod
    def of(cls, passages: int, recipe: Recipe) -> Self:
        """Return the event of what is about to be done."""
        return cls(
            passages=passages,
            rate=recipe.rate,
            target_tokens=recipe.target_tokens,
            method=recipe.method,
            model=recipe.largest_model,
        )


class CompressionEndEvent(BaseEvent):
    """Nodes have been compressed.

    Attributes:
        passages: number of nodes with text that were kept.
        dropped_passages: number of nodes with text that were dropped.
        original_tokens: tokens before, with metadata if it is counted.
        compressed_tokens: tokens after, counted in the same way.
        rate: share of the tokens that was kept, in [0, 1].
        seconds: wall time of the compression.
        method: preset of rankers and scorers.
        model: the largest model that scored; None where nothing had to be scored.
    """

    passages: int
    dropped_passages: int
    original_tokens: int
    compressed_tokens: int
    rate: float
    seconds: float
    method: str
    model: str | None

    @classmethod
    def class_name(cls) -> str:
        """Return the name of this event in traces."""
        return "CompressionEndEvent"

    @classmethod
    def of(cls, result: CompressionResult) -> Self:
        """Build the event of a result."""
        return cls(
            passages=len(result.passages),
            dropped_passages=len(result.dropped),
            original_tokens=result.original_tokens,
            compressed_tokens=result.compressed_tokens,
            rate=result.rate,
            seconds=sum(result.seconds.values()),
            method=result.method,
            model=result.model,
        )
