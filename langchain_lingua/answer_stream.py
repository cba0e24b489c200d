"""Recovery of an answer of a LangChain chain while it streams.

Text is returned as soon as it is certain; tool calls and structured answers are returned whole, at the end.
"""

from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage

from langchain_lingua.answers import is_text, recover_block, recovered
from lingua_shared import Recoverer
from lingua_shared.recovery.structured import Path, plain

_TEXT_OF_MESSAGE: Path = ("content",)


class AnswerStream:
    """Recovers the chunks of one answer. The output adds up to what `recovered` returns for the whole answer."""

    def __init__(self, recoverer: Recoverer, *, structured: bool) -> None:
        """Begin an answer.

        Args:
            recoverer: knows the documents.
            structured: whether to recover tool calls and structured answers.
        """
        self._recoverer = recoverer
        self._structured = structured
        self._begin_text((), None)
        self._places: dict[Any, int] = {}  # position of each block in the content of a message
        self._calls = AIMessageChunk(content="")  # tool calls, held back until the end
        self._last: Any = None  # last chunk of a text or message; for other answers, the sum of all chunks
        self._is_empty = True  # whether no text was returned yet
        self.replacements: list[dict[str, Any]] = []
        """The replacements so far, as plain values."""

    def feed(self, chunk: Any) -> list[Any]:
        """Take the next chunk of the answer; return the output that is certain now."""
        if isinstance(chunk, AIMessageChunk):
            self._last = chunk
            return self._feed_message(chunk)
        if isinstance(chunk, str):
            self._last = chunk
            text = self._stream.feed(chunk)
            self._is_empty = self._is_empty and not text
            return [text] if text else []
        self._last = _added(self._last, chunk)
        return []

    def finish(self) -> list[Any]:
        """End the answer; return the rest of it."""
        if isinstance(self._last, AIMessageChunk):
            return [*self._end_text(), self._end_message(self._last)]
        if isinstance(self._last, str):
            rest = self._stream.finish()
            self.replacements += plain(self._stream.replacements)
            return [rest] if rest or self._is_empty else []
        answer, made = recovered(self._last, self._recoverer.recover, structured=self._structured)
        self.replacements += made
        return [answer]

    def _feed_message(self, chunk: AIMessageChunk) -> list[AIMessageChunk]:
        update: dict[str, Any] = {"chunk_position": None}
        if self._structured and chunk.tool_call_chunks:
            self._calls += AIMessageChunk(content="", tool_call_chunks=chunk.tool_call_chunks)
            update |= {"tool_call_chunks": [], "tool_calls": [], "invalid_tool_calls": []}
        if isinstance(chunk.content, list):
            blocks = [out for block in chunk.content for out in self._feed_block(block)]
            return [*blocks, chunk.model_copy(update={**update, "content": []})]
        ended = self._turn_to(_TEXT_OF_MESSAGE, None) if chunk.content else []
        text = self._stream.feed(chunk.content)
        return [*ended, chunk.model_copy(update={**update, "content": text})]

    def _feed_block(self, block: Any) -> list[AIMessageChunk]:
        """Return the text held back of the block before, and this block.

        A text block with an index continues in the next chunk with that index; every other block is complete.
        """
        index = block.get("index") if isinstance(block, dict) else None
        key = ("without index", len(self._places)) if index is None else ("index", index)
        path: Path = ("content", self._places.setdefault(key, len(self._places)))
        if index is not None and is_text(block):
            ended = self._turn_to((*path, "text"), index)
            return [*ended, self._chunk([{**block, "text": self._stream.feed(block["text"])}])]
        ended = self._end_text()
        whole, made = recover_block(block, self._recoverer.recover, path)
        self.replacements += made
        return [*ended, self._chunk([whole])]

    def _turn_to(self, path: Path, index: Any) -> list[AIMessageChunk]:
        """Begin the text at this path; return what was held back of the text before, if this is another one."""
        if path == self._path:
            return []
        ended = self._end_text()
        self._begin_text(path, index)
        return ended

    def _begin_text(self, path: Path, index: Any) -> None:
        self._path, self._index, self._stream = path, index, self._recoverer.stream()

    def _end_text(self) -> list[AIMessageChunk]:
        rest = self._stream.finish()
        self.replacements += plain(self._stream.replacements, self._path)
        content = rest if self._path == _TEXT_OF_MESSAGE else [{"type": "text", "text": rest, "index": self._index}]
        self._begin_text((), None)
        return [self._chunk(content)] if rest else []

    def _chunk(self, content: Any) -> AIMessageChunk:
        return AIMessageChunk(content=content, id=self._last.id)

    def _end_message(self, last: AIMessageChunk) -> AIMessageChunk:
        calls, made = recovered(self._calls, self._recoverer.recover, structured=self._structured)
        self.replacements += made
        content: Any = "" if isinstance(last.content, str) else []
        end: AIMessageChunk = calls.model_copy(update={"content": content, "id": last.id, "chunk_position": "last"})
        return end


def _added(so_far: Any, chunk: Any) -> Any:
    """Add up chunks as runnables do: a chunk that cannot be added replaces those before.

    A list that contains the one before replaces it too, because parsers return the list as far as they have read it.
    """
    if so_far is None or isinstance(chunk, BaseMessage) or _goes_on(so_far, chunk):
        return chunk
    try:
        return so_far + chunk
    except TypeError:
        return chunk


def _goes_on(before: Any, now: Any) -> bool:
    """Whether a list contains an earlier one, whose last element may have grown."""
    if not (isinstance(before, list) and isinstance(now, list) and len(before) <= len(now)):
        return False
    last = len(before) - 1
    return not before or (before[:last] == now[:last] and _has_grown(before[last], now[last]))


def _has_grown(before: Any, now: Any) -> bool:
    if isinstance(before, str) and isinstance(now, str):
        return now.startswith(before)
    if isinstance(before, dict) and isinstance(now, dict):
        return all(key in now and _has_grown(value, now[key]) for key, value in before.items())
    return bool(before == now) or _goes_on(before, now)
