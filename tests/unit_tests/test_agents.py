"""Texts that are shortened once: stores of whole texts, the bytes that stay the same, and chats that grow."""

import json
from copy import deepcopy
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, InvalidInputError, PromptCompressor
from lingua_shared.agents.chat import ChatRules, shorten_chat
from lingua_shared.agents.once import OnceCompressor, Pointer, question_of_call
from lingua_shared.agents.originals import MemoryOriginals, Originals, SqliteOriginals, key_of
from tests import chats
from tests.chats import COUNT
from tests.fakes import OverlapScoring
from tests.service_parts import BUILT, LONG, QUESTION

STORES = ("memory", "sqlite")
POINTER = Pointer("expand", "key")


def store_of(kind: str, folder: Path, megabytes: float = 8) -> Originals:
    if kind == "memory":
        return MemoryOriginals(megabytes=megabytes)
    return SqliteOriginals(folder / "sub" / "store.db", megabytes=megabytes)


def compressor(originals: Originals | None = None, min_tokens: int = 40) -> OnceCompressor:
    return OnceCompressor(PromptCompressor(scoring=OverlapScoring()), originals, min_tokens=min_tokens)


@pytest.mark.parametrize("kind", STORES)
def test_a_store_gives_back_every_byte(kind: str, tmp_path: Path) -> None:
    """Any text, to its owner only."""
    store = store_of(kind, tmp_path)
    texts = ["", "plain", "a\r\nb\rc\n\n", "\x00\x1f", "東京 \U0001f642 é e\u0301", "\ud800 half", "x" * 100_000]
    for text in texts:
        store.put(key_of(text), text, owner="a")
    assert [store.get(key_of(text), owner="a") for text in texts] == texts
    assert [store.get(key_of(text), owner="b") for text in texts] == [None] * len(texts)
    assert len({key_of(text) for text in texts}) == len(texts)


@pytest.mark.parametrize("kind", STORES)
def test_a_full_store_forgets_what_was_not_used_for_longest(kind: str, tmp_path: Path) -> None:
    """The bound holds, and what is used stays."""
    store = store_of(kind, tmp_path, megabytes=1)
    for number in range(30):
        store.put(str(number), str(number % 10) * 100_000)
        assert store.get("0") is not None
    kept = [number for number in range(30) if store.get(str(number)) is not None]
    assert kept == [0, *range(21, 30)]
    store.put("large", "x" * 2_000_000)
    assert store.get("large") is None


def test_a_file_outlives_its_process_and_is_shared(tmp_path: Path) -> None:
    """A second store on the same file finds the texts; threads can write at once."""
    stores = [SqliteOriginals(tmp_path / "store.db") for _ in range(4)]

    def write(number: int) -> None:
        for n in range(20):
            stores[number].put(f"{number}-{n}", f"text {number} {n}")

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = SqliteOriginals(tmp_path / "store.db")
    assert all(found.get(f"{a}-{b}") == f"text {a} {b}" for a in range(4) for b in range(20))


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    """The error names the file and says what to do."""
    (tmp_path / "store.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(InvalidInputError, match=r"store\.db.*another path"):
        SqliteOriginals(tmp_path / "store.db").get("x")


@pytest.mark.parametrize("kind", STORES)
def test_a_text_is_shortened_once(kind: str, tmp_path: Path) -> None:
    """What answers stays, a marker says how much is gone and where it is, and the model reads the text once."""
    scoring = OverlapScoring()
    once = OnceCompressor(PromptCompressor(scoring=scoring), store_of(kind, tmp_path), min_tokens=40)
    first = once.shorten(LONG, question=QUESTION, pointer=POINTER)
    again = once.shorten(LONG, question=QUESTION, pointer=POINTER)
    assert first == again
    assert scoring.opened == 1
    assert BUILT in first.text
    assert first.text.endswith(f"call expand with key={first.key}]")
    assert first.compressed_tokens == COUNT(first.text) < first.original_tokens == COUNT(LONG)
    assert once.expand(str(first.key)) == LONG
    assert once.expand(f" {str(first.key).upper()} ") == LONG


@pytest.mark.parametrize(
    ("text", "question", "why"),
    [
        ("Short enough.", QUESTION, "short"),
        (LONG, "", "no question"),
        (LONG, None, "no question"),
        (f"{LONG}\n\n[Shortened: 3 of 900 tokens are left.]", QUESTION, "was shortened before"),
        ("word " * 41, "word", "nothing to leave out"),
        (f"{LONG} \ud800", QUESTION, "half characters, which no model can read"),
        (LONG, "\ud800?", "half characters, which no model can read"),
    ],
)
def test_what_stays_as_it_is(text: str, question: str | None, why: str) -> None:
    """It is never longer than before, and never shortened twice."""
    once = OnceCompressor(
        PromptCompressor(scoring=OverlapScoring()), options=CompressionOptions(rate=0.9), min_tokens=40
    )
    for _ in range(2):
        made = once.shorten(text, question=question, pointer=POINTER)
        assert (made.text, made.key, made.note) == (text, None, why)


def test_no_one_reads_records_of_the_store() -> None:
    """A key is hexadecimal; everything else is no key."""
    once = compressor()
    once.shorten(LONG, question=QUESTION)
    assert [once.expand(key) for key in ("", "once-0", "../x", "0" * 24, "é")] == [None] * 5


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        ({"q": "Tarn Ness", "top": 3, "deep": False}, "search web: Tarn Ness 3"),
        ('{"q": ["a", {"b": "c"}]}', "search web: a c"),
        ("no json", "search web: no json"),
        ({"id": "x-1", "q": "Who built it?", "top": 3}, "Who built it?"),
        ({}, "search web"),
    ],
)
def test_a_call_is_a_question(arguments: object, question: str) -> None:
    """Its arguments in words, or else its name and the values of all of them."""
    assert question_of_call("search_web", arguments) == question


