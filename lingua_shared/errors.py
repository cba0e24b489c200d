"""The one error tree. Every error says what came, what is allowed and what to do.

LinguaError
├── ModelLoadError (RuntimeError)          a model could not be found or loaded
├── UnsupportedModelError (ValueError)     a model was loaded, but cannot do what is asked of it
├── MissingQuestionError (ValueError)      the method needs a question and got none
├── BudgetError (ValueError)               what must be kept is larger than the budget
├── InvalidInputError (ValueError)         a value handed in cannot be used
└── InvalidTypeError (TypeError)           a value handed in is of the wrong type
"""


class LinguaError(Exception):
    """Base of all errors that this package raises on purpose."""


class ModelLoadError(LinguaError, RuntimeError):
    """A model, or a package that ships it, could not be found or loaded."""


class UnsupportedModelError(LinguaError, ValueError):
    """A model was found but cannot give the scores that are asked of it."""


class MissingQuestionError(LinguaError, ValueError):
    """A question-aware method was called without a question."""


class BudgetError(LinguaError, ValueError):
    """What the caller forces into the output needs more tokens than the budget holds."""


class InvalidInputError(LinguaError, ValueError):
    """A value handed in cannot be used."""


class InvalidTypeError(LinguaError, TypeError):
    """A value handed in is of the wrong type."""
