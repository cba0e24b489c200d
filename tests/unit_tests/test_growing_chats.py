"""Chats that grow turn by turn: no sent byte changes, calls stay paired, and the store gives back every byte.

Each chat is shortened anew after every turn, as a service does that sees the whole chat each time. Now and then that is
done by a compressor that shares nothing with the others, as after a restart.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_lingua.tool_results import ToolResults
from lingua_shared import PromptCompressor
from lingua_shared.agents.chat import ChatRules, ShortenedChat, shorten_chat
from lingua_shared.agents.once import OnceCompressor, Pointer
from lingua_shared.agents.originals import MemoryOriginals, Originals, SqliteOriginals
from tests import chats
from tests.fakes import OverlapScoring

POINTER = Pointer("expand", "key")
FORMS: dict[str, Callable[[Any], Any]] = {
    "openai": lambda chat: chat,
    "langchain": chats.as_langchain,
    "llamaindex": chats.as_llamaindex,
}


def once(store: Originals | None = None) -> OnceCompressor:
    return OnceCompressor(PromptCompressor(scoring=OverlapScoring()), store, min_tokens=25)


def grow(random: Random, turns: int, form: str, store: Originals) -> int:
    """Grow a chat, check it after each turn, and return how many texts were shortened."""
    shared, rules = once(store), ChatRules(frozen=random.choice((0, 0, 3)), pointer=POINTER)
    chat: list[Any] = FORMS[form]([{"role": "system", "content": chats.sentence(random)}])
    before: list[Any] = []
    done = ShortenedChat()
    for number in range(turns):
        chat += FORMS[form](chats.long_turn(random))
        handed_in = list(chat)
        restarts = number < turns - 1 and random.random() < 0.02
        done = shorten_chat(chat, once() if restarts else shared, rules)
        assert chat == handed_in
        assert done.messages[: len(before)] == before
        assert len(done.messages) == len(chat)
        assert done.messages[: rules.frozen] == chat[: rules.frozen]
        assert done.compressed_tokens <= done.original_tokens
        before = done.messages
    check_the_last(chat, done, once(store))
    return len(done.keys)


def check_the_last(chat: list[Any], done: ShortenedChat, restarted: OnceCompressor) -> None:
    """All but texts is as it was, results have their calls, and each shortened text can be made whole byte for byte."""
    assert [chats.without_texts(one) for one in done.messages] == [chats.without_texts(one) for one in chat]
    keys = iter(done.keys)
    for old, new in zip(chat, done.messages, strict=True):
        for text, short in zip(chats.texts_of(old), chats.texts_of(new), strict=True):
            if text != short:
                whole = restarted.expand(next(keys))
                assert whole is not None
                start, end = text.split(whole)[0], text[text.index(whole) + len(whole) :]
                assert start + whole + end == text
                assert short.startswith(start)
                assert short.endswith(end)
    assert next(keys, None) is None
    check_spans(done)


def check_spans(done: ShortenedChat) -> None:
    """What is left of a text is slices of it, in order."""
    for text, spans in done.sources:
        ends = [0, *(place for span in spans for place in span), len(text)]
        assert ends == sorted(ends)


def run_agent(random: Random, turns: int, store: Originals) -> int:
    """Shorten results as an agent's middleware does, when they are returned; return how many became shorter."""
    results = ToolResults(PromptCompressor(scoring=OverlapScoring()), None, 25, store)
    state: list[BaseMessage] = []
    wholes: dict[int, str] = {}
    for _ in range(turns):
        calls: dict[Any, Any] = {}
        shown = [repr(one) for one in state]
        for message in chats.as_langchain(chats.long_turn(random)):
            if isinstance(message, AIMessage):
                calls |= {call["id"]: call for call in message.tool_calls}
            if isinstance(message, ToolMessage):
                short = results.shortened(message, calls[message.tool_call_id])
                assert (short.tool_call_id, short.id) == (message.tool_call_id, message.id)
                if short != message:
                    wholes[len(state)] = str(message.content)
                message = short
            state.append(message)
        assert [repr(one) for one in state[: len(shown)]] == shown
    expand = results.expand_tool()
    for place, whole in wholes.items():
        assert expand.invoke({"key": str(state[place].content).rpartition("key=")[2][:24]}) == whole
    return len(wholes)


@pytest.mark.parametrize("form", FORMS)
def test_a_few_turns(form: str, tmp_path: Path) -> None:
    """Short chats, in memory and in a file."""
    assert grow(Random(1), 6, form, MemoryOriginals())
    assert grow(Random(2), 3, form, SqliteOriginals(tmp_path / "store.db"))


def test_a_few_turns_of_an_agent() -> None:
    """The same for results that are shortened when they are returned."""
    assert run_agent(Random(1), 6, MemoryOriginals())


@pytest.mark.slow
@pytest.mark.parametrize("form", [*FORMS, "agent"])
def test_ten_thousand_turns(form: str) -> None:
    """63 chats of 40 turns in each of four forms: 10,080 turns."""
    shortened = 0
    for seed in range(63):
        random, store = Random(f"{form} {seed}"), MemoryOriginals()
        shortened += run_agent(random, 40, store) if form == "agent" else grow(random, 40, form, store)
    assert shortened > 2000
