"""Random chats for tests, in the forms of OpenAI, LangChain and LlamaIndex, and their tokens counted on their own."""

import json
from random import Random
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock

from lingua_shared.text.token_counting import make_counter

COUNT = make_counter("cl100k_base")
_WORDS = [
    *(
        "the",
        "a",
        "river",
        "bridge",
        "Mara Lindqvist",
        "report",
        "in 1987",
        "opened",
        "near Oslo",
        "not",
        "but",
        "however",
    ),
    *("quickly", "seven", "%", "12.5", "contract", "naïve", "東京", "users", "tokens", "said", "because", "Ω", "<b>"),
    *("{x}", "`code`", "[link](http://a.example/b?c=1)", "don't", "\U0001f642"),
]


def sentence(random: Random) -> str:
    """A sentence of random words."""
    words = " ".join(random.choices(_WORDS, k=random.randint(1, 14)))
    return words[:1].upper() + words[1:] + random.choice((".", ".", "?", "!", ":"))


def text(random: Random) -> str:
    """Random sentences in lines and paragraphs; sometimes data, sometimes nothing."""
    kind = random.random()
    if kind < 0.05:
        return random.choice(("", " ", "\n\n", "ok"))
    if kind < 0.15:
        rows = [{"id": i, "name": random.choice(_WORDS), "note": sentence(random)} for i in range(random.randint(1, 8))]
        return json.dumps({"rows": rows}, indent=random.choice((None, 2)))
    lines = [sentence(random) for _ in range(random.randint(1, 12))]
    return random.choice((" ", "\n", "\n\n", "\n- ")).join(lines)


def openai_chat(random: Random) -> list[dict[str, Any]]:
    """A chat of dictionaries: turns with tool calls, parts and images."""
    chat: list[dict[str, Any]] = []
    for turn in range(random.randint(1, 8)):
        if random.random() < (0.8 if not turn else 0.05):
            chat.append({"role": random.choice(("system", "developer")), "content": sentence(random)})
        chat.append({"role": "user", "content": _content(random)})
        for _ in range(random.choice((0, 0, 1, 2))):
            chat += _tool_turn(random)
        chat.append({"role": "assistant", "content": text(random)})
    return chat[: random.randint(1, len(chat))]


def long_turn(random: Random) -> list[dict[str, Any]]:
    """A whole turn of a user, each call with its result; often with long results, or long context and a question."""
    asked = {"role": "user", "content": _content(random)}
    if random.random() < 0.3:
        asked["content"] = "\n\n".join([*(text(random) for _ in range(4)), "Who opened the bridge?"])
    turn = [asked, *(message for _ in range(random.choice((0, 1, 1, 2))) for message in _tool_turn(random))]
    for message in turn:
        if message["role"] == "tool" and random.random() < 0.7:
            message["content"] = "\n\n".join(text(random) for _ in range(4))
    return [*turn, {"role": "assistant", "content": text(random)}]


def _content(random: Random) -> str | list[dict[str, Any]]:
    if random.random() < 0.7:
        return text(random)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    parts = [{"type": "text", "text": text(random)} for _ in range(random.randint(1, 3))]
    return [*parts, image] if random.random() < 0.5 else parts


def _tool_turn(random: Random) -> list[dict[str, Any]]:
    ids = [f"call_{random.randrange(10**6)}" for _ in range(random.randint(1, 2))]
    calls = [
        {
            "id": one,
            "type": "function",
            "function": {"name": "look_up", "arguments": json.dumps({"q": sentence(random)})},
        }
        for one in ids
    ]
    results = [{"role": "tool", "tool_call_id": one, "content": text(random)} for one in ids]
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *results]


def as_langchain(chat: list[dict[str, Any]]) -> list[BaseMessage]:
    """The same chat in messages of LangChain."""
    return [_langchain(message) for message in chat]


def _langchain(message: dict[str, Any]) -> BaseMessage:
    content = message["content"] or ""
    if message["role"] == "user":
        return HumanMessage(content=content)
    if message["role"] == "tool":
        return ToolMessage(content=content, tool_call_id=message["tool_call_id"])
    if message["role"] == "assistant":
        calls = [
            {"name": call["function"]["name"], "args": json.loads(call["function"]["arguments"]), "id": call["id"]}
            for call in message.get("tool_calls", ())
        ]
        return AIMessage(content=content, tool_calls=calls)
    return SystemMessage(content=content)


def as_llamaindex(chat: list[dict[str, Any]]) -> list[ChatMessage]:
    """The same chat in messages of LlamaIndex."""
    return [_llamaindex(message) for message in chat]


def _llamaindex(message: dict[str, Any]) -> ChatMessage:
    content = message["content"] or []
    parts: list[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    blocks = [
        TextBlock(text=part["text"]) if part["type"] == "text" else ImageBlock(url=part["image_url"]["url"])
        for part in parts
    ]
    extra = {name: message[name] for name in ("tool_calls", "tool_call_id") if name in message}
    return ChatMessage(role=message["role"], blocks=blocks, additional_kwargs=extra)


def texts_of(message: Any) -> list[str]:
    """The texts of a message in any form."""
    if isinstance(message, ChatMessage):
        return [block.text for block in message.blocks if isinstance(block, TextBlock)]
    content: Any = message.content if isinstance(message, BaseMessage) else message["content"]
    if isinstance(content, str):
        return [content]
    parts: list[Any] = list(content or ())
    return [part["text"] for part in parts if part["type"] == "text"]


def without_texts(message: Any) -> str:
    """Everything of a message but its texts, as one string."""
    return repr(_blanked(message if isinstance(message, dict) else message.model_dump()))


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "TEXT" if key in ("content", "text") and isinstance(inner, str) else _blanked(inner)
            for key, inner in value.items()
        }
    return [_blanked(one) for one in value] if isinstance(value, list) else value


def tokens_of(chat: list[dict[str, Any]]) -> int:
    """The tokens of a chat of dictionaries as `compress_messages` promises to count them."""
    total = 3
    for message in chat:
        total += 3 + COUNT(message["role"]) + sum(COUNT(part) for part in texts_of(message))
        total += COUNT(message.get("tool_call_id", "")) + COUNT(message.get("name", ""))
        if message.get("tool_calls"):
            total += COUNT(json.dumps([message["tool_calls"]], ensure_ascii=False))
    return total
