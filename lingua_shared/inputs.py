"""Checks what the caller hands in, and says clearly what is wrong with it. Knows no model."""

import math
from collections.abc import Mapping, Sequence
from numbers import Real

from lingua_shared.errors import InvalidInputError, InvalidTypeError
from lingua_shared.text.spans import Render

LONGEST_TITLE = 100
"""Characters of a title that are read."""


def as_passages(passages: str | Sequence[str]) -> tuple[str, ...]:
    """Return the passages as a tuple; a single string is one passage.

    Raises:
        InvalidTypeError: not a string and not a sequence of strings.
        InvalidInputError: a passage holds a lone surrogate, which is no character.
    """
    if isinstance(passages, str):
        passages = [passages]
    if isinstance(passages, bytes) or not isinstance(passages, Sequence):
        msg = f"passages is of type {type(passages).__name__}; give a string or a list of strings"
        raise InvalidTypeError(msg)
    for index, passage in enumerate(passages):
        check_text(passage, f"passage {index}")
    return tuple(passages)


def check_text(text: object, what: str) -> None:
    """Raise unless the value is a string of real characters."""
    if not isinstance(text, str):
        msg = f"{what} is of type {type(text).__name__}; give a string"
        raise InvalidTypeError(msg)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        msg = (
            f"{what} holds the lone surrogate {text[error.start]!a} at character {error.start}, which is not text; "
            'decode its bytes with errors="replace", or take the character out'
        )
        raise InvalidInputError(msg) from error


def as_question(question: str | None) -> str | None:
    """Return the question, or None where there is none or only white space."""
    if question is None:
        return None
    check_text(question, "the question")
    return question if question.strip() else None


def as_scores(scores: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    """Return the caller's own scores, one finite number per passage."""
    if scores is None:
        return None
    _check_one_per_passage(scores, count, "scores", "numbers")
    for index, score in enumerate(scores):
        if isinstance(score, bool) or not isinstance(score, Real) or not math.isfinite(score):
            msg = f"score {index} is {score!r}; scores are finite numbers"
            raise InvalidInputError(msg)
    return tuple(float(score) for score in scores)


def as_renders(headers: Sequence[str | Render] | None, count: int) -> tuple[Render, ...]:
    """Return one function per passage, which gives the prompt's text for the passage.

    Args:
        headers: texts to put before the passages, or such functions; None shows passages as they are.
        count: number of passages.
    """
    if headers is None:
        return (str,) * count
    _check_one_per_passage(headers, count, "headers", "strings or functions")
    return tuple(_as_render(header, index) for index, header in enumerate(headers))


def _as_render(header: str | Render, index: int) -> Render:
    if callable(header):
        check_text(header(""), f"what header {index} returns")
        return header
    check_text(header, f"header {index}")
    return header.__add__


def as_titles(titles: Sequence[str | None] | None, count: int) -> tuple[str, ...]:
    """Return what each passage is about, on one line and not too long; none is the empty string."""
    if titles is None:
        return ("",) * count
    _check_one_per_passage(titles, count, "titles", "strings")
    for index, title in enumerate(titles):
        check_text(title or "", f"title {index}")
    return tuple(" ".join((title or "").split())[:LONGEST_TITLE].rstrip() for title in titles)


def _check_one_per_passage(values: object, count: int, what: str, of: str) -> None:
    if isinstance(values, str | bytes | Mapping) or not (hasattr(values, "__len__") and hasattr(values, "__getitem__")):
        msg = f"{what} is of type {type(values).__name__}; give a list of {of}, one per passage"
        raise InvalidTypeError(msg)
    if len(values) != count:
        msg = f"{len(values)} {what} for {count} passages; give one per passage"
        raise InvalidInputError(msg)


def check_indices(indices: Sequence[int], count: int) -> None:
    """Raise where an index to keep is not that of a passage."""
    wrong = [index for index in indices if index >= count]
    if wrong:
        msg = f"keep_passages names {wrong}, but there are {count} passages, counted from 0"
        raise InvalidInputError(msg)
