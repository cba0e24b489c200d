"""Counting tokens of the target model."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import tiktoken
import tokenizers

from lingua_shared import CompressionOptions
from lingua_shared.errors import InvalidInputError, InvalidTypeError, OptionsError
from lingua_shared.text.token_counting import make_counter


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("cl100k_base", "hello world", 2),
        ("o200k_base", "hello world", 2),
        ("gpt-4", "hello world", 2),
        ("gpt-4o", "hello world", 2),
        ("cl100k_base", "", 0),
        ("cl100k_base", "<|endoftext|>", 7),  # as plain text, never as the special token
        ("cl100k_base", "a\x00b", 3),
    ],
)
def test_tokens_by_name(name: str, text: str, expected: int) -> None:
    """A tiktoken encoding or the name of an OpenAI model counts as tiktoken does, special tokens left out."""
    assert make_counter(name)(text) == expected


@pytest.mark.parametrize(
    "tokenizer",
    [
        pytest.param(lambda text: len(text.split()), id="a number"),
        pytest.param(lambda text: text.split(), id="a list"),
        pytest.param(lambda text: tuple(text.split()), id="a tuple"),
        pytest.param(lambda text: np.asarray(text.split()), id="an array"),
        pytest.param(lambda text: np.int64(len(text.split())), id="a number of numpy"),
    ],
)
def test_tokens_by_a_callable(tokenizer: Any) -> None:
    """A callable gives a number, or anything with a length."""
    count = make_counter(tokenizer)("one two three")
    assert (count, type(count)) == (3, int)


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (1.5, "float"),
        (2.0, "float"),
        (None, "NoneType"),
        ("three", "str"),
        (b"three", "bytes"),
        (True, "bool"),
        ({"input_ids": [1], "attention_mask": [1]}, "dict"),
        (float("nan"), "float"),
    ],
)
def test_an_answer_that_is_no_count(answer: object, named: str) -> None:
    """A callable that answers something else raises an error that names it."""
    with pytest.raises(InvalidTypeError, match=f"returned {named}; it must return a whole number or a list of tokens"):
        make_counter(lambda _: answer)("text")


def test_a_negative_count() -> None:
    """A callable that answers less than nothing raises an error that names the number."""
    with pytest.raises(InvalidInputError, match="counted -1 tokens in a text of 4 characters"):
        make_counter(lambda _: -1)("text")


def broken(text: str) -> int:
    msg = f"cannot read {text}"
    raise KeyError(msg)


class Broken:
    """A tokenizer that is an object and cannot count."""

    def __call__(self, text: str) -> int:
        return broken(text)

    def __repr__(self) -> str:  # noqa: D105
        return "Broken()"


@pytest.mark.parametrize(
    ("tokenizer", "named"),
    [
        pytest.param(broken, "broken", id="a function"),
        pytest.param(Broken(), r"Broken\(\)", id="an object"),
        pytest.param(Broken().__call__, r"Broken\.__call__", id="a method"),
        pytest.param(partial(broken), r"functools\.partial\(", id="a partial function"),
    ],
)
def test_an_error_of_the_callable_names_it(tokenizer: Any, named: str) -> None:
    """What a caller's tokenizer raises is the cause of an error that says which tokenizer it was."""
    with pytest.raises(
        InvalidInputError, match=f"the tokenizer .*{named}.* raised KeyError on .*cannot read text"
    ) as caught:
        make_counter(tokenizer)("text")
    assert isinstance(caught.value.__cause__, KeyError)


SPECIAL = "one <|endoftext|> two"


@pytest.fixture(name="encoding")
def _encoding() -> tiktoken.Encoding:
    """An encoding of single bytes."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    special = {"<|endoftext|>": 256}
    return tiktoken.Encoding("bytes", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens=special)


@pytest.mark.parametrize(
    "of", [lambda e: e, lambda e: e.encode, lambda e: e.encode_ordinary], ids=["itself", "encode", "ordinary"]
)
def test_tokens_by_an_encoding_object(encoding: tiktoken.Encoding, of: Callable[[tiktoken.Encoding], Any]) -> None:
    """A tiktoken encoding or its method counts special tokens in a text as the plain text that they are there."""
    assert make_counter(of(encoding))(SPECIAL) == len(SPECIAL)


def test_tiktoken_refusing_a_special_token_is_explained(encoding: tiktoken.Encoding) -> None:
    """A function around `encode` raises tiktoken's error, under the function's name."""
    with pytest.raises(InvalidInputError, match=r"<lambda>.* raised ValueError on a text .*disallowed special token"):
        make_counter(lambda text: encoding.encode(text))(SPECIAL)


def word_tokenizer() -> tokenizers.Tokenizer:
    """A tokenizer that adds a special token in front of each text."""
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"one": 0, "two": 1, "[UNK]": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.post_processor = tokenizers.processors.TemplateProcessing("[UNK] $A", special_tokens=[("[UNK]", 2)])
    return words


def test_tokens_by_a_tokenizer_object() -> None:
    """A tokenizer of the tokenizers library counts without its special tokens."""
    assert make_counter(word_tokenizer())("one two three") == 3


def test_a_tokenizer_that_cuts_or_pads_counts_the_whole_text() -> None:
    """Neither truncation nor padding changes a count, nor does counting change the tokenizer."""
    words = word_tokenizer()
    words.enable_truncation(2)
    words.enable_padding(length=9)
    assert make_counter(words)("one two three two one") == 5
    assert (words.truncation or {})["max_length"] == 2
    assert len(words.encode("one").ids) == 9


class HasEncode:
    """A tokenizer of no known library."""

    def encode(self, text: str) -> list[str]:
        return text.split()


def test_tokens_by_an_object_with_encode() -> None:
    """Any object with a method `encode` that takes a text counts."""
    assert make_counter(HasEncode())("one two three") == 3


@pytest.mark.parametrize("value", [3, None, b"cl100k_base", ["cl100k_base"], {"name": "x"}])
def test_what_is_no_tokenizer(value: object) -> None:
    """Any other value is an error that names it and what is allowed."""
    with pytest.raises(InvalidInputError, match=r"tokenizer is .*; give a name, .* or a callable"):
        make_counter(value)


def test_options_refuse_what_is_no_tokenizer() -> None:
    """The options say so as soon as they are made."""
    with pytest.raises(OptionsError, match="tokenizer is 3; give a name"):
        CompressionOptions(tokenizer=3)


def test_options_take_tokenizer_objects(encoding: tiktoken.Encoding) -> None:
    """Tokenizers that cannot be called are options like those that can."""
    words = word_tokenizer()
    assert CompressionOptions(tokenizer=encoding).tokenizer is encoding
    assert CompressionOptions(tokenizer=words).tokenizer is words


class HuggingFaceLike:
    """Has the two methods by which a Hugging Face tokenizer is known; adds a special token unless told not to."""

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": self.encode(text)}

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        return [0] * add_special_tokens + [len(word) for word in text.split()]

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        return [str(i) for i in ids]


def test_tokens_by_a_hugging_face_tokenizer() -> None:
    """Such a tokenizer counts without its special tokens."""
    assert make_counter(HuggingFaceLike())("one two three") == 3
