"""The history processor for Pydantic AI, in real agents with a scripted model: bytes, pairs, stores, expansion."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.capabilities import ProcessHistory
from pydantic_ai.messages import (
    ImageUrl,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel as ModelOfTests

from lingua_shared import PromptCompressor
from lingua_shared.agents.originals import SqliteOriginals
from lingua_shared.frameworks.pydantic_ai import LinguaHistory
from tests.fakes import OverlapScoring

ASKED = "Which boat carries mail to Gull Point?"


def log_of(day: int) -> str:
    lines = [f"Day {day}: boat {n} carries {n * 7} sheep to the island of Orrisay and comes back." for n in range(40)]
    lines.insert(day % 40, f"Day {day}: the boat Petrel {day} carries mail to Gull Point.")
    return "\n".join(lines)


def read_log(day: int, about: str) -> str:  # noqa: ARG001
    """Return the log of a day."""
    return log_of(day)


def history_of(**settings: Any) -> LinguaHistory:
    return LinguaHistory(compressor=PromptCompressor(scoring=OverlapScoring()), **{"min_tokens": 100, **settings})


class Script:
    """A model that reads so many logs in each turn, or asks for a whole text, and remembers what it was shown."""

    def __init__(self, calls: Iterator[list[ToolCallPart]]) -> None:
        self.calls = calls
        self.shown: list[list[bytes]] = []

    def answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.shown.append([ModelMessagesTypeAdapter.dump_json([message]) for message in messages])
        calls = next(self.calls, [])
        return ModelResponse(parts=list(calls) or [TextPart("Petrel.")])


def agent_of(history: LinguaHistory, script: Script) -> Agent[None, str]:
    model = FunctionModel(script.answer)
    return Agent(model, tools=[read_log, history.expand], capabilities=[ProcessHistory(history)], instructions="Short.")


def call(day: int, number: int) -> ToolCallPart:
    return ToolCallPart("read_log", {"day": day, "about": ASKED}, tool_call_id=f"call-{day}-{number}")


def returns(messages: list[ModelMessage]) -> list[ToolReturnPart]:
    return [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]


def results(messages: list[ModelMessage]) -> list[str]:
    return [str(part.content) for part in returns(messages)]


async def test_messages_keep_their_bytes_over_many_turns() -> None:
    """Over 15 random turns what the model was shown is the beginning of what it is shown next, and pairs stay."""
    random, turns, script = Random(5), 15, Script(iter(()))
    agent, messages = agent_of(history_of(), script), list[ModelMessage]()
    for turn in range(turns):
        days = [[call(random.randrange(60), 10 * turn + n) for n in range(random.randrange(3))] for _ in range(2)]
        script.calls = iter([*(one for one in days if one), []])
        prompt = ASKED if random.random() < 0.5 else f"{log_of(turn)}\n\n{ASKED}"
        result = await agent.run(prompt, message_history=messages)
        messages = result.all_messages()
    assert len(script.shown) > turns
    for before, after in zip(script.shown, script.shown[1:], strict=False):
        assert after[: len(before)] == before
    calls = [part.tool_call_id for one in messages for part in one.parts if isinstance(part, ToolCallPart)]
    assert [part.tool_call_id for part in returns(messages)] == calls
    assert all("carries mail to Gull Point" in text for text in results(messages))
    assert all(len(text) < len(log_of(1)) / 2 for text in results(messages))


async def test_the_model_gets_the_whole_text_back() -> None:
    """The tool `expand` returns every byte, its result stays whole, and an unknown key is told so."""
    script = Script(iter([[call(3, 0)]]))
    history = history_of()
    agent = agent_of(history, script)
    first = await agent.run(ASKED)
    key = results(first.all_messages())[0].rpartition("key=")[2].rstrip("]")
    script.calls = iter([[ToolCallPart("expand", {"key": key})], []])
    second = await agent.run("Whole, please.", message_history=first.all_messages())
    third = await agent.run("Thanks.", message_history=second.all_messages())
    assert results(third.all_messages())[1] == log_of(3)
    assert history.expand("nothing").startswith("There is no text")


def test_what_stays_as_it_is() -> None:
    """System prompts, answers, retries, failed and left-out tools, results that are no strings: the same objects."""
    messages: list[ModelMessage] = [
        ModelRequest(parts=[SystemPromptPart(log_of(1)), UserPromptPart(ASKED)]),
        ModelResponse(parts=[TextPart(log_of(1)), call(1, 1), ToolCallPart("other", "{}", tool_call_id="c2")]),
        ModelRequest(
            parts=[
                ToolReturnPart("read_log", log_of(2), "call-1-1", outcome="retried"),
                ToolReturnPart("other", log_of(2), tool_call_id="c2"),
                ToolReturnPart("read_log", {"log": log_of(2)}, tool_call_id="c3"),
                ToolReturnPart("read_log", log_of(2), tool_call_id="c4", outcome="failed"),
                ToolReturnPart("read_log", "\ud800" + log_of(2), tool_call_id="c5"),
            ]
        ),
    ]
    made = history_of(exclude_tools=("other",)).shorten(messages)
    assert [new is old for new, old in zip(made, messages, strict=True)] == [True] * 3
    assert history_of().shorten([]) == []


def test_only_texts_of_a_part_change() -> None:
    """Images stay in their places, ids and times stay, and what was handed in is as it was."""
    image, when = ImageUrl("https://example.org/a.png"), datetime(2026, 1, 2, tzinfo=UTC)
    messages: list[ModelMessage] = [
        ModelRequest(parts=[UserPromptPart([image, f"{log_of(4)}\n\n{ASKED}", image, "Well?"], timestamp=when)]),
        ModelResponse(parts=[call(4, 4)], timestamp=when),
        ModelRequest(parts=[ToolReturnPart("read_log", log_of(4), "call-4-4", metadata={"a": 1}, timestamp=when)]),
    ]
    before = copy.deepcopy(messages)
    made = history_of().shorten(messages)
    assert messages == before
    prompt, result = made[0].parts[0], made[2].parts[0]
    assert isinstance(prompt, UserPromptPart)
    assert not isinstance(prompt.content, str)
    assert [prompt.content[0], prompt.content[2], prompt.content[3]] == [image, image, "Well?"]
    assert ASKED in str(prompt.content[1])
    assert len(str(prompt.content[1])) < len(log_of(4)) / 2
    assert isinstance(result, ToolReturnPart)
    assert (result.tool_call_id, result.metadata, result.timestamp) == ("call-4-4", {"a": 1}, when)
    assert made[1] is messages[1]
    assert history_of().shorten(made) == made


def test_another_process_gives_the_same_bytes(tmp_path: Any) -> None:
    """With a store in a file, a new processor shortens nothing anew, and expands what the old one shortened."""
    messages: list[ModelMessage] = [
        ModelResponse(parts=[call(5, 5)]),
        ModelRequest(parts=[ToolReturnPart("read_log", log_of(5), "call-5-5")]),
    ]
    first, second = (history_of(originals=SqliteOriginals(tmp_path / "texts.db")) for _ in range(2))
    made = first.shorten(messages)
    assert second.shorten(messages) == made
    key = results(made)[0].rpartition("key=")[2].rstrip("]")
    assert second.expand(key) == log_of(5)


@pytest.mark.parametrize("stream", [False, True])
async def test_the_model_for_tests_and_streams(*, stream: bool) -> None:
    """The stock test model calls every tool; a stream goes the same way."""
    history = history_of()
    agent = Agent(ModelOfTests(call_tools=["read_log"]), tools=[read_log], capabilities=[ProcessHistory(history)])
    if stream:
        async with agent.run_stream(ASKED) as result:
            await result.get_output()
        messages = result.all_messages()
    else:
        messages = (await agent.run(ASKED)).all_messages()
    assert "[Shortened:" in results(messages)[0]
