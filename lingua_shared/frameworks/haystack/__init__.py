"""Lingua for Haystack: a component that shortens documents, and a compactor for agents whose history grows long."""

from lingua_shared.adapters.framework import missing_framework

try:
    import haystack  # noqa: F401 - only to say what is missing
except ImportError as error:
    raise missing_framework(__name__, distribution="haystack-ai", extra="haystack") from error

from lingua_shared.frameworks.haystack.compactor import LinguaCompactor
from lingua_shared.frameworks.haystack.component import LinguaCompressor
from lingua_shared.frameworks.haystack.expanding import ExpandTool

__all__ = ["ExpandTool", "LinguaCompactor", "LinguaCompressor"]
