"""Lingua for DSPy: a module that shortens passages for a question, and one around a retriever."""

from lingua_shared.adapters.framework import missing_framework

try:
    import dspy  # noqa: F401 - only to say what is missing
except ImportError as error:
    raise missing_framework(__name__, distribution="dspy", extra="dspy") from error

from lingua_shared.frameworks.dspy.compressor import LinguaCompressor
from lingua_shared.frameworks.dspy.retriever import LinguaRetriever

__all__ = ["LinguaCompressor", "LinguaRetriever"]
