"""The middleware for LangChain agents, in real agents with a scripted model: bytes, pairs, stores, expansion."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatResult
from langchain_core.stores import InMemoryByteStore, InMemoryStore
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore as GraphStore
from langgraph.types import Command
from pydantic import Field

from langchain_lingua import LinguaToolOutputMiddleware
from langchain_lingua.originals import as_originals
from lingua_shared import InvalidTypeError, PromptCompressor
from lingua_shared.agents.originals import SqliteOriginals
from tests.chats import COUNT
from tests.fakes import OverlapScoring

ASKED = "Which boat carries mail to Gull Point?"


def log_of(day: int) -> str:
    """A long text with one line that answers."""
    lines = [f"Day {day}: boat {n} carries {n * 7} sheep to the island of Orrisay and comes back." for n in range(40)]
    lines.insert(day % 40, f"Day {day}: the boat Petrel {day} carries mail to Gull Point.")
    return "\n".join(lines)


class Script(GenericFakeChatModel):
    """A model that calls tools as it is told, and remembers what it was shown."""

    shown: list[list[BaseMessage]] = Field(default_factory=list)

    def bind_tools(self, tools: Any, **_kwargs: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.shown.append([message.model_copy(deep=True) for message in messages])
        return super()._generate(messages, *args, **kwargs)


@tool
def read_log(day: int, about: str) -> str:  # noqa: ARG001
    """Return the log of a day."""
    if day < 0:
        msg = "there is no such day"
        raise ValueError(msg)
    return log_of(day)


@tool
def read_parts(day: int) -> list[dict[str, Any]]:
    """Return the log of a day in parts, with a picture."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    return [{"type": "text", "text": log_of(day)}, image]


