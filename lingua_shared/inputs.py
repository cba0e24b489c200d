"""Checks what the caller hands in: options, passages, question, scores, headers, titles. Knows no model."""

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from numbers import Real
from typing import Any, Self

import regex as re
from pydantic import BaseModel, ValidationError

from lingua_shared.errors import InvalidInputError, InvalidTypeError, OptionsError
from lingua_shared.text.spans import Render
from lingua_shared.text.words import whole_word

LONGEST_TITLE = 100
"""Characters of a title that are read."""

_LONGEST_SHOWN = 80  # characters of a value in a message


class OptionsModel(BaseModel):
    """Base of the options: what is not allowed raises `OptionsError` and leaves the options as they were."""

    @classmethod
    def model_validate(cls, obj: Any, **settings: Any) -> Self:
        """Build options from a dictionary, such as `model_dump` wrote.

        Raises:
            OptionsError: an option is unknown, or its value is not allowed.
        """
        try:
            return super().model_validate(obj, **settings)
        except ValidationError as error:
            raise OptionsError(_explained(error, cls)) from error

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **settings: Any) -> Self:
        """Build options from JSON, such as `model_dump_json` wrote.

        Raises:
            OptionsError: an option is unknown, or its value is not allowed, or this is no JSON.
        """
        try:
            return super().model_validate_json(json_data, **settings)
        except ValidationError as error:
            raise OptionsError(_explained(error, cls)) from error

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option; an option that is not allowed raises and changes nothing."""
        before = dict(self.__dict__)
        try:
            super().__setattr__(name, value)
        except ValidationError as error:
            self.__dict__.update(before)
            raise OptionsError(_explained(error, type(self))) from error

    def __repr__(self) -> str:
        """Return the options that differ from their defaults, on one line."""
        return f"{type(self).__name__}({', '.join(f'{name}={_short(value)}' for name, value in self._said())})"

    __str__ = __repr__

    def _said(self) -> list[tuple[str, Any]]:
        fields = type(self).model_fields
        shown = {name: getattr(self, name) for name, field in fields.items() if field.repr and not field.exclude}
        is_set = self.model_fields_set
        return [(n, value) for n, value in shown.items() if n in is_set and value != fields[n].get_default()]


def _init(self: OptionsModel, /, **data: Any) -> None:
    """Build options.

    Raises:
        OptionsError: an option is unknown, or its value is not allowed.
    """
    try:
        super(OptionsModel, self).__init__(**data)
    except ValidationError as error:
        raise OptionsError(_explained(error, type(self))) from error


# Set from outside the class, so that type checkers and editors keep the signature that pydantic makes of the fields.
# With the mark, pydantic's own validation goes on without calling it.
_init.__pydantic_base_init__ = True  # type: ignore[attr-defined]
OptionsModel.__init__ = _init  # type: ignore[method-assign, assignment]


def _explained(error: ValidationError, options: type[BaseModel]) -> str:
    return "; ".join(_explanation(dict(one), options) for one in error.errors(include_url=False))


def _explanation(error: dict[str, Any], options: type[BaseModel]) -> str:
    """Say in one sentence which option was refused, its value, what is allowed, and what may have been meant."""
    name = ".".join(str(part) for part in error["loc"] if not str(part).startswith("function-"))
    if error["type"] == "value_error":  # of a check of ours, or of Python
        message = str(error["ctx"]["error"])
        return message if not name or name.split(".")[0] in message else f"{name}={_short(error['input'])}: {message}"
    if error["type"] in ("extra_forbidden", "no_such_attribute"):
        return f"{options.__name__} has no option {_short(name)}{_meant(name, list(options.model_fields))}"
    text = f"{name}={_short(error['input'])} is not allowed: {error['msg'][:1].lower()}{error['msg'][1:]}"
    expected = error.get("ctx", {}).get("expected")
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        allowed = [word.strip("' ") for word in str(expected).replace(" or ", ", ").split(",")]
        text += _meant(error["input"], allowed)
    return text


def _meant(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


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
        if isinstance(score, bool) or not isinstance(score, Real) or not _is_finite(score):
            msg = f"score {index} is {_short(score)}; scores are finite numbers"
            raise InvalidInputError(msg)
    return tuple(float(score) for score in scores)


def _is_finite(number: Real) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False


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


def as_titles(titles: Sequence[str | None] | None, passages: Sequence[str]) -> tuple[str, ...]:
    """Return what each passage is about: on one line, not too long, "" where nothing is known.

    A title that the passage begins with is left out, since scorers read it in the passage.
    """
    if titles is None:
        return ("",) * len(passages)
    _check_one_per_passage(titles, len(passages), "titles", "strings")
    for index, title in enumerate(titles):
        check_text(title or "", f"title {index}")
    lines = (" ".join((title or "").split())[:LONGEST_TITLE].rstrip() for title in titles)
    pairs = zip(lines, passages, strict=True)
    return tuple("" if not line or _begins_with(text, line) else line for line, text in pairs)


def _begins_with(passage: str, title: str) -> bool:
    """Whether a passage begins with its title, or is blank, so that there is nothing to be titled."""
    text = passage.lstrip()
    return not text or (text.startswith(title) and bool(re.match(whole_word(title), text)))


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
