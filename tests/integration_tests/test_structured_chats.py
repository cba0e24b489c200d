"""What holds for every chat: budget, roles, order, tool calls, inputs, and the same bytes when the chat grows."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from lingua_shared import BudgetError, ModelOptions, PromptCompressor
from tests.chats import as_langchain, as_llamaindex, openai_chat, texts_of, tokens_of, without_texts
from tests.fakes import OverlapScoring
from tests.prompt_cases import cases, seeded

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())
UNTOUCHED = ("system", "developer")

FORMS: dict[str, Callable[[list[dict[str, Any]]], list[Any]]] = {
    "openai": list,
    "langchain": as_langchain,
    "llamaindex": as_llamaindex,
}


def untouched(chat: list[dict[str, Any]], keep_last: int) -> set[int]:
    """Indices of the messages that must not change."""
    users = [index for index, message in enumerate(chat) if message["role"] == "user"]
    fixed = [index for index, message in enumerate(chat) if message["role"] in UNTOUCHED]
    return {*users[-1:], *fixed, *range(max(len(chat) - keep_last, 0), len(chat))}


@pytest.mark.parametrize("stable", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_random_chats(form: str, stable: bool) -> None:  # noqa: FBT001
    """A chat stays within its budget, with all that must not change."""
    random, shortened = seeded(f"{form} {stable}"), 0
    for _ in range(number := cases(4)):
        chat = openai_chat(random)
        messages, keep_last = FORMS[form](chat), random.randint(0, 4)
        before = copy.deepcopy(messages)
        budget = int(tokens_of(chat) * random.uniform(0.2, 1.1))
        try:
            result = COMPRESSOR.compress_messages(
                messages, target_tokens=budget, keep_last=keep_last, stable_prefix=stable
            )
        except BudgetError:
            continue
        assert messages == before
        assert result.compressed_tokens <= budget
        assert [type(message) for message in result.messages] == [type(message) for message in messages]
        assert [without_texts(one) for one in result.messages] == [without_texts(one) for one in messages]
        assert all(result.messages[index] is messages[index] for index in untouched(chat, keep_last))
        for new, old in zip(result.messages, messages, strict=True):
            assert all(bool(a.strip()) == bool(b.strip()) for a, b in zip(texts_of(new), texts_of(old), strict=True))
        if form == "openai":
            assert result.original_tokens == tokens_of(chat)
            assert result.compressed_tokens == tokens_of(result.messages)
        shortened += bool(result.parts)
    assert shortened > number // 10


def test_growing_chats_keep_what_was_shortened() -> None:
    """When a chat grows by any number of messages, what was shortened before comes out as the same bytes."""
    random, kept = seeded("growing"), 0
    for _ in range(number := cases(2)):
        chat = [message for _ in range(2) for message in openai_chat(random)]
        budget, keep_last = int(tokens_of(chat) * random.uniform(0.3, 0.9)), random.randint(0, 4)
        frozen: dict[int, Any] = {}
        length = 0
        while length < len(chat):
            length = min(length + random.choice((1, 1, 2, 5)), len(chat))
            try:
                result = COMPRESSOR.compress_messages(chat[:length], target_tokens=budget, keep_last=keep_last)
            except BudgetError:
                continue
            assert {index: result.messages[index] for index in frozen} == frozen
            frozen = {index: new for index, new in enumerate(result.messages) if new != chat[index]}
            kept += len(frozen)
    assert kept > number


def test_old_messages_are_shortened_harder() -> None:
    """The older half of the messages that are shortened keeps a smaller share of its tokens than the newer half."""
    random, shares = seeded("ages"), {"old": [0, 0], "new": [0, 0]}
    for _ in range(cases(2)):
        chat = openai_chat(random)
        budget = int(tokens_of(chat) * 0.6)
        try:
            result = COMPRESSOR.compress_messages(chat, target_tokens=budget, stable_prefix=False)
        except BudgetError:
            continue
        half = len(result.parts) // 2
        for name, parts in (("old", result.parts[:half]), ("new", result.parts[len(result.parts) - half :])):
            shares[name][0] += sum(part.compressed_tokens for part in parts)
            shares[name][1] += sum(part.original_tokens for part in parts)
    assert shares["old"][0] / shares["old"][1] < 0.9 * shares["new"][0] / shares["new"][1]
