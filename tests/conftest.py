"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

from lingua_shared import ModelOptions, PromptCompressor
from tests.fakes import OverlapScoring


@pytest.fixture(name="models_folder", scope="session")
def _models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for tiny models, so that each is saved once; see `tiny_models.options`."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(name="scoring")
def _scoring() -> OverlapScoring:
    """A scorer without a model."""
    return OverlapScoring()


@pytest.fixture(name="compressor")
def _compressor(scoring: OverlapScoring) -> PromptCompressor:
    """A compressor over the scorer without a model."""
    return PromptCompressor(ModelOptions(), scoring=scoring)
