"""Lingua for LangChain: shortens retrieved documents for a question and restores names and dates in answers.

`LinguaCompressor` is a document compressor. `PrecomputeScores` reads documents ahead, while they are indexed.
`RecoverAnswer` and `recovering` restore in an answer what compression dropped. `LinguaToolOutputMiddleware` shortens
what the tools of an agent return, `LinguaContextEdit` older results in a long history.

Importing this package loads neither torch nor transformers.
"""

from typing import Any

from lingua_shared.adapters.framework import missing_framework

try:
    import langchain_core  # noqa: F401 - only to say what is missing
except ImportError as error:
    raise missing_framework(__name__, distribution="langchain-core", extra="langchain") from error

from langchain_lingua.compressor import LinguaCompressor, LongLLMLinguaCompressor
from langchain_lingua.context_edit import LinguaContextEdit
from langchain_lingua.indexing import PrecomputeScores
from langchain_lingua.recovery import RecoverAnswer
from langchain_lingua.runnable import recovering

__all__ = [
    "LinguaCompressor",
    "LinguaContextEdit",
    "LinguaToolOutputMiddleware",
    "LongLLMLinguaCompressor",
    "PrecomputeScores",
    "RecoverAnswer",
    "recovering",
]


def __getattr__(name: str) -> Any:
    """Import the middleware where it is used: it needs the package `langchain`, which nothing else here does."""
    if name != "LinguaToolOutputMiddleware":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        from langchain_lingua.middleware import LinguaToolOutputMiddleware  # noqa: PLC0415
    except ImportError as error:
        raise missing_framework(name, distribution="langchain", extra="agents") from error
    return LinguaToolOutputMiddleware
