"""The errors of this package. Each message says what came in, what is allowed, and what to do.

LinguaError
├── OptionsError (ValueError)              an option is unknown or has a value that is not allowed
├── ModelLoadError (RuntimeError)          a model could not be found or loaded
├── MissingPackageError (ImportError)      an optional package is not installed
├── UnsupportedModelError (ValueError)     a model was loaded but cannot do what is asked of it
├── MissingQuestionError (ValueError)      the method needs a question and got none
├── BudgetError (ValueError)               what must be kept is larger than the budget
├── InvalidInputError (ValueError)         a value handed in cannot be used
└── InvalidTypeError (TypeError)           a value handed in has the wrong type
"""

from reprlib import Repr


class LinguaError(Exception):
    """Base class of all errors that this package raises on purpose."""


class OptionsError(LinguaError, ValueError):
    """An option is unknown, or its value is not allowed."""


class ModelLoadError(LinguaError, RuntimeError):
    """A model, or a package that ships it, could not be found or loaded."""


class MissingPackageError(LinguaError, ImportError):
    """An optional package that is needed for what was asked is not installed."""


class UnsupportedModelError(LinguaError, ValueError):
    """A model was found but cannot give the scores that are asked of it."""


class MissingQuestionError(LinguaError, ValueError):
    """A question-aware method was called without a question."""


class BudgetError(LinguaError, ValueError):
    """What must be kept needs more tokens than the budget has."""


class InvalidInputError(LinguaError, ValueError):
    """A value handed in cannot be used."""


class InvalidTypeError(LinguaError, TypeError):
    """A value handed in has the wrong type."""


_LONGEST_NAME = 200  # characters of a path, or of the name of a model
_LONGEST_VALUE = 80  # characters of another value
_LONGEST_REASON = 200  # characters of the text of another library's error

_REPR = Repr()
_REPR.maxlevel = 3
_REPR.maxtuple = _REPR.maxlist = _REPR.maxdict = _REPR.maxset = _REPR.maxfrozenset = 20
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 3 * _LONGEST_NAME


def short(value: object) -> str:
    """Return a value as a message shows it: its representation on one line, cut where it is long."""
    return _cut(_representation(value), _LONGEST_VALUE)


def short_name(name: str) -> str:
    """Return a path, or the name of a model, as a message shows it: paths are longer than other values."""
    return _cut(_representation(name), _LONGEST_NAME)


def reason(error: BaseException) -> str:
    """Return the text of an error of another library as a message shows it: on one line, cut where it is long."""
    return _cut(str(error), _LONGEST_REASON)


def _representation(value: object) -> str:
    try:
        return _REPR.repr(value)
    except ValueError:  # an integer with more digits than Python prints
        return f"an unprintable {type(value).__name__}"


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
