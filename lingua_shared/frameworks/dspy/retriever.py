"""A retriever for programs of DSPy whose passages come back shortened."""

import asyncio
from collections.abc import Callable
from typing import Any

import dspy

from lingua_shared.frameworks.dspy.compressor import LinguaCompressor


class LinguaRetriever(dspy.Module):  # type: ignore[misc]  # DSPy has no types
    """A retriever whose passages come back shortened for the query.

    Example:
        >>> retrieve = LinguaRetriever(lambda query: ["Short enough."], LinguaCompressor(target_tokens=300))
        >>> retrieve("Is it short?").passages
        ['Short enough.']
    """

    def __init__(self, retriever: Callable[..., Any], compressor: LinguaCompressor) -> None:
        """Wrap a retriever.

        Args:
            retriever: called with the query: `dspy.Retrieve`, `dspy.retrievers.Embeddings`, or what returns a list of
                strings or a prediction with `passages`.
            compressor: shortens.
        """
        super().__init__()
        self.retriever = retriever
        self.compressor = compressor

    def forward(self, query: str, **settings: Any) -> Any:
        """Retrieve and shorten.

        Args:
            query: the question.
            **settings: are handed to the retriever.

        Returns:
            A `dspy.Prediction` as the retriever returned it, with shorter `passages`. A list with one value for each
            passage, such as `indices`, keeps the values of those that are left.

        Raises:
            LinguaError: all that `LinguaCompressor` raises.
        """
        found = self.retriever(query, **settings)
        return _with_passages(found, self.compressor(question=query, passages=_passages(found)))

    async def aforward(self, query: str, **settings: Any) -> Any:
        """Do the same; the retriever is awaited where it can be."""
        awaited = getattr(self.retriever, "acall", None)
        if awaited is None:
            found = await asyncio.to_thread(self.retriever, query, **settings)
        else:
            found = await awaited(query, **settings)
        return _with_passages(found, await self.compressor.acall(question=query, passages=_passages(found)))


def _passages(found: Any) -> Any:
    return found.passages if isinstance(found, dspy.Prediction) else found


def _with_passages(found: Any, kept: Any) -> Any:
    """Return what a retriever found with other passages, and the values of theirs in each list beside them."""
    fields = dict(found.items()) if isinstance(found, dspy.Prediction) else {}
    count = len(_passages(found))
    beside = {
        name: [value[place] for place in kept.indices] if isinstance(value, list) and len(value) == count else value
        for name, value in fields.items()
    }
    return dspy.Prediction(**{**beside, "passages": kept.passages})
