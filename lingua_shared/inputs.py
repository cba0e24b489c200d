"""Checks what the caller hands in: options, passages, question, scores, headers, titles. Knows no model."""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from numbers import Real
from typing import Annotated, Any, ClassVar, Self, TypeVar

import regex as re
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticSerializationError

from lingua_shared.errors import InvalidInputError, InvalidTypeError, LinguaError, OptionsError, reason, short
from lingua_shared.text.spans import Render
from lingua_shared.text.words import whole_word

LONGEST_TITLE = 100
"""Characters of a title that are read."""

Whole = Annotated[int, Field(le=sys.maxsize)]
"""A whole number that Python and its libraries can count with."""

QUESTION_FIELDS = ("question", "query")
PASSAGES_FIELDS = ("passages", "documents", "contexts", "context", "ctxs", "docs")
TEXT_FIELDS = ("text", "page_content", "content", "passage", "contents")
"""What files of questions call a question, its passages and the text of one; the first that is there counts."""

_Options = TypeVar("_Options", bound=BaseModel)

_LONGEST_NAME = 80  # characters of an option's name in a message


class CheckedModel(BaseModel):
    """Base of what a user builds: a value that is not allowed raises an error of this package."""

    _error: ClassVar[type[LinguaError]] = InvalidInputError

    @classmethod
    def model_validate(cls, obj: Any, **settings: Any) -> Self:
        """Build one from a dictionary, such as `model_dump` wrote.

        Raises:
            LinguaError: something is missing or unknown, or its value is not allowed.
        """
        try:
            return super().model_validate(obj, **settings)
        except ValidationError as error:
            raise cls._error(_explained(error, cls)) from error

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **settings: Any) -> Self:
        """Build one from JSON, such as `model_dump_json` wrote.

        Raises:
            LinguaError: something is missing or unknown, or its value is not allowed, or this is no JSON.
        """
        try:
            return super().model_validate_json(json_data, **settings)
        except ValidationError as error:
            raise cls._error(_explained(error, cls)) from error


def _init(self: CheckedModel, /, *unnamed: object, **data: Any) -> None:
    """Build one from values by name.

    Raises:
        LinguaError: something is missing or unknown, or its value is not allowed.
    """
    kind = type(self)
    if unnamed:
        msg = f"{kind.__name__} got {short(unnamed[0])} without a name; give each value by its name, as in name=value"
        raise InvalidTypeError(msg)
    try:
        super(CheckedModel, self).__init__(**data)
    except ValidationError as error:
        raise kind._error(_explained(error, kind)) from error  # noqa: SLF001 - a method of the class


# Set from outside the class, so that type checkers and editors keep the signature that pydantic makes of the fields.
# With the mark, pydantic's own validation goes on without calling it.
_init.__pydantic_base_init__ = True  # type: ignore[attr-defined]
CheckedModel.__init__ = _init  # type: ignore[method-assign, assignment]


class OptionsModel(CheckedModel):
    """Base of the options: what is not allowed raises `OptionsError` and leaves the options as they were."""

    _error = OptionsError

    def model_dump(self, **settings: Any) -> dict[str, Any]:
        """Return the options as a dictionary.

        Raises:
            OptionsError: mode is "json", and an option cannot be written as JSON.
        """
        with _json_errors(type(self)):
            return super().model_dump(**settings)

    def model_dump_json(self, **settings: Any) -> str:
        """Return the options as JSON.

        Raises:
            OptionsError: an option cannot be written as JSON.
        """
        with _json_errors(type(self)):
            return super().model_dump_json(**settings)

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
        return f"{type(self).__name__}({', '.join(f'{name}={short(value)}' for name, value in self._said())})"

    __str__ = __repr__

    def _said(self) -> list[tuple[str, Any]]:
        fields = type(self).model_fields
        shown = {name: getattr(self, name) for name, field in fields.items() if field.repr and not field.exclude}
        is_set = self.model_fields_set
        return [(n, value) for n, value in shown.items() if n in is_set and value != fields[n].get_default()]


def as_number(value: Any) -> Any:
    """Return a value for a numeric option, or a list or dictionary of numbers; pydantic would convert text and bools.

    Raises:
        ValueError: it is, or holds, text or a bool.
    """
    inner = list(value.values()) if isinstance(value, Mapping) else value
    for one in inner if isinstance(inner, list | tuple) else [inner]:
        if isinstance(one, bool | str | bytes):
            msg = f"{short(one)} is of type {type(one).__name__}; give a number"
            raise ValueError(msg)  # noqa: TRY004 - pydantic collects errors of values only
    return value


