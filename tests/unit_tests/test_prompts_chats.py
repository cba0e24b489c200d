"""Chats: what is counted, what is refused, and what the note and the record say."""

import re
from typing import Any

import pytest

from lingua_shared import (
    BudgetError,
    CompressionOptions,
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.prompts.chats import OMITTED
from tests.chats import tokens_of

LONG = "The river rose in spring. Nobody had asked about the bridge. It was built of stone in 1820. " * 6
CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "Answer in one word."},
    {"role": "user", "content": LONG},
    {"role": "assistant", "content": LONG},
    {"role": "user", "content": "When was the bridge built?"},
]


def test_a_chat_that_fits_is_returned_as_it_is(compressor: PromptCompressor) -> None:
    """Nothing is shortened, and each message is the one handed in."""
    result = compressor.compress_messages(CHAT, target_tokens=tokens_of(CHAT))
    assert [new is old for new, old in zip(result.messages, CHAT, strict=True)] == [True] * 4
    assert (result.parts, result.rate, result.notes) == ((), 1.0, ())


def test_the_record_says_what_was_shortened(compressor: PromptCompressor) -> None:
    """Each part names its message and is made of slices of its source."""
    result = compressor.compress_messages(CHAT, target_tokens=150, keep_last=1)
    assert [part.place for part in result.parts] == ["messages[1]", "messages[2]"]
    assert [part.source for part in result.parts] == [LONG, LONG]
    for part in result.parts:
        assert all(part.source[span.start : span.end] in part.text for span in part.spans)
        assert part.compressed_tokens < part.original_tokens


def test_messages_shorter_than_a_sentence_are_marked(compressor: PromptCompressor) -> None:
    """Where nothing is left of a text, a mark stands in its place, so that no message is empty."""
    code = '{"a": [1, 2, 3], "b": {"c": "d", "e": "f"}, "g": "h"}'
    chat = [{"role": "assistant", "content": code}] * 3 + [{"role": "user", "content": "Go on."}]
    least = tokens_of([{**message, "content": OMITTED} for message in chat[:3]] + chat[3:])
    result = compressor.compress_messages(chat, target_tokens=least, keep_last=0, stable_prefix=False)
    assert [message["content"] for message in result.messages] == [OMITTED] * 3 + ["Go on."]


def test_a_budget_that_cannot_be_kept_is_an_error(compressor: PromptCompressor) -> None:
    """The error says how many tokens are needed and what to do."""
    message = r"need at least (\d+) tokens and target_tokens is 20; raise target_tokens, or lower"
    with pytest.raises(BudgetError, match=message) as caught:
        compressor.compress_messages(CHAT, target_tokens=20)
    least = int(re.search(message, str(caught.value))[1])  # type: ignore[index]
    assert compressor.compress_messages(CHAT, target_tokens=least).compressed_tokens <= least
    with pytest.raises(BudgetError):
        compressor.compress_messages(CHAT, target_tokens=least - 1)


def test_images_are_kept_with_a_note(compressor: PromptCompressor) -> None:
    """An image counts nothing, which the result says."""
    image = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    result = compressor.compress_messages([{"role": "user", "content": [image]}], target_tokens=10)
    assert (result.compressed_tokens, result.notes) == (
        3 + 3 + 1,
        ("images, sound and files in messages are kept and not counted",),
    )


def test_the_record_names_the_part_of_a_message(compressor: PromptCompressor) -> None:
    """Texts are counted among all parts of the content, images too."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": LONG} for _ in range(2)]
    image = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    chat = [{"role": "user", "content": [image, *parts]}, *CHAT[2:]]
    result = compressor.compress_messages(chat, target_tokens=200, keep_last=1)
    assert [part.place for part in result.parts] == ["messages[0].content[1]", "messages[0].content[2]", "messages[1]"]


@pytest.mark.parametrize("messages", ["hello", {"role": "user", "content": "hello"}, 3])
def test_only_lists_are_chats(compressor: PromptCompressor, messages: Any) -> None:
    """A single message, or text, is refused."""
    with pytest.raises(InvalidTypeError, match="give a list of messages"):
        compressor.compress_messages(messages, target_tokens=10)


@pytest.mark.parametrize("message", ["hello", {"content": "hello"}, {"role": "user", "content": 3}, None])
def test_unknown_messages_are_refused(compressor: PromptCompressor, message: Any) -> None:
    """The error names the message and the known forms."""
    with pytest.raises(InvalidTypeError, match=r"message 1 is of type .* not in a known form"):
        compressor.compress_messages([*CHAT[:1], message], target_tokens=10)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"options": CompressionOptions(rate=0.5)}, OptionsError),
        ({"options": CompressionOptions(keep_passages=(0,))}, OptionsError),
        ({"options": CompressionOptions(keep_answer=0.9)}, OptionsError),
        ({"options": 3}, InvalidTypeError),
        ({"keep_last": -1}, InvalidInputError),
        ({"keep_last": 1.5}, InvalidTypeError),
        ({"question": 7}, InvalidTypeError),
    ],
)
def test_wrong_settings_are_refused(
    compressor: PromptCompressor, settings: dict[str, Any], error: type[Exception]
) -> None:
    """A setting that cannot be used raises."""
    with pytest.raises(error):
        compressor.compress_messages(CHAT, target_tokens=100, **settings)


def test_texts_without_a_question_need_a_method_that_needs_none(compressor: PromptCompressor) -> None:
    """Messages of the user are shortened by surprisal, whatever method is set; a ranker of one's own is kept."""
    result = compressor.compress_messages(
        CHAT, target_tokens=150, keep_last=1, options=CompressionOptions(method="encoder")
    )
    assert result.compressed_tokens <= 150
    with pytest.raises(MissingQuestionError):
        compressor.compress_messages(
            CHAT, target_tokens=150, keep_last=1, options=CompressionOptions(rankers=("bm25",))
        )
