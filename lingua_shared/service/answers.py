"""Restores answers of a language model in the form of OpenAI's API: whole ones, and streams of events.

Only text is changed. Calls of tools, refusals and all other fields stay as they are; so do bytes in which there is
nothing to restore.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lingua_shared.recovery.recoverer import Recoverer
from lingua_shared.recovery.stream import RecoveringStream

FIELD = "lingua"
"""Field that is added to the last event of a streamed choice: `{"replacements": 1}`."""

_DATA = b"data:"
_END = b"[DONE]"


def recover_completion(answer: Mapping[str, Any], recoverer: Recoverer) -> int:
    """Restore the texts of a whole answer where they stand; return how many places were changed.

    Args:
        answer: as the upstream server returned it; changed.
        recoverer: of the messages that the model read.
    """
    messages = [choice.get("message") for choice in _choices(answer)]
    return sum(_recover_message(message, recoverer) for message in messages if isinstance(message, dict))


def _recover_message(message: dict[str, Any], recoverer: Recoverer) -> int:
    content = message.get("content")
    holders = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    places = [(message, "content")] if isinstance(content, str) else [(part, "text") for part in holders]
    count = 0
    for holder, name in places:
        if isinstance(holder.get(name), str):
            made = recoverer.recover(holder[name])
            holder[name] = made.text
            count += len(made.replacements)
    return count


class RecoveredEvents:
    """A stream of server-sent events, restored while it passes. One for each answer, in one thread.

    A word or two are held back while they may still become part of a replacement; they come with a later event of the
    same choice, at the latest with its last one or before a call of a tool.
    """

    def __init__(self, recoverer: Recoverer) -> None:
        """Begin an answer."""
        self.replacements = 0
        self._recoverer = recoverer
        self._texts: dict[Any, RecoveringStream] = {}
        self._last: dict[str, Any] = {}
        self._line = b""

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes of the stream, cut anywhere, and return those that are certain now."""
        *lines, self._line = (self._line + chunk).split(b"\n")
        return b"".join(self._read(line + b"\n") for line in lines)

    def finish(self) -> bytes:
        """End the stream, and return the rest of it."""
        line, self._line = self._line, b""
        return (self._read(line) if line else b"") + self._rest()

    def _read(self, line: bytes) -> bytes:
        data = line[len(_DATA) :].strip() if line.startswith(_DATA) else b""
        if data == _END:
            return self._rest() + line
        event = _event(data) if data else None
        if event is None:
            return line
        self._last = {name: value for name, value in event.items() if name not in ("choices", "usage")}
        changed = [self._change(choice, event) for choice in _choices(event)]
        return _written(event, line[len(line.rstrip()) :]) if any(changed) else line

    def _change(self, choice: dict[str, Any], event: dict[str, Any]) -> bool:
        """Restore the text of a choice in an event; return whether the event is another one now."""
        delta, is_last = choice.get("delta"), bool(choice.get("finish_reason"))
        delta = {} if delta is None and is_last else delta
        if not isinstance(delta, dict):
            return False
        index, before = choice.get("index"), delta.get("content")
        before = before if isinstance(before, str) else ""
        if before and index not in self._texts:
            self._texts[index] = self._recoverer.stream()
        text = self._texts[index].feed(before) if before else ""
        if is_last or delta.get("tool_calls"):
            text += self._ended(index)
        if is_last:
            event[FIELD] = {"replacements": self.replacements}
        if text or before:
            choice["delta"] = {**delta, "content": text}
        return is_last or text != before

    def _ended(self, index: Any) -> str:
        stream = self._texts.pop(index, None)
        if stream is None:
            return ""
        text = stream.finish()
        self.replacements += len(stream.replacements)
        return text

    def _rest(self) -> bytes:
        """Return what is held back of choices that have no last event."""
        parts = [(index, self._ended(index)) for index in tuple(self._texts)]
        choices = [{"index": i, "delta": {"content": text}, "finish_reason": None} for i, text in parts if text]
        return _written({**self._last, "choices": choices}, b"\n\n") if choices else b""


def _event(data: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _choices(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    choices = answer.get("choices")
    yield from (choice for choice in (choices if isinstance(choices, list) else ()) if isinstance(choice, dict))


def _written(event: Mapping[str, Any], end: bytes) -> bytes:
    return _DATA + b" " + json.dumps(event).encode() + end
