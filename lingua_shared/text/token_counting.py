"""Counts the tokens of a text with the target LLM's tokenizer.

Takes what a caller has: a name, an object of tiktoken, tokenizers or transformers, or a callable.
"""

from collections.abc import Callable, Mapping
from functools import partial
from numbers import Integral
from typing import Any

from tiktoken import Encoding

from lingua_shared.errors import InvalidInputError, InvalidTypeError, LinguaError, reason, short
from lingua_shared.text.encodings import count_tokens
from lingua_shared.text.tokenizer_loading import TOKENIZERS, Counter

__all__ = ["Counter", "make_counter"]


def make_counter(tokenizer: Any, *, trust_remote_code: bool = False, local_files_only: bool = False) -> Counter:
    """Return a function from a text to its number of tokens, without added special tokens.

    Args:
        tokenizer: a tiktoken encoding ("o200k_base"), an OpenAI model name ("gpt-4o"), the folder or hub id of a
            Hugging Face tokenizer; a `tiktoken.Encoding`, a `tokenizers.Tokenizer`, a tokenizer of transformers; or a
            callable from a text to a whole number or to something that has a length, such as a list of tokens; or an
            object with such a method `encode`.
        trust_remote_code: whether Python code in the folder or repository of a named tokenizer may run.
        local_files_only: whether a named tokenizer is taken from this machine only.

    Raises:
        ModelLoadError: a named tokenizer is not there, cannot be fetched, or needs code that is not trusted.
        InvalidInputError: the value is none of these.
    """
    if isinstance(tokenizer, str):
        return TOKENIZERS.counter(tokenizer, trust_remote_code=trust_remote_code, local_files_only=local_files_only)
    check_tokenizer(tokenizer)
    known = _tiktoken_counter(tokenizer) or _tokenizers_counter(tokenizer) or _transformers_counter(tokenizer)
    count = known or (tokenizer if callable(tokenizer) else tokenizer.encode)
    return _checked(count, getattr(tokenizer, "__qualname__", None) or short(tokenizer))


def check_tokenizer(tokenizer: Any) -> Any:
    """Return the value if `make_counter` can take it: a name, a callable, or an object with a method `encode`.

    Raises:
        InvalidInputError: it is none of these.
    """
    if not (isinstance(tokenizer, str) or callable(tokenizer) or callable(getattr(tokenizer, "encode", None))):
        msg = (
            f"tokenizer is {short(tokenizer)}; give a name, a tiktoken.Encoding, a tokenizers.Tokenizer, a "
            "tokenizer of transformers, or a callable that counts tokens"
        )
        raise InvalidInputError(msg)
    return tokenizer


def _tiktoken_counter(tokenizer: Any) -> Counter | None:
    """Return the counter of an encoding, or of its method `encode`, which refuses texts with "<|endoftext|>"."""
    is_encode = getattr(tokenizer, "__name__", None) == "encode"
    encoding = getattr(tokenizer, "__self__", None) if is_encode else tokenizer
    return partial(count_tokens, encoding) if isinstance(encoding, Encoding) else None


def _tokenizers_counter(tokenizer: Any) -> Counter | None:
    """Return the counter of a `tokenizers.Tokenizer`: of a copy, if it would cut or pad the text."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    if not isinstance(tokenizer, Tokenizer):
        return None
    if tokenizer.truncation or tokenizer.padding:
        tokenizer = Tokenizer.from_str(tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _transformers_counter(tokenizer: Any) -> Counter | None:
    if not (hasattr(tokenizer, "encode") and hasattr(tokenizer, "convert_ids_to_tokens")):
        return None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


def _checked(count: Callable[[str], Any], name: str) -> Counter:
    """Return a function that calls a caller's tokenizer, and says clearly what is wrong with its answer."""

    def checked(text: str) -> int:
        try:
            answer = count(text)
        except LinguaError:
            raise
        except Exception as error:  # whatever a caller's code can raise
            msg = (
                f"the tokenizer {name} raised {type(error).__name__} on a text of {len(text)} characters; "
                f"give one that counts the tokens of any text ({reason(error)})"
            )
            raise InvalidInputError(msg) from error
        return _as_count(answer, text)

    return checked


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