def call(number: int, name: str = "read_log", **args: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call-{number}"}])


def middleware(**settings: Any) -> LinguaToolOutputMiddleware:
    return LinguaToolOutputMiddleware(
        compressor=PromptCompressor(scoring=OverlapScoring()), **{"min_tokens": 100, **settings}
    )


def run(script: list[AIMessage], *with_: LinguaToolOutputMiddleware) -> tuple[list[BaseMessage], Script]:
    model = Script(messages=iter(script), shown=[])
    agent: Any = create_agent(model, [read_log, read_parts], middleware=with_)
    result = agent.invoke({"messages": [HumanMessage(ASKED)]}, {"recursion_limit": 500})
    return result["messages"], model


def keys_in(messages: list[BaseMessage]) -> list[str]:
    texts = [str(m.content) for m in messages if isinstance(m, ToolMessage)]
    return [text.rpartition("key=")[2][:24] for text in texts if "key=" in text]


def test_fifty_turns() -> None:
    """The model sees each message with the same bytes every time, each result behind its call, and fewer tokens.

    What answers is still there, and so the scripted answer is the same.
    """
    script = [*(call(n, day=n, about="mail Gull Point Petrel") for n in range(50)), AIMessage("Petrel 49")]
    plain, _ = run(script)
    short, model = run(script, middleware())
    for earlier, later in zip(model.shown, model.shown[1:], strict=False):
        assert later[: len(earlier)] == earlier
    for number, message in enumerate(short[2::2]):
        assert isinstance(message, ToolMessage)
        assert message.tool_call_id == f"call-{number}"
        assert f"the boat Petrel {number} carries mail to Gull Point." in message.content
    tokens = [sum(COUNT(str(message.content)) for message in messages) for messages in (plain, short)]
    assert tokens[1] < tokens[0] / 2
    assert [m.type for m in plain] == [m.type for m in short]
    assert plain[-1].content == short[-1].content == "Petrel 49"


async def test_async_gives_the_same() -> None:
    """`ainvoke` shortens as `invoke` does."""
    script = [call(0, day=3, about="mail"), AIMessage("done")]
    agent: Any = create_agent(Script(messages=iter(script), shown=[]), [read_log], middleware=[middleware()])
    messages = (await agent.ainvoke({"messages": [HumanMessage(ASKED)]}))["messages"]
    assert [m.content for m in messages] == [m.content for m in run(script, middleware())[0]]
    assert keys_in(messages)


def stores(folder: Path) -> Iterator[Any]:
    yield from (None, SqliteOriginals(folder / "store.db"), InMemoryStore(), InMemoryByteStore(), GraphStore())


@pytest.mark.parametrize("number", range(5), ids=["memory", "sqlite", "any values", "bytes", "graph"])
def test_the_agent_gets_the_whole_text_back(tmp_path: Path, number: int) -> None:
    """The tool `expand` returns every byte, and its own result is not shortened."""
    ours = middleware(store=list(stores(tmp_path))[number])
    [key] = keys_in(run([call(0, day=3, about="mail"), AIMessage("")], ours)[0])
    messages, _ = run([call(1, "expand", key=key), call(2, "expand", key="0" * 24), AIMessage("")], ours)
    assert messages[2].content == log_of(3)
    assert "no text of this key" in str(messages[4].content)


def test_what_stays_as_it_is() -> None:
    """Short results, named tools, and pictures."""
    script = [call(0, day=3, about="mail"), call(1, "read_parts", day=4), AIMessage("")]
    plain = run(script)[0]
    assert [m.content for m in run(script, middleware(min_tokens=10**6))[0]] == [m.content for m in plain]
    assert [m.content for m in run(script, middleware(exclude=("read_log", "read_parts")))[0]] == [
        m.content for m in plain
    ]
    parts = run(script, middleware())[0][4].content
    assert isinstance(parts, list)
    assert parts[1] == plain[4].content[1]
    assert len(parts[0]["text"]) < len(log_of(4)) / 2  # type: ignore[index]


def test_errors_and_commands() -> None:
    """An error stays whole; a command's message is shortened like any other, and the rest of it stays."""
    ours, request = middleware(), Request({"name": "read_log", "args": {"about": "mail"}, "id": "1"})
    wrap: Callable[..., Any] = ours.wrap_tool_call
    failed = ToolMessage(log_of(1), tool_call_id="1", status="error")
    assert wrap(request, lambda _: failed) is failed
    half = ToolMessage(f"{log_of(1)} \ud800", tool_call_id="1")
    assert wrap(request, lambda _: half) is half
    other = ToolMessage(log_of(2), tool_call_id="2")
    command: Command[Any] = Command(
        update={"messages": [ToolMessage(log_of(1), tool_call_id="1"), other], "seen": 3}, goto="next"
    )
    made = wrap(request, lambda _: command)
    assert made.goto == "next"
    assert made.update["seen"] == 3
    assert made.update["messages"][1] is other
    assert len(made.update["messages"][0].content) < len(log_of(1)) / 2
    assert len(command.update["messages"][0].content) == len(log_of(1))  # type: ignore[index]


class Request:
    """The call of a tool, outside of an agent."""

    def __init__(self, tool_call: dict[str, Any]) -> None:
        self.tool_call = tool_call


def test_a_thread_goes_on_after_a_restart(tmp_path: Path) -> None:
    """With a checkpointer and a file, a new agent finds its messages, and the whole texts of the old one."""
    saver, file = InMemorySaver(), tmp_path / "store.db"
    config = {"configurable": {"thread_id": "1"}}

    def turn(*script: AIMessage) -> list[BaseMessage]:
        ours = middleware(store=SqliteOriginals(file))
        model = Script(messages=iter(script), shown=[])
        agent: Any = create_agent(model, [read_log], middleware=[ours], checkpointer=saver)
        return list(agent.invoke({"messages": [HumanMessage(ASKED)]}, config)["messages"])

    first = turn(call(0, day=3, about="mail"), AIMessage("one"))
    [key] = keys_in(first)
    second = turn(call(1, "expand", key=key), AIMessage("two"))
    assert second[: len(first)] == first
    assert second[-2].content == log_of(3)


def test_a_store_that_is_none() -> None:
    """The error says what to give."""
    with pytest.raises(InvalidTypeError, match="store is of type int; give None"):
        as_originals(3)
