"""A middleware for LangChain agents: what a tool returns is shortened once, when it is returned. Needs `langchain`."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain_core.messages import ToolMessage
from langgraph.types import Command

from langchain_lingua.tool_results import EXPAND, ToolResults
from lingua_shared.agents.once import MIN_TOKENS
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions


class LinguaToolOutputMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Shortens long results of tools to what the call of the tool asks for.

    A result is shortened when the tool returns it, and never changed again, so the messages of the agent keep their
    bytes and the provider's cache of prompts still holds them. The whole result is kept in a store, and the tool
    `expand`, which the agent gets, returns it byte for byte. Errors of tools, images and artifacts stay as they are.

    Example:
        >>> middleware = LinguaToolOutputMiddleware(options=CompressionOptions(rate=0.3), exclude=("read_file",))
        >>> [tool.name for tool in middleware.tools]
        ['expand']
    """

    def __init__(
        self,
        *,
        compressor: PromptCompressor | None = None,
        options: CompressionOptions | None = None,
        min_tokens: int = MIN_TOKENS,
        store: Any = None,
        exclude: Collection[str] = (),
    ) -> None:
        """Load no model.

        Args:
            compressor: an engine to share; None builds one.
            options: how much to keep, and how; None keeps 0.35 of the tokens.
            min_tokens: results with fewer tokens stay as they are.
            store: where whole results are kept: None (in memory), `SqliteOriginals`, or any `BaseStore` of LangChain
                or LangGraph.
            exclude: names of tools whose results stay as they are.

        Raises:
            InvalidTypeError: the store is none of these.
        """
        super().__init__()
        self._results = ToolResults(compressor, options, min_tokens, store)
        self._exclude = frozenset({*exclude, EXPAND})
        self.tools = [self._results.expand_tool()]

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]]
    ) -> ToolMessage | Command[Any]:
        """Run a tool and shorten what it returns.

        Args:
            request: the call.
            handler: runs the tool.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        return self._shortened(handler(request), request)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
    ) -> ToolMessage | Command[Any]:
        """Do the same; the model reads in a thread."""
        result = await handler(request)
        return await asyncio.to_thread(self._shortened, result, request)

    def _shortened(self, result: ToolMessage | Command[Any], request: ToolCallRequest) -> ToolMessage | Command[Any]:
        call = request.tool_call
        if call["name"] in self._exclude:
            return result
        if isinstance(result, ToolMessage):
            return self._results.shortened(result, call)
        update = result.update
        if not isinstance(update, dict) or not isinstance(update.get("messages"), list):
            return result
        messages = [self._results.shortened(one, call) if _is_of(one, call) else one for one in update["messages"]]
        return replace(result, update={**update, "messages": messages})


def _is_of(message: object, call: Any) -> bool:
    return isinstance(message, ToolMessage) and message.tool_call_id == call["id"]
