"""Counts tokens of the target LLM: by a tiktoken encoding, an OpenAI model name, a Hugging Face tokenizer, a callable.

Knows tokenizers, nothing of passages. Loads a tokenizer on its first use and keeps it.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from numbers import Integral
from os import environ
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError, InvalidTypeError, ModelLoadError

Counter = Callable[[str], int]


def make_counter(tokenizer: str | Callable[..., Any]) -> Counter:
    """Return a function from a text to its number of tokens, special tokens not counted.

    Args:
        tokenizer: a tiktoken encoding ("o200k_base"), an OpenAI model name ("gpt-4o"), the folder or hub id of a
            Hugging Face tokenizer, such a tokenizer, or a callable that returns a number or something with a length.

    Raises:
        ModelLoadError: no tokenizer of that name could be found.
    """
    if isinstance(tokenizer, str):
        return _counter_by_name(tokenizer)
    encode = getattr(tokenizer, "encode", None)
    if encode is not None and hasattr(tokenizer, "convert_ids_to_tokens"):
        return lambda text: len(encode(text, add_special_tokens=False))
    return lambda text: _as_count(tokenizer(text), text)


def _as_count(answer: Any, text: str) -> int:
    is_list = hasattr(answer, "__len__") and not isinstance(answer, str | bytes | Mapping)
    count = len(answer) if is_list else answer
    if isinstance(count, bool) or not isinstance(count, Integral):
        msg = f"the tokenizer returned {type(answer).__name__}; it must return a whole number or a list of tokens"
        raise InvalidTypeError(msg)
    if count < 0:
        msg = f"the tokenizer counted {count} tokens in a text of {len(text)} characters; a count is never negative"
        raise InvalidInputError(msg)
    return int(count)


@lru_cache(maxsize=32)
def _counter_by_name(name: str) -> Counter:
    import tiktoken  # noqa: PLC0415 - late, so that importing this package stays fast

    encoding_name = name if name in tiktoken.list_encoding_names() else _encoding_of_model(name)
    if encoding_name is None:
        return _hugging_face_counter(name)
    _hand_shipped_files_to_tiktoken()
    try:
        encoding = tiktoken.get_encoding(encoding_name)
    except Exception as error:  # whatever a download can raise
        msg = (
            f"tiktoken could not fetch {encoding_name!r} ({error}); without a network, install llama-index-core, "
            "which ships cl100k_base and o200k_base, set TIKTOKEN_CACHE_DIR, or pass another tokenizer"
        )
        raise ModelLoadError(msg) from error
    return lambda text: len(encoding.encode_ordinary(text))


def _encoding_of_model(name: str) -> str | None:
    import tiktoken  # noqa: PLC0415

    try:
        return tiktoken.encoding_name_for_model(name)
    except KeyError:
        return None


def _hand_shipped_files_to_tiktoken() -> None:
    """Put the encodings that llama-index-core ships where tiktoken looks before it downloads."""
    spec = find_spec("llama_index.core") if find_spec("llama_index") else None
    if spec is None or spec.origin is None:
        return
    folder = environ.get("TIKTOKEN_CACHE_DIR", environ.get("DATA_GYM_CACHE_DIR"))
    target = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    shipped = Path(spec.origin).parent / "_static" / "tiktoken_cache"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in shipped.glob("[0-9a-f]*"):
            if not (target / file.name).exists():
                _copy_whole(file, target / file.name)
    except OSError:
        return  # a folder that cannot be written to: tiktoken then downloads


def _copy_whole(source: Path, target: Path) -> None:
    # Written beside and renamed, so that another process never reads half a file.
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(source.read_bytes())
    shutil.move(part.name, target)


def _hugging_face_counter(name: str) -> Counter:
    from transformers import AutoTokenizer  # noqa: PLC0415

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except Exception as error:
        msg = (
            f"no tokenizer {name!r}: no tiktoken encoding, no OpenAI model name, no Hugging Face tokenizer that could "
            'be loaded; give one of these ("cl100k_base", "gpt-4o", a folder), or a callable that counts tokens'
        )
        raise ModelLoadError(msg) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))
