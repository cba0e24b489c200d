"""Recovery of a whole answer of a LangChain chain: a text, a message, or the strings of a structured value."""

import json
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from lingua_shared.recovery.structured import Path, Recover, Recovered, recover_strings


def recovered(answer: Any, recover: Recover, *, structured: bool) -> Recovered:
    """Return a whole answer recovered, and its replacements as plain values.

    Args:
        answer: a string, a message, or a dictionary, list or pydantic object.
        recover: takes a text and returns it recovered.
        structured: recover the strings in arguments of tool calls and in structured answers; else they stay.
    """
    if isinstance(answer, BaseMessage):
        return _recover_message(answer, recover, structured=structured)
    if structured or isinstance(answer, str):
        return recover_strings(answer, recover)
    return answer, []


def is_text(block: object) -> bool:
    """Whether a block of a message's content is text for the reader, unlike reasoning, images and tool calls."""
    return isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)


def recover_block(block: Any, recover: Recover, path: Path) -> Recovered:
    """Return a block of a message's content, recovered if it is text."""
    if isinstance(block, str):
        return recover_strings(block, recover, path)
    if not is_text(block):
        return block, []
    text, made = recover_strings(block["text"], recover, (*path, "text"))
    return {**block, "text": text}, made


def _recover_message(message: BaseMessage, recover: Recover, *, structured: bool) -> Recovered:
    if isinstance(message.content, str):
        content, made = recover_strings(message.content, recover, ("content",))
    else:
        pairs = [recover_block(block, recover, ("content", n)) for n, block in enumerate(message.content)]
        content, made = [block for block, _ in pairs], [one for _, more in pairs for one in more]
    update = {"content": content}
    if structured and isinstance(message, AIMessage):
        calls, more = _recover_calls(message, recover)
        update |= calls
        made = made + more
    return message.model_copy(update=update), made


def _recover_calls(message: AIMessage, recover: Recover) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the fields of a message that hold its tool calls, with recovered arguments."""
    calls: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for n, call in enumerate(message.tool_calls):
        args, more = recover_strings(call["args"], recover, ("tool_calls", n, "args"))
        calls.append({**call, "args": args})
        made += more
    update: dict[str, Any] = {"tool_calls": calls}
    if isinstance(message, AIMessageChunk):
        update["tool_call_chunks"] = [
            {**chunk, "args": _recover_json(chunk["args"], recover)} for chunk in message.tool_call_chunks
        ]
    return update, made


def _recover_json(text: str | None, recover: Recover) -> str | None:
    """Recover a tool call's arguments in the form that a chunk has, which is JSON; anything else stays as it is."""
    try:
        args = json.loads(text or "")
    except ValueError:
        return text
    return json.dumps(recover_strings(args, recover)[0], ensure_ascii=False)
