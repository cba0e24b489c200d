"""The names that users may import."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import lingua_shared

PUBLIC = {
    "lingua_shared": [
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
    ],
    "lingua_shared.compat": ["PromptCompressor"],
    "lingua_shared.frameworks.haystack": ["ExpandTool", "LinguaCompactor", "LinguaCompressor"],
    "llamaindex_lingua": [
        "CompressionEndEvent",
        "CompressionStartEvent",
        "LinguaMemoryBlock",
        "LinguaPostprocessor",
        "LongLLMLinguaPostprocessor",
        "PrecomputeScores",
        "RecoveredChatStream",
        "RecoveringQueryEngine",
        "recover_response",
        "shortening_tools",
    ],
    "langchain_lingua": [
        "LinguaCompressor",
        "LinguaContextEdit",
        "LinguaToolOutputMiddleware",
        "LongLLMLinguaCompressor",
        "PrecomputeScores",
        "RecoverAnswer",
        "recovering",
    ],
}


@pytest.mark.parametrize(("package", "names"), PUBLIC.items())
def test_public_names(package: str, names: list[str]) -> None:
    """Each package exports these names, sorted, and no other."""
    assert import_module(package).__all__ == names


@pytest.mark.parametrize(("package", "name"), [(package, name) for package, names in PUBLIC.items() for name in names])
def test_public_names_exist_and_are_described(package: str, name: str) -> None:
    """Each public name is there; each class has a docstring of its own."""
    value = getattr(import_module(package), name)
    assert isinstance(value, str) or value.__doc__


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("BudgetError", (ValueError,)),
        ("InvalidInputError", (ValueError,)),
        ("InvalidTypeError", (TypeError,)),
        ("MissingPackageError", (ImportError,)),
        ("MissingQuestionError", (ValueError,)),
        ("ModelLoadError", (RuntimeError,)),
        ("UnsupportedModelError", (ValueError,)),
    ],
)
def test_errors_can_be_caught_in_two_ways(name: str, bases: tuple[type[Exception], ...]) -> None:
    """Each error is a LinguaError and the built-in error that a reader would expect."""
    assert getattr(lingua_shared, name).__bases__ == (lingua_shared.LinguaError, *bases)


def test_version() -> None:
    """The version in the package is that of the distribution."""
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["version"] == lingua_shared.__version__
