"""The errors of this package. Each message says what came in, what is allowed, and what to do.

LinguaError
├── OptionsError (ValueError)              an option is unknown or has a value that is not allowed
├── ModelLoadError (RuntimeError)          a model could not be found or loaded
├── UnsupportedModelError (ValueError)     a model was loaded but cannot do what is asked of it
├── MissingQuestionError (ValueError)      the method needs a question and got none
├── BudgetError (ValueError)               what must be kept is larger than the budget
├── InvalidInputError (ValueError)         a value handed in cannot be used
└── InvalidTypeError (TypeError)           a value handed in has the wrong type
"""


class LinguaError(Exception):
    """Base class of all errors that this package raises on purpose."""


class OptionsError(LinguaError, ValueError):
    """An option is unknown, or its value is not allowed."""


class ModelLoadError(LinguaError, RuntimeError):
    """A model, or a package that ships it, could not be found or loaded."""


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
