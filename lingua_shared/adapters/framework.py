"""Checks of what a framework hands to an adapter, with one wording for both adapters. Imports neither framework."""

import logging
from collections.abc import Sequence
from typing import Any

from lingua_shared.errors import InvalidInputError, InvalidTypeError
from lingua_shared.result import CompressionResult


def missing_framework(package: str, *, distribution: str, extra: str) -> ImportError:
    """Return the error of an adapter whose framework cannot be imported.

    Args:
        package: the adapter.
        distribution: what pip calls the framework.
        extra: extra of this distribution that installs it.
    """
    return ImportError(f"{package} needs {distribution}; install it with `pip install 'rag-lingua[{extra}]'`")


def check_each(values: object, kinds: type | tuple[type, ...], *, name: str, allowed: str) -> None:
    """Raise unless this is a list or another sequence of such objects; strings and bytes are none.

    Args:
        values: what a framework or a user handed in.
        kinds: classes of the elements.
        name: what an element is called, in the singular.
        allowed: what to give instead, for the error.

    Raises:
        InvalidTypeError: says what came and what is allowed.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Sequence):
        msg = f"{name}s is of type {type(values).__name__}; give {allowed}"
        raise InvalidTypeError(msg)
    for index, value in enumerate(values):
        if not isinstance(value, kinds):
            msg = f"{name} {index} is of type {type(value).__name__}; give {allowed}"
            raise InvalidTypeError(msg)


def all_scores(scores: Sequence[Any], *, name: str, what_to_do: str) -> list[Any]:
    """Return the retriever's scores for the ranker "given".

    Args:
        scores: one per passage; None where the retriever gave none.
        name: what the framework calls a passage, in the singular.
        what_to_do: where the scores should come from, for the error.

    Raises:
        InvalidInputError: a score is missing.
    """
    missing = [index for index, score in enumerate(scores) if score is None]
    if missing:
        msg = (
            f'the ranker "given" needs the score of every {name}, but {len(missing)} of {len(scores)} have none '
            f"({name} {missing[0]} first); {what_to_do}"
        )
        raise InvalidInputError(msg)
    return list(scores)


def log_notes(log: logging.Logger, result: CompressionResult) -> None:
    """Log as warnings what the engine did other than asked."""
    for note in result.notes:
        log.warning("%s", note)
