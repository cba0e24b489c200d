"""Lingua for Pydantic AI: a history processor that shortens long results of tools and long context of the user."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from lingua_shared.adapters.framework import missing_framework
from lingua_shared.agents.chat import ChatRules, shorten_chat
from lingua_shared.agents.once import MIN_TOKENS, OnceCompressor, Pointer, is_text
from lingua_shared.agents.originals import Originals
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions

try:
    from pydantic_ai.messages import ModelMessage, ModelRequest, ToolCallPart, ToolReturnPart, UserPromptPart
except ImportError as error:
    raise missing_framework(__name__, distribution="pydantic-ai-slim", extra="pydantic-ai") from error

EXPAND = "expand"
"""Name of the tool that returns whole texts."""

_OTHER = {"role": "assistant", "content": ""}  # stands for a part that stays as it is
_UNKNOWN = "There is no text of this key, or no longer. Call the tool again that returned it."


class LinguaHistory:
    """Shortens long texts in the messages of an agent, each once, before they are sent to the model.

    Hand it to `Agent(capabilities=[ProcessHistory(history)])`, and `history.expand` to its tools, so that the model can
    ask for a whole text. A result of a tool is shortened to what its call asks for. In a long prompt of the user the
    last paragraph is the question, and the context above it is shortened. Each text depends on itself and on what
    stands before it only, so messages that were sent keep their bytes, and the provider's cache of prompts still holds
    them. Calls and results stay paired; instructions, answers, errors of tools, images, and results that are no strings
    stay as they are.

    The agent's own history holds the shortened texts from then on; the whole ones are in the store.

    Example:
        >>> history = LinguaHistory(options=CompressionOptions(rate=0.3))
        >>> history.shorten([ModelRequest(parts=[UserPromptPart("Short enough.")])])[0].parts[0].content
        'Short enough.'
    """

    def __init__(
        self,
        *,
        compressor: PromptCompressor | None = None,
        options: CompressionOptions | None = None,
        min_tokens: int = MIN_TOKENS,
        originals: Originals | None = None,
        exclude_tools: Collection[str] = (),
    ) -> None:
        """Load no model.

        Args:
            compressor: an engine to share; None builds one.
            options: how much to keep, and how; None keeps 0.35 of the tokens.
            min_tokens: texts with fewer tokens stay as they are.
            originals: where whole texts are kept, such as `SqliteOriginals(path)`; None keeps them in memory.
            exclude_tools: names of tools whose results stay whole.
        """
        self._once = OnceCompressor(compressor or PromptCompressor(), originals, options=options, min_tokens=min_tokens)
        self._exclude = frozenset({*exclude_tools, EXPAND})

    async def __call__(self, messages: list[ModelMessage]) -> list[ModelMessage]:
        """Return the messages with long texts shortened; the model reads in a thread.

        Args:
            messages: the history, as Pydantic AI hands it in; not changed.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        return await asyncio.to_thread(self.shorten, messages)

    def shorten(self, messages: Sequence[ModelMessage]) -> list[ModelMessage]:
        """Do the same, at once."""
        asked = [self._plain(part) for message in messages for part in message.parts]
        made = iter(shorten_chat(asked, self._once, ChatRules(pointer=Pointer(EXPAND))).messages)
        return [_with_contents(message, [next(made)["content"] for _ in message.parts]) for message in messages]

    def expand(self, key: str) -> str:
        """Return the whole text of what was shortened, where what you need is missing.

        Args:
            key: the key in the marker at the end of the shortened text.
        """
        text = self._once.expand(key)
        return _UNKNOWN if text is None else text

    def _plain(self, part: Any) -> dict[str, Any]:
        """Return a part as a message of OpenAI's form, with the texts that may be shortened."""
        if isinstance(part, ToolCallPart):
            function = {"name": part.tool_name, "arguments": part.args or ""}
            return {**_OTHER, "tool_calls": [{"id": part.tool_call_id, "function": function}]}
        if isinstance(part, UserPromptPart):
            items = [part.content] if isinstance(part.content, str) else part.content
            return {"role": "user", "content": [item for item in items if _can_be_read(item)]}
        is_result = isinstance(part, ToolReturnPart) and part.outcome == "success" and _can_be_read(part.content)
        if is_result and part.tool_name not in self._exclude:
            return {"role": "tool", "tool_call_id": part.tool_call_id, "content": [part.content]}
        return _OTHER


def _can_be_read(item: object) -> bool:
    return isinstance(item, str) and is_text(item)


def _with_contents(message: ModelMessage, contents: Sequence[Any]) -> ModelMessage:
    """Return a message with other texts in its parts; itself where they are the same."""
    if not isinstance(message, ModelRequest):
        return message
    parts = [_with_texts(part, texts) for part, texts in zip(message.parts, contents, strict=True)]
    is_same = all(new is old for new, old in zip(parts, message.parts, strict=True))
    return message if is_same else replace(message, parts=parts)


def _with_texts(part: Any, texts: Any) -> Any:
    if not isinstance(texts, list):
        return part
    rest = iter(texts)
    if isinstance(part.content, str):
        content: Any = next(rest, part.content)
    else:
        content = [next(rest) if _can_be_read(item) else item for item in part.content]
    return part if content == part.content else replace(part, content=content)