TURNS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)


@settings(max_examples=settings().max_examples // 4)
@given(seeds=TURNS, frozen=st.integers(0, 4), kind=st.sampled_from(["openai", "langchain", "llamaindex"]))
def test_no_byte_of_an_earlier_message_changes(seeds: list[int], frozen: int, kind: str) -> None:
    """A chat that grows begins with the same messages; calls stay paired; what is gone can be had; nothing is changed.

    Every call is made with a compressor that remembers nothing, as after a restart.
    """
    chat, before = [], list[Any]()
    for seed in seeds:
        chat += _turn(Random(seed))
        forms = {"openai": lambda c: c, "langchain": chats.as_langchain, "llamaindex": chats.as_llamaindex}
        messages = forms[kind](chat)
        handed_in = deepcopy(messages)
        once = compressor(min_tokens=25)
        done = shorten_chat(messages, once, ChatRules(frozen=frozen, pointer=POINTER))
        assert messages == handed_in
        assert [chats.without_texts(one) for one in done.messages] == [chats.without_texts(one) for one in messages]
        assert done.messages[:frozen] == messages[:frozen]
        assert done.messages[: len(before)] == before
        assert all(
            str(once.expand(key)) in "\x00".join(t for m in messages for t in chats.texts_of(m)) for key in done.keys
        )
        assert done.compressed_tokens <= done.original_tokens
        before = done.messages


def _turn(random: Random) -> list[dict[str, Any]]:
    """A turn with long results of tools and long context, each with its calls."""
    turn = chats.openai_chat(random)
    for message in turn:
        if message["role"] == "tool" and random.random() < 0.7:
            message["content"] = "\n\n".join(chats.text(random) for _ in range(4))
        elif message["role"] == "user" and random.random() < 0.3:
            message["content"] = "\n\n".join([*(chats.text(random) for _ in range(4)), "Who opened the bridge?"])
    return turn


def test_context_in_a_message_of_the_user() -> None:
    """The last paragraph is the question; it and a first short paragraph stay byte for byte."""
    content = f"Answer from the notes.\n\n{LONG}\n\n{QUESTION}\n"
    done = shorten_chat([{"role": "user", "content": content}], compressor(), ChatRules())
    text = done.messages[0]["content"]
    assert text.startswith("Answer from the notes.\n\n")
    assert text.endswith(f" tokens are left.]\n\n{QUESTION}\n")
    assert BUILT in text
    assert len(text) < len(content) / 2


def test_the_question_of_a_result_is_its_call() -> None:
    """Where the call is not there, it is what the user asked last."""
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": json.dumps({"q": "sheep 17"})}}
    result = {"role": "tool", "tool_call_id": "1", "content": LONG}
    chat = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": None, "tool_calls": [call]}, result]
    with_call = shorten_chat(chat, compressor(), ChatRules()).messages[2]["content"]
    without = shorten_chat([chat[0], result], compressor(), ChatRules()).messages[1]["content"]
    assert "sheep" in with_call
    assert BUILT not in with_call
    assert BUILT in without
