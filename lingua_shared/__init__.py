"""The engine that both adapters share: makes retrieved passages shorter for a question.

Importing this package loads neither torch nor transformers.
"""

from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import (
    BudgetError,
    InvalidInputError,
    InvalidTypeError,
    LinguaError,
    MissingPackageError,
    MissingQuestionError,
    ModelLoadError,
    OptionsError,
    UnsupportedModelError,
)
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.prompts.data_rules import DataRule, DataRules
from lingua_shared.prompts.options import PromptOptions
from lingua_shared.prompts.parts import DroppedPart, KeptPart, PromptResult
from lingua_shared.prompts.result import ChatResult, DataResult, ShortenedText, StructuredResult
from lingua_shared.recipe import Recipe
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.recoverer import Recoverer, SourcePassage, recover
from lingua_shared.recovery.result import Ambiguity, RecoveredAnswer, Replacement
from lingua_shared.recovery.stream import RecoveringStream
from lingua_shared.result import CompressionResult, DroppedPassage, KeptPassage, Span
from lingua_shared.savings.monitor import CompressionMonitor
from lingua_shared.savings.prices import LlmPrice, price_of
from lingua_shared.savings.worth import SkipIfNotWorth
from lingua_shared.selection.answered import AnsweredQuestion
from lingua_shared.selection.calibrations import AnswerCalibration

__version__ = "0.2.0"

__all__ = [
    "Ambiguity",
    "AnswerCalibration",
    "AnsweredQuestion",
    "BudgetError",
    "ChatResult",
    "CompressionMonitor",
    "CompressionOptions",
    "CompressionResult",
    "DataResult",
    "DataRule",
    "DataRules",
    "DroppedPart",
    "DroppedPassage",
    "InvalidInputError",
    "InvalidTypeError",
    "KeptPart",
    "KeptPassage",
    "LinguaError",
    "LlmPrice",
    "MissingPackageError",
    "MissingQuestionError",
    "ModelLoadError",
    "ModelOptions",
    "OptionsError",
    "PromptCompressor",
    "PromptOptions",
    "PromptResult",
    "Recipe",
    "RecoveredAnswer",
    "Recoverer",
    "RecoveringStream",
    "RecoveryOptions",
    "Replacement",
    "ShortenedText",
    "SkipIfNotWorth",
    "SourcePassage",
    "Span",
    "StructuredResult",
    "UnsupportedModelError",
    "__version__",
    "price_of",
    "recover",
]
