"""Counting tokens of the target model."""

from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import tiktoken

from lingua_shared.errors import InvalidInputError, InvalidTypeError, ModelLoadError
from lingua_shared.text import token_counting as counting
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


def test_tokens_by_the_encode_method_of_an_encoding() -> None:
    """A bound method is a callable like any other."""
    assert make_counter(tiktoken.get_encoding("cl100k_base").encode_ordinary)("hello world") == 2


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


def test_an_error_of_the_callable_is_not_hidden() -> None:
    """What a caller's tokenizer raises reaches the caller."""

    def broken(text: str) -> int:
        msg = f"cannot read {text}"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="cannot read text"):
        make_counter(broken)("text")


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


def test_tokens_by_the_folder_of_a_tokenizer(tmp_path: Path) -> None:
    """A folder is loaded by transformers, from the disk."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"one": 0, "two": 1, "[UNK]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    assert make_counter(str(tmp_path))("one two three two") == 4


@pytest.mark.parametrize("name", ["no tokenizer of that name!", "/no/such/folder"])
def test_an_unknown_name(name: str) -> None:
    """A name that is nothing raises an error that says what is allowed."""
    with pytest.raises(ModelLoadError, match=f"no tokenizer '{name}'.*cl100k_base.*gpt-4o.*a folder.*callable"):
        make_counter(name)


def test_an_encoding_that_cannot_be_fetched() -> None:
    """Where tiktoken fails, the error says what to do without a network."""
    counting._counter_by_name.cache_clear()
    with (
        mock.patch.object(tiktoken, "get_encoding", side_effect=OSError("no route")),
        pytest.raises(ModelLoadError, match=r"'cl100k_base' .*no route.*TIKTOKEN_CACHE_DIR") as caught,
    ):
        make_counter("cl100k_base")
    assert isinstance(caught.value.__cause__, OSError)


def test_an_encoding_works_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that llama-index-core ships are put where tiktoken looks, once."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "new"))
    counting._hand_shipped_files_to_tiktoken()
    files = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "new").iterdir()}
    assert files
    assert all(set(name) <= set("0123456789abcdef") and len(name) == 40 for name in files)
    counting._hand_shipped_files_to_tiktoken()
    assert {file.name: file.stat().st_mtime_ns for file in (tmp_path / "new").iterdir()} == files


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the files cannot be put, tiktoken is left to itself."""
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "file"))
    counting._hand_shipped_files_to_tiktoken()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_tokenizer_is_loaded_once() -> None:
    """The second counter of a name is the first one."""
    assert make_counter("cl100k_base") is make_counter("cl100k_base")
