"""Reads the messages of a chat in any common form, and writes them with shorter texts.

Forms: dictionaries as the API of OpenAI takes them, objects of its client, messages of LangChain (`BaseMessage`) and of
LlamaIndex (`ChatMessage`). They are told apart by their attributes; no framework is imported. What is handed in is
never changed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lingua_shared.errors import InvalidTypeError
from lingua_shared.inputs import check_text

_ROLES = {"human": "user", "ai": "assistant", "chatbot": "assistant", "model": "assistant", "function": "tool"}
_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
_MEDIA = ("image", "audio", "video", "file", "document")
_CALL_TYPES = frozenset({"tool_use", "tool_call", "function_call"})
_CHUNK = "messagechunk"


@dataclass(frozen=True)
class Message:
    """One message of a chat.

    Attributes:
        original: what was handed in.
        role: "system", "developer", "user", "assistant", "tool" or another name.
        texts: its texts, which may be shortened.
        places: where each text is among the parts of the content.
        fixed: what else counts and never changes: name, tool calls, ids, parts that are no text.
        has_media: whether it has images or the like, whose tokens nobody can count here.
    """

    original: Any
    role: str
    texts: tuple[str, ...]
    places: tuple[int, ...]
    fixed: tuple[str, ...]
    has_media: bool

    def with_texts(self, texts: Sequence[str]) -> Any:
        """Return the message, in its form, with other texts; itself where they are the same."""
        if tuple(texts) == self.texts:
            return self.original
        key = _content_key(self.original)
        content, rest = _get(self.original, key), iter(texts)
        new = next(rest) if isinstance(content, str) else [_with_text(part, rest) for part in content]
        if isinstance(self.original, Mapping):
            return {**self.original, key: new}
        return self.original.model_copy(update={key: new})


def as_messages(messages: Any) -> list[Message]:
    """Return the messages of a chat.

    Raises:
        InvalidTypeError: this is no list of messages in a known form.
    """
    if isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Sequence):
        msg = f"messages is of type {type(messages).__name__}; give a list of messages"
        raise InvalidTypeError(msg)
    return [_as_message(message, index) for index, message in enumerate(messages)]


def _as_message(message: Any, index: int) -> Message:
    role, key = _role(message), _content_key(message)
    content = _get(message, key)
    if role is None or not (content is None or isinstance(content, str | list | tuple)):
        msg = (
            f"message {index} is of type {type(message).__name__}, not in a known form; give dictionaries with role "
            "and content, messages of LangChain, or ChatMessage of LlamaIndex"
        )
        raise InvalidTypeError(msg)
    parts = [content] if isinstance(content, str) else list(content or ())
    found = {place: text for place, part in enumerate(parts) if (text := _text_of(part)) is not None}
    for text in found.values():
        check_text(text, f"message {index}")
    others = [_plain(part) for part in parts if _text_of(part) is None]
    calls = _tool_calls(message)
    fixed = [value for name in ("name", "tool_call_id") if isinstance(value := _get(message, name), str)]
    fixed += [_as_json(calls)] if calls else []
    fixed += [_as_json(part) for part in others if not _is_media(part) and not (calls and _kind(part) in _CALL_TYPES)]
    has_media = any(_is_media(part) for part in others)
    return Message(message, role, tuple(found.values()), tuple(found), tuple(fixed), has_media)


def _role(message: Any) -> str | None:
    """Return the role of a message in the words of OpenAI; None where it has none."""
    role = _get(message, "role")
    if role is None and hasattr(message, "model_copy"):
        role = _get(message, "type")
    role = getattr(role, "value", role)
    if not isinstance(role, str) or not (isinstance(message, Mapping) or hasattr(message, "model_copy")):
        return None
    role = role.lower().removesuffix(_CHUNK)
    return _ROLES.get(role, role)


def _content_key(message: Any) -> str:
    """Return the name under which a message holds its content."""
    return "blocks" if not isinstance(message, Mapping) and hasattr(message, "blocks") else "content"


def _get(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)


def _tool_calls(message: Any) -> Any:
    found = [_get(message, name) for name in ("tool_calls", "function_call")]
    extra = _get(message, "additional_kwargs")
    if isinstance(extra, Mapping) and not any(found):
        found += [extra.get(name) for name in ("tool_calls", "function_call", "tool_call_id")]
    return [value for value in found if value]


def _kind(part: Any) -> str:
    return str(_get(part, "type") or _get(part, "block_type") or "")


def _is_media(part: Any) -> bool:
    return any(name in _kind(part) for name in _MEDIA)


def _text_of(part: Any) -> str | None:
    """Return the text of a part of a message; None where it is something else."""
    if isinstance(part, str):
        return part
    text = _get(part, "text")
    return text if isinstance(text, str) and _kind(part) in _TEXT_TYPES else None


def _with_text(part: Any, texts: Iterator[str]) -> Any:
    """Return a part with the next text, if it is a text."""
    before = _text_of(part)
    if before is None:
        return part
    text = next(texts)
    if isinstance(part, str) or text == before:
        return text if isinstance(part, str) else part
    return {**part, "text": text} if isinstance(part, Mapping) else part.model_copy(update={"text": text})


def _plain(part: Any) -> Any:
    return part.model_dump(exclude_none=True) if hasattr(part, "model_dump") else part


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_jsonable)


def _jsonable(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else str(value)
