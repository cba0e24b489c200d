"""A block of an agent's memory that is shortened where it does not fit, in place of being dropped."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from llama_index.core.bridge.pydantic import ConfigDict, Field, PrivateAttr
from llama_index.core.llms import ChatMessage
from llama_index.core.memory import BaseMemoryBlock
from llama_index.core.utils import get_tokenizer

from lingua_shared.agents.chat import last_question
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions
from lingua_shared.text.token_counting import make_counter

_BETWEEN = "\n\n"


class LinguaMemoryBlock(BaseMemoryBlock[str]):
    """Keeps the messages that no longer fit the short-term memory, as a text with a line for each speaker.

    Where the memory exceeds its limit, `Memory` asks its blocks to become shorter. This one keeps what answers the
    newest message of the user; without one, the newest lines. What it was told stays whole inside of it, so another
    question finds other parts.

    Example:
        >>> from llama_index.core.memory import Memory
        >>> memory = Memory.from_defaults(token_limit=4000, memory_blocks=[LinguaMemoryBlock()])
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = Field(default="earlier", description="The name of the memory block.")
    priority: int = Field(default=1, description="Blocks with a higher number are shortened later; 0 is never.")
    options: CompressionOptions | None = Field(
        default=None, description="How texts are shortened, without rate and target_tokens; None is the default way."
    )
    compressor: PromptCompressor = Field(
        default_factory=PromptCompressor, exclude=True, repr=False, description="An engine to share."
    )
    _entries: list[str] = PrivateAttr(default_factory=list)
    _question: str = PrivateAttr(default="")

    async def _aget(self, messages: list[ChatMessage] | None = None, **_block_kwargs: Any) -> str:
        """Return all that was put in."""
        users = [message for message in messages or () if message.role.value == "user" and message.content]
        if users:
            self._question = last_question(str(users[-1].content))
        return _BETWEEN.join(self._entries)

    async def _aput(self, messages: list[ChatMessage]) -> None:
        """Add messages."""
        for message in messages:
            if message.content:
                self._entries.append(f"{message.role.value}: {message.content}")

    async def atruncate(self, content: str, tokens_to_truncate: int) -> str | None:
        """Return what is left when this many tokens are taken away; None where that is nothing.

        Args:
            content: what the block returned before.
            tokens_to_truncate: how many tokens less it shall have, counted as LlamaIndex does.

        Raises:
            LinguaError: all that `PromptCompressor.compress` raises.
        """
        tokenize = get_tokenizer()
        room = len(tokenize(content)) - tokens_to_truncate
        if room <= 0:
            return None
        if tokens_to_truncate <= 0:
            return content
        entries = self._entries if content == _BETWEEN.join(self._entries) else [content]
        if not self._question:
            return _newest(entries, room, make_counter(tokenize)) or None
        return await asyncio.to_thread(self._shortened, entries, room, tokenize)

    def _shortened(self, entries: Sequence[str], room: int, tokenize: Callable[[str], list[Any]]) -> str | None:
        said = {"rate": None, "target_tokens": room, "order": "original", "tokenizer": tokenize, "separator": _BETWEEN}
        options = (self.options or CompressionOptions()).model_copy(update=said)
        return self.compressor.compress(entries, question=self._question, options=options).text or None


def _newest(entries: Sequence[str], room: int, count: Callable[[str], int]) -> str:
    """Return the newest entries that fit."""
    kept: list[str] = []
    for entry in reversed(entries):
        if count(_BETWEEN.join([entry, *kept])) > room:
            break
        kept.insert(0, entry)
    return _BETWEEN.join(kept)
