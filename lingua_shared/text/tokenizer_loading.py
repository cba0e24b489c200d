"""Loads tokenizers by name, each once: tiktoken encodings, those of OpenAI models, folders and hub ids."""

import os
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.errors import ModelLoadError, reason, short_name
from lingua_shared.text.encodings import count_tokens, encoding_name, load_encoding
from lingua_shared.text.hub import hub_answers, is_cached

Counter = Callable[[str], int]
"""From a text to its number of tokens."""

MAX_LOADED = 32
"""Tokenizers that stay in memory; the one loaded first makes room for the next."""

_ALLOWED = (
    'give a tiktoken encoding ("cl100k_base"), an OpenAI model name ("gpt-4o"), a folder or hub id of a Hugging Face '
    "tokenizer, such a tokenizer itself, or a callable that counts tokens"
)


class LoadedTokenizers:
    """Tokenizers by name, each loaded once. Safe to share between threads. A failure is not cached."""

    def __init__(self) -> None:
        """Start with none."""
        self._counters: dict[Hashable, Counter] = {}
        self._lock = ForkSafeLock()

    def counter(self, name: str, *, trust_remote_code: bool = False, local_files_only: bool = False) -> Counter:
        """Return the function that counts tokens with the tokenizer of this name.

        Args:
            name: a tiktoken encoding, an OpenAI model, a folder, or a hub id. A folder that changes is read again.
            trust_remote_code: whether Python code in the tokenizer's folder or repository may run.
            local_files_only: whether to use files on this machine only.

        Raises:
            ModelLoadError: there is no such tokenizer, it cannot be fetched, or it needs code that is not trusted.
        """
        key = (name, trust_remote_code, local_files_only, _last_change(name))
        counter = self._counters.get(key)
        if counter is not None:
            return counter
        with self._lock:
            encoding = encoding_name(name)
            if encoding is not None:
                read = partial(_encoding_counter, encoding, local_files_only=local_files_only)
                return self._once(key, partial(self._once, encoding, read))
            load = _load_hugging_face if _is_folder(name) else _load_from_hub
            return self._once(
                key, partial(load, name, trust_remote_code=trust_remote_code, local_files_only=local_files_only)
            )

    def _once(self, key: Hashable, load: Callable[[], Counter]) -> Counter:
        if key not in self._counters:
            counter = load()
            if len(self._counters) >= MAX_LOADED:
                del self._counters[next(iter(self._counters))]
            self._counters[key] = counter
        return self._counters[key]


def _encoding_counter(name: str, *, local_files_only: bool) -> Counter:
    return partial(count_tokens, load_encoding(name, local_files_only=local_files_only))


def _load_from_hub(name: str, *, trust_remote_code: bool, local_files_only: bool) -> Counter:
    """Load the tokenizer of a hub id, from the hub's cache if it is there."""
    _check_hub_id(name)
    if is_cached(name):
        try:
            return _load_hugging_face(name, trust_remote_code=trust_remote_code, local_files_only=True)
        except ModelLoadError as error:
            if local_files_only or _needs_code(error.__cause__):
                raise
    if local_files_only or not hub_answers():
        why = "local_files_only is set" if local_files_only else "the model hub cannot be reached"
        msg = f"no tokenizer {short_name(name)} on this machine, and {why}; {_ALLOWED}"
        raise ModelLoadError(msg)
    return _load_hugging_face(name, trust_remote_code=trust_remote_code, local_files_only=False)


def _check_hub_id(name: str) -> None:
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # noqa: PLC0415

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        msg = f"no tokenizer {short_name(name)}: it is neither a folder nor a name that a hub can have; {_ALLOWED}"
        raise ModelLoadError(msg) from error


def _load_hugging_face(name: str, *, trust_remote_code: bool, local_files_only: bool) -> Counter:
    from transformers import AutoTokenizer  # noqa: PLC0415

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            name, trust_remote_code=trust_remote_code, local_files_only=local_files_only
        )
        # The first call takes off truncation and padding, so that later ones change nothing and threads can share it.
        tokenizer.encode("", add_special_tokens=False)
    except Exception as error:
        if _needs_code(error):
            msg = (
                f"the tokenizer {short_name(name)} comes with Python code of its own, which is not run; set "
                "trust_remote_code=True if you trust it, or pass another tokenizer"
            )
            raise ModelLoadError(msg) from error
        msg = f"no tokenizer {short_name(name)} that transformers can load ({reason(error)}); {_ALLOWED}"
        raise ModelLoadError(msg) from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False, verbose=False))


def _needs_code(error: BaseException | None) -> bool:
    return isinstance(error, ValueError) and "trust_remote_code" in str(error)


def _is_folder(name: str) -> bool:
    try:
        return bool(name) and Path(name).is_dir()
    except OSError:  # such as a name that is too long
        return False


def _last_change(name: str) -> int:
    """Return when a file of a folder was last written to, in nanoseconds; 0 for names that are no folder."""
    if not _is_folder(name):
        return 0
    with os.scandir(name) as entries:
        return max((entry.stat().st_mtime_ns for entry in entries), default=0)


TOKENIZERS = LoadedTokenizers()
"""The tokenizers of this process."""
