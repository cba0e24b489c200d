"""Fixtures shared by all tests."""

import pytest

from lingua_shared import ModelOptions, PromptCompressor
from tests.fakes import OverlapScoring


@pytest.fixture(name="scoring")
def _scoring() -> OverlapScoring:
    """A scorer without a model."""
    return OverlapScoring()


@pytest.fixture(name="compressor")
def _compressor(scoring: OverlapScoring) -> PromptCompressor:
    """A compressor over the scorer without a model."""
    return PromptCompressor(ModelOptions(), scoring=scoring)
