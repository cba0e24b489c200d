"""A query engine around any other: its answers come out recovered. How, `recover_response` decides."""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE
from llama_index.core.schema import NodeWithScore, QueryBundle

from lingua_shared import RecoveryOptions
from llamaindex_lingua.recovery import recover_response


class RecoveringQueryEngine(BaseQueryEngine):
    """Asks another query engine, and restores in its answer what compression damaged; see `recover_response`.

    The engine inside needs a `LinguaPostprocessor(add_provenance=True)`. Its source nodes, which come with the
    answer, say what was kept of them, so concurrent queries do not mix. It may be a router. Of a
    `SubQuestionQueryEngine` wrap the engines that answer the sub-questions: what the last answer is written from is
    their answers. A chat engine that asks a query engine, such as `CondenseQuestionChatEngine`, can ask this one; for
    others, call `recover_response` on what they return.

    Example:
        >>> from llama_index.core import SummaryIndex
        >>> from llama_index.core.llms import MockLLM
        >>> engine = RecoveringQueryEngine(SummaryIndex([]).as_query_engine(llm=MockLLM()))
        >>> str(engine.query("Who lit the lamp?"))
        'Empty Response'
    """

    def __init__(
        self,
        query_engine: BaseQueryEngine,
        *,
        options: RecoveryOptions | None = None,
        recover_structured: bool = True,
    ) -> None:
        """Wrap a query engine.

        Args:
            query_engine: what answers; its streams are recovered as they come.
            options: what may be restored.
            recover_structured: recover the strings of answers that are pydantic objects.
        """
        super().__init__(callback_manager=query_engine.callback_manager)
        self._query_engine = query_engine
        self._options = options
        self._recover_structured = recover_structured

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Return what the engine inside retrieves."""
        return self._query_engine.retrieve(query_bundle)

    async def aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Do the same without blocking the event loop."""
        inside = getattr(self._query_engine, "aretrieve", None)  # not every query engine has it
        found = inside(query_bundle) if inside else asyncio.to_thread(self.retrieve, query_bundle)
        nodes: list[NodeWithScore] = await found
        return nodes

    def synthesize(
        self,
        query_bundle: QueryBundle,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
    ) -> RESPONSE_TYPE:
        """Answer from nodes, and recover the answer."""
        response = self._query_engine.synthesize(query_bundle, nodes, additional_source_nodes)
        return self._recovered(response, query_bundle)

    async def asynthesize(
        self,
        query_bundle: QueryBundle,
        nodes: list[NodeWithScore],
        additional_source_nodes: Sequence[NodeWithScore] | None = None,
    ) -> RESPONSE_TYPE:
        """Do the same without blocking the event loop."""
        response = await self._query_engine.asynthesize(query_bundle, nodes, additional_source_nodes)
        return await asyncio.to_thread(self._recovered, response, query_bundle)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._recovered(self._query_engine.query(query_bundle), query_bundle)

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        response = await self._query_engine.aquery(query_bundle)
        return await asyncio.to_thread(self._recovered, response, query_bundle)

    def _recovered(self, response: RESPONSE_TYPE, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return recover_response(
            response,
            question=query_bundle.query_str,
            options=self._options,
            recover_structured=self._recover_structured,
        )

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {"query_engine": self._query_engine}
