"""A compactor for agents of Haystack: shortens older results of tools where the history fills its window."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from itertools import groupby
from typing import Any

from haystack import default_to_dict
from haystack.dataclasses import ChatMessage, TextContent, ToolCall
from haystack.hooks.compaction.types import Compactor
from haystack.token_counters import TokenCounter

from lingua_shared.adapters.options import EngineOptions
from lingua_shared.agents.once import DEFAULT_RATE, MIN_TOKENS, OnceCompressor, Pointer, is_text, question_of_call
from lingua_shared.agents.originals import MemoryOriginals, SqliteOriginals
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError, short
from lingua_shared.frameworks.haystack.expanding import EXPAND, ExpandTool

_MARK = "context_compaction"  # where Haystack's compactors say what they did, in the metadata of a message
_AMOUNTS = ("rate", "target_tokens", "keep_answer")


class LinguaCompactor(Compactor):
    """Shortens older results of tools, oldest first, until the history of an agent is small enough.

    For Haystack's `CompactionHook`. Each result is shortened to what its call asks for, stays behind its call, and is
    not changed again. The whole text is kept in a store, and the tool in `tools`, which the agent needs, returns it.
    Results of the newest steps, errors, images and files stay as they are.

    All options of models and compression are set by name; where no amount is set, 0.35 of the tokens of a result stay.

    Example:
        >>> compactor = LinguaCompactor(rate=0.3, min_keep_steps=2)
        >>> [tool.name for tool in compactor.tools]
        ['expand']
    """

    def __init__(
        self,
        *,
        min_keep_steps: int = 1,
        min_tokens: int = MIN_TOKENS,
        exclude_tools: Collection[str] = (),
        originals_file: str | None = None,
        compressor: PromptCompressor | None = None,
        **options: Any,
    ) -> None:
        """Load no model.

        Args:
            min_keep_steps: number of the newest steps with calls of tools whose results stay whole.
            min_tokens: results with fewer tokens stay as they are.
            exclude_tools: names of tools whose results stay whole.
            originals_file: where whole results are kept, a file that processes can share; None keeps them in memory.
            compressor: an engine to share, with its models; None builds one. It is not written to YAML.
            **options: those of `ModelOptions` and `CompressionOptions`.

        Raises:
            InvalidInputError: `min_keep_steps` or `min_tokens` is no whole number of at least 0.
            OptionsError: an option is unknown or has a value that is not allowed.
        """
        self._set = {"min_keep_steps": min_keep_steps, "min_tokens": min_tokens}
        for name, value in self._set.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                msg = f"{name} is {short(value)}; give a whole number of at least 0"
                raise InvalidInputError(msg)
        no_amount = all(options.get(name) is None for name in _AMOUNTS)
        said = {**options, "rate": DEFAULT_RATE} if no_amount else options
        self._options = EngineOptions(compressor=compressor, **said)
        self._exclude = frozenset({*exclude_tools, EXPAND})
        self._file = originals_file
        originals = MemoryOriginals() if originals_file is None else SqliteOriginals(originals_file)
        chosen = self._options.compression_options()
        self._once = OnceCompressor(self._options.engine(), originals, options=chosen, min_tokens=min_tokens)
        self.tools = [ExpandTool(originals, originals_file)]

    def to_dict(self) -> dict[str, Any]:
        """Return what was set, as Haystack writes it to YAML.

        Raises:
            OptionsError: an option cannot be written, such as a tokenizer that is an object.
        """
        said = self._options.model_dump(mode="json", exclude_defaults=True)
        excluded = sorted(self._exclude - {EXPAND})
        return default_to_dict(self, **self._set, exclude_tools=excluded, originals_file=self._file, **said)

    def compact(
        self, messages: list[ChatMessage], target_tokens: int, token_counter: TokenCounter
    ) -> list[ChatMessage] | None:
        """Return the history with shorter results of tools; None where nothing can be made shorter.

        Args:
            messages: the history, oldest first; not changed.
            target_tokens: stop where the history has no more tokens than this.
            token_counter: counts them.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        left, made = token_counter.count(messages), list(messages)
        for place in self._old_results(messages):
            if left <= target_tokens:
                break
            shorter = self._shortened(messages[place])
            saved = token_counter.count([messages[place]]) - token_counter.count([shorter])
            if saved > 0:
                made[place] = shorter
                left -= saved
        return None if all(new is old for new, old in zip(made, messages, strict=True)) else made

    async def compact_async(
        self, messages: list[ChatMessage], target_tokens: int, token_counter: TokenCounter
    ) -> list[ChatMessage] | None:
        """Do the same; the model reads in a thread."""
        return await asyncio.to_thread(self.compact, messages, target_tokens, token_counter)

    def _old_results(self, messages: list[ChatMessage]) -> list[int]:
        """Return the places of results of tools, without those of the newest steps."""
        grouped = groupby(range(len(messages)), key=lambda place: messages[place].tool_call_result is not None)
        steps = [list(places) for are_results, places in grouped if are_results]
        return [place for step in steps[: max(0, len(steps) - self._set["min_keep_steps"])] for place in step]

    def _shortened(self, message: ChatMessage) -> ChatMessage:
        result = message.tool_call_result
        if result is None or result.error or _MARK in message.meta or result.origin.tool_name in self._exclude:
            return message
        parts, call = result.result, result.origin
        if isinstance(parts, str):
            new: Any = self._text(parts, call)
        else:
            new = [
                replace(one, text=self._text(one.text, call)) if isinstance(one, TextContent) else one for one in parts
            ]
        if new == parts:
            return message
        meta = {**message.meta, _MARK: {"strategy": "lingua"}}
        return ChatMessage.from_tool(new, origin=call, error=result.error, meta=meta)

    def _text(self, text: str, call: ToolCall) -> str:
        question = question_of_call(call.tool_name, call.arguments)
        return self._once.shorten(text, question=question, pointer=Pointer(EXPAND)).text if is_text(text) else text
