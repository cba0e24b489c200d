"""A query engine that asks another one and recovers its answers with `recover_response`."""

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE
from llama_index.core.schema import NodeWithScore, QueryBundle

from lingua_shared import InvalidTypeError, RecoveryOptions
from lingua_shared.adapters.provenance import PROVENANCE_KEY
from llamaindex_lingua.recovery import recover_response


class RecoveringQueryEngine(BaseQueryEngine):
    """Asks another query engine and restores in its answer what compression dropped; see `recover_response`.

    The inner engine needs a `LinguaPostprocessor(add_provenance=True)`. Its source nodes, which come with the answer,
    say what was kept of them, so that concurrent queries do not mix. It may be a router. For a
    `SubQuestionQueryEngine`, wrap the engines that answer the sub-questions, because its last answer is written from
    their answers. A chat engine that asks a query engine, such as `CondenseQuestionChatEngine`, can ask this one; for
    other chat engines, call `recover_response` on what they return.

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
        provenance_key: str = PROVENANCE_KEY,
    ) -> None:
        """Wrap a query engine.

        Args:
            query_engine: the engine that answers; its streams are recovered as they come in.
            options: what may be restored.
            recover_structured: recover the strings of answers that are pydantic objects.
            provenance_key: metadata key of the provenance, as in the postprocessor.

        Raises:
            InvalidTypeError: this is no query engine.
        """
        if not isinstance(query_engine, BaseQueryEngine):
            msg = f"query_engine is of type {type(query_engine).__name__}; give a query engine of LlamaIndex"
            raise InvalidTypeError(msg)
        super().__init__(callback_manager=query_engine.callback_manager)
        self._query_engine = query_engine
        self._options = options
        self._recover_structured = recover_structured
        self._provenance_key = provenance_key

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Return what the inner engine retrieves."""
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
        """Answer from nodes and recover the answer."""
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
            provenance_key=self._provenance_key,
        )

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {"query_engine": self._query_engine}