@contextmanager
def _json_errors(options: type[BaseModel]) -> Iterator[None]:
    try:
        yield
    except PydanticSerializationError as error:
        # pydantic puts the path of its own calls before the message.
        msg = f"{options.__name__} cannot be written as JSON: {str(error).rpartition('Error: ')[2]}"
        raise OptionsError(msg) from error


def _explained(error: ValidationError, kind: type[BaseModel]) -> str:
    return "; ".join(_explanation(dict(one), kind) for one in error.errors(include_url=False))


def _explanation(error: dict[str, Any], kind: type[BaseModel]) -> str:
    """Say in one sentence which value was refused, what is allowed, and what may have been meant."""
    name = ".".join(str(part) for part in error["loc"] if not str(part).startswith("function-"))
    if error["type"] == "value_error":  # of a check of ours, or of Python
        message = str(error["ctx"]["error"])
        return message if not name or name.split(".")[0] in message else f"{_shown(name, error)}: {message}"
    if error["type"] in ("extra_forbidden", "no_such_attribute"):
        return f"{kind.__name__} has no option {short(name)}{_meant(name, list(kind.model_fields)) or _elsewhere(name)}"
    if error["type"] == "missing":
        return f"{kind.__name__} needs {name}, which is missing"
    if error["type"] in ("tuple_type", "list_type"):
        return f"{_shown(name, error)} is of type {type(error['input']).__name__}; give a list, as in {name}=[...]"
    text = f"{_shown(name, error)} is not allowed: {error['msg'][:1].lower()}{error['msg'][1:]}"
    expected = error.get("ctx", {}).get("expected")
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        allowed = [word.strip("' ") for word in str(expected).replace(" or ", ", ").split(",")]
        text += _meant(error["input"], allowed)
    return text


def _shown(name: str, error: Mapping[str, Any]) -> str:
    return f"{name[:_LONGEST_NAME]}={short(error['input'])}" if name else short(error["input"])


def _meant(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _elsewhere(name: str) -> str:
    """Say which other class of options has an option of this name."""
    others = [other.__name__ for other in OptionsModel.__subclasses__() if name in other.model_fields]
    return f"; it is an option of {others[0]}" if others else ""


def checked_options(options: _Options | None, kind: type[_Options]) -> _Options:
    """Return options of a kind; its defaults for None.

    Raises:
        InvalidTypeError: they are of another kind.
    """
    if options is None:
        return kind()
    if not isinstance(options, kind):
        msg = f"options is of type {type(options).__name__}; give {kind.__name__}(...)"
        raise InvalidTypeError(msg)
    return options


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
            msg = f"score {index} is {short(score)}; scores are finite numbers"
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
    if not callable(header):
        check_text(header, f"header {index}")
        return header.__add__

    def render(text: str) -> str:
        try:
            shown = header(text)
        except Exception as error:  # whatever a caller's code can raise
            msg = (
                f"header {index} raised {type(error).__name__} on a text of {len(text)} characters; give a function "
                f"that takes any part of the passage, and an empty text ({reason(error)})"
            )
            raise InvalidInputError(msg) from error
        check_text(shown, f"what header {index} returns")
        return shown

    render("")
    return render


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
        msg = f"keep_passages names {short(wrong)}, but there are {count} passages, counted from 0"
        raise InvalidInputError(msg)


_COARSE_BUDGET = re.compile(r"\+\s*(?P<tokens>[0-9]{1,9})|\*\s*(?P<ratio>[0-9]{1,6}(?:\.[0-9]{1,9})?)")


def parse_coarse_budget(text: str) -> tuple[float, int]:
    """Return the factor and the tokens that a coarse budget stands for: the budget times the one plus the other.

    Args:
        text: such as "+100", the budget and a hundred tokens, or "*1.3", the budget times 1.3.

    Raises:
        ValueError: it has another form, or the factor is below 1.
    """
    match = _COARSE_BUDGET.fullmatch(text.strip())
    ratio = float(match["ratio"] or 1) if match else 0.0
    if match is None or ratio < 1:
        msg = f'{short(text)} is no coarse budget; write "+100" for a hundred tokens more, or "*1.3" (at least "*1")'
        raise ValueError(msg)
    return ratio, int(match["tokens"] or 0)
