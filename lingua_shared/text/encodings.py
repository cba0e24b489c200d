"""Loads tiktoken encodings and counts tokens with them.

The files of an encoding are read from where llama-index-core ships them, if it is installed; else tiktoken looks in its
own cache and downloads them. Nothing is copied, and no environment variable is changed.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha1, sha256
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import tiktoken

from lingua_shared.errors import ModelLoadError, reason
from lingua_shared.text.hub import answers

_MAX_WHITE_SPACE = 100_000  # characters
_WHITE_SPACE = re.compile(r"\s+")


def encoding_name(name: str) -> str | None:
    """Return the tiktoken encoding that a name stands for, itself or as that of a model; None for other names."""
    if name in tiktoken.list_encoding_names():
        return name
    try:
        return tiktoken.encoding_name_for_model(name)
    except KeyError:
        return None


def load_encoding(name: str, *, local_files_only: bool = False) -> tiktoken.Encoding:
    """Return a tiktoken encoding.

    Args:
        name: the name of an encoding.
        local_files_only: whether to use files on this machine only.

    Raises:
        ModelLoadError: a file of the encoding is not on this machine and cannot be downloaded.
    """
    constructors = _constructors(local_files_only=local_files_only)
    try:
        return tiktoken.Encoding(**constructors[name]()) if name in constructors else tiktoken.get_encoding(name)
    except Exception as error:  # whatever a download can raise
        msg = (
            f"tiktoken has no file of {name!r} on this machine ({reason(error)}); without a network, install "
            "llama-index-core, which ships cl100k_base and o200k_base, set TIKTOKEN_CACHE_DIR, or pass another "
            "tokenizer"
        )
        raise ModelLoadError(msg) from error


def count_tokens(encoding: tiktoken.Encoding, text: str) -> int:
    """Return the number of tokens of a text; special tokens in it are plain text.

    tiktoken fails on white space of about a million characters, so very long white space is split. That can count one
    token more for each split, never less.
    """
    return sum(len(encoding.encode_ordinary(part)) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Split a text within white space of more than `_MAX_WHITE_SPACE` characters."""
    start = 0
    if len(text) > _MAX_WHITE_SPACE:
        for space in _WHITE_SPACE.finditer(text):
            for end in range(space.start() + _MAX_WHITE_SPACE, space.end(), _MAX_WHITE_SPACE):
                yield text[start:end]
                start = end
    yield text[start:]


def _constructors(*, local_files_only: bool) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return tiktoken's functions that read its encodings, changed so that they look for a shipped file first.

    The change is made in copies of tiktoken's modules that no one else sees.
    """
    files, encodings = _copy_of("tiktoken.load"), _copy_of("tiktoken_ext.openai_public")
    read_or_download = files.read_file_cached

    def read(url: str, expected_hash: str | None = None) -> bytes:
        shipped = _shipped_file(url, expected_hash)
        return read_or_download(url, expected_hash) if shipped is None else shipped

    vars(files)["read_file_cached"] = read
    vars(files)["read_file"] = _refuse if local_files_only else partial(_download, files.read_file)
    for reader in ("load_tiktoken_bpe", "data_gym_to_mergeable_bpe_ranks"):
        vars(encodings)[reader] = getattr(files, reader)
    constructors: dict[str, Callable[[], dict[str, Any]]] = encodings.ENCODING_CONSTRUCTORS
    return constructors


def _copy_of(module: str) -> ModuleType:
    spec = find_spec(module)
    if spec is None or spec.loader is None:
        msg = f"the module {module} is missing; install tiktoken again"
        raise ModelLoadError(msg)
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


def _refuse(_url: str) -> bytes:
    msg = "local_files_only is set"
    raise FileNotFoundError(msg)


def _download(read_file: Callable[[str], bytes], url: str) -> bytes:
    if not answers(url):
        msg = f"{url} cannot be reached"
        raise FileNotFoundError(msg)
    return read_file(url)


def _shipped_file(url: str, expected_hash: str | None) -> bytes | None:
    """Return what llama-index-core ships of a URL; None where it ships nothing, or something else than expected."""
    spec = find_spec("llama_index.core") if find_spec("llama_index") else None
    if spec is None or spec.origin is None:
        return None
    # tiktoken names cached files so, too.
    name = sha1(url.encode(), usedforsecurity=False).hexdigest()
    try:
        contents = (Path(spec.origin).parent / "_static" / "tiktoken_cache" / name).read_bytes()
    except OSError:
        return None
    return contents if expected_hash in {None, sha256(contents).hexdigest()} else None
