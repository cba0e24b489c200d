"""An edit for the `ContextEditingMiddleware` of LangChain: shortens older tool results in place of clearing them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, ToolMessage

from langchain_lingua.tool_results import EXPAND, ToolResults
from lingua_shared.agents.once import MIN_TOKENS
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError, short
from lingua_shared.options import CompressionOptions

_MARK = "context_editing"  # where the stock edits say what they did, in the metadata of a message
_DONE = {"compressed": True, "strategy": "lingua"}


class LinguaContextEdit:
    """Shortens older results of tools when the history of an agent is longer than `trigger` tokens.

    This rewrites history, and that has a price: the first time, the provider's cache of prompts misses from the oldest
    shortened result on, and later in each turn from the result that just became older than `keep`. A cached token
    often costs a tenth of another, so shortening results when they are produced (`LinguaToolOutputMiddleware`) is
    cheaper where it can be done; this edit is for agents whose history must fit a window.

    Each result stays behind its call, with its id. It is shortened for that call, always to the same bytes; a second
    pass changes nothing. The whole text is kept in a store, and the tool in `tools`, which the agent needs, returns it
    byte for byte. The middleware edits a copy: the state of the agent keeps its messages. Where the agent runs
    asynchronously, the middleware calls the edit in the event loop, which waits while a model reads.

    Example:
        >>> edit = LinguaContextEdit(trigger=50_000, keep=5)
        >>> [tool.name for tool in edit.tools]
        ['expand']
    """

    def __init__(
        self,
        *,
        trigger: int = 100_000,
        keep: int = 3,
        exclude_tools: Collection[str] = (),
        compressor: PromptCompressor | None = None,
        options: CompressionOptions | None = None,
        min_tokens: int = MIN_TOKENS,
        store: Any = None,
    ) -> None:
        """Load no model.

        Args:
            trigger: tokens of the history, as the middleware counts them, above which results are shortened.
            keep: number of the newest results that stay whole.
            exclude_tools: names of tools whose results stay whole.
            compressor: an engine to share; None builds one.
            options: how much to keep, and how; None keeps 0.35 of the tokens.
            min_tokens: results with fewer tokens stay as they are.
            store: where whole results are kept: None (in memory), `SqliteOriginals`, or any `BaseStore` of LangChain
                or LangGraph.

        Raises:
            InvalidInputError: `keep`, `trigger` or `min_tokens` is no whole number of at least 0.
            InvalidTypeError: the store is none of these.
        """
        for name, value in (("trigger", trigger), ("keep", keep), ("min_tokens", min_tokens)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                msg = f"{name} is {short(value)}; give a whole number of at least 0"
                raise InvalidInputError(msg)
        self._trigger = trigger
        self._keep = keep
        self._exclude = frozenset({*exclude_tools, EXPAND})
        self._results = ToolResults(compressor, options, min_tokens, store)
        self.tools = [self._results.expand_tool()]

    def apply(self, messages: list[AnyMessage], *, count_tokens: Callable[[Sequence[BaseMessage]], int]) -> None:
        """Shorten older results in a list of messages, in place; the messages themselves are not changed.

        Args:
            messages: the history.
            count_tokens: counts the tokens of messages.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        if count_tokens(messages) <= self._trigger:
            return
        calls: dict[str, Mapping[str, Any]] = {}
        for place, message, is_old in self._with_age(messages):
            if isinstance(message, AIMessage):
                calls |= {str(call["id"]): call for call in message.tool_calls}
            elif isinstance(message, ToolMessage) and is_old and message.tool_call_id in calls:
                messages[place] = self._shortened(message, calls[message.tool_call_id])

    def _with_age(self, messages: Sequence[AnyMessage]) -> list[tuple[int, AnyMessage, bool]]:
        """Return each message with its place, and whether at least `keep` results are newer."""
        results = [place for place, message in enumerate(messages) if isinstance(message, ToolMessage)]
        old = set(results[: max(0, len(results) - self._keep)])
        return [(place, message, place in old) for place, message in enumerate(messages)]

    def _shortened(self, message: ToolMessage, call: Mapping[str, Any]) -> ToolMessage:
        metadata = message.response_metadata
        if call["name"] in self._exclude or metadata.get(_MARK):
            return message
        made = self._results.shortened(message, call)
        if made is message:
            return message
        return made.model_copy(update={"response_metadata": {**metadata, _MARK: _DONE}})
