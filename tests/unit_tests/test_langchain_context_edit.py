"""The edit for LangChain's context editing: pairs, bytes, what stays whole, expansion, and the price of it."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain.agents.middleware import ClearToolUsesEdit, ContextEditingMiddleware
from langchain.agents.middleware.context_editing import ContextEdit
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.utils import count_tokens_approximately

from langchain_lingua import LinguaContextEdit
from lingua_shared import InvalidInputError, PromptCompressor
from tests.fakes import OverlapScoring
from tests.unit_tests.test_langchain_middleware import ASKED, Script, call, keys_in, log_of, read_log


def edit(**settings: Any) -> LinguaContextEdit:
    said = {"compressor": PromptCompressor(scoring=OverlapScoring()), "trigger": 3000, "keep": 2, "min_tokens": 100}
    return LinguaContextEdit(**{**said, **settings})


def history(turns: int) -> list[AnyMessage]:
    messages: list[AnyMessage] = [HumanMessage(ASKED)]
    for day in range(turns):
        messages.append(call(day, day=day, about="mail Gull Point Petrel"))
        messages.append(ToolMessage(log_of(day), tool_call_id=f"call-{day}", name="read_log", artifact=day))
    return messages


def applied(ours: ContextEdit, messages: list[AnyMessage]) -> list[AnyMessage]:
    edited = list(messages)
    ours.apply(edited, count_tokens=count_tokens_approximately)
    return edited


def content(message: BaseMessage) -> str:
    return str(message.content)


def test_older_results_are_shortened() -> None:
    """What answers stays, the newest stay whole, pairs and all else stay, and nothing handed in is changed."""
    messages = history(6)
    before = deepcopy(messages)
    edited = applied(edit(), messages)
    assert messages == before
    for day, (old, new) in enumerate(zip(messages[2::2], edited[2::2], strict=True)):
        assert isinstance(new, ToolMessage)
        assert (new.tool_call_id, new.name, new.artifact) == (f"call-{day}", "read_log", day)
        assert f"the boat Petrel {day} carries mail to Gull Point." in content(new)
        assert new is old if day >= 4 else len(content(new)) < len(content(old)) / 2
    assert edited[1::2] == messages[1::2]


def test_a_short_history_stays() -> None:
    """Up to `trigger` tokens nothing is done."""
    messages = history(6)
    assert applied(edit(trigger=count_tokens_approximately(messages)), messages) == messages
    assert applied(edit(trigger=count_tokens_approximately(messages) - 1), messages) != messages


@settings(max_examples=settings().max_examples // 4)
@given(turns=st.lists(st.integers(1, 3), min_size=2, max_size=4), keep=st.integers(0, 3))
def test_the_same_bytes_every_time(turns: list[int], keep: int) -> None:
    """A second pass changes nothing; a longer history begins with the same messages, but for those newly old."""
    total, before = 0, list[AnyMessage]()
    for more in turns:
        total += more
        messages = history(total)
        edited = applied(edit(keep=keep, trigger=0), messages)  # an edit that remembers nothing
        assert applied(edit(keep=keep, trigger=0), edited) == edited
        assert [type(one) for one in edited] == [type(one) for one in messages]
        stable = max(0, len(before) - 2 * keep)
        assert edited[:stable] == before[:stable]
        before = edited


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        (ToolMessage(log_of(0), tool_call_id="call-0"), {"exclude_tools": ("read_log",)}),
        (ToolMessage(log_of(0), tool_call_id="call-0"), {"min_tokens": 10**6}),
        (ToolMessage(log_of(0), tool_call_id="call-0", status="error"), {}),
        (ToolMessage(log_of(0), tool_call_id="of no call"), {}),
        (ToolMessage(f"{log_of(0)} \ud800", tool_call_id="call-0"), {}),
    ],
)
def test_what_stays_as_it_is(message: ToolMessage, settings: dict[str, Any]) -> None:
    """Named tools, short results, errors, results of no call, half characters."""
    messages = [*history(1)[:2], message]
    assert applied(edit(trigger=0, keep=0, **settings), messages) == messages


def test_beside_the_stock_edit() -> None:
    """What was cleared stays cleared, and what was shortened can be cleared later."""
    messages = history(4)
    cleared = applied(ClearToolUsesEdit(trigger=0, keep=3), messages)
    both = applied(edit(trigger=0, keep=1), cleared)
    assert content(both[2]) == "[cleared]"
    assert len(content(both[4])) < len(content(messages[4])) / 2
    assert both[-1] is messages[-1]


def test_in_an_agent() -> None:
    """The model sees short old results, the state stays whole, and the tool gives the whole text back."""
    ours = edit(keep=1)
    script = [call(n, day=n, about="mail Gull Point Petrel") for n in range(6)]
    model = Script(messages=iter([*script, AIMessage("Petrel 5")]), shown=[])
    middleware: Any = ContextEditingMiddleware(edits=[ours])
    agent: Any = create_agent(model, [read_log, *ours.tools], middleware=[middleware])
    messages = agent.invoke({"messages": [HumanMessage(ASKED)]})["messages"]
    assert [content(one) for one in messages if isinstance(one, ToolMessage)] == [log_of(day) for day in range(6)]
    keys = keys_in(model.shown[-1])
    assert len(keys) == 5
    assert [ours.tools[0].invoke({"key": key}) for key in keys] == [log_of(day) for day in range(5)]


@pytest.mark.parametrize("name", ["trigger", "keep"])
def test_numbers_below_nothing(name: str) -> None:
    """The error names the argument."""
    with pytest.raises(InvalidInputError, match=f"{name} is -1"):
        edit(**{name: -1})
