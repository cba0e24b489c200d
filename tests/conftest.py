"""Fixtures shared by all tests, and what is set before any of them runs.

Hypothesis draws 60 examples for each property, always the same ones, unless the environment variable
`HYPOTHESIS_PROFILE` is "deep": then 1,000, new ones each time.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lingua_shared import ModelOptions, PromptCompressor
from tests.fakes import OverlapScoring

# Set before anything imports torch or transformers; processes that tests start inherit it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers share the cores

COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", COMMON, max_examples=60, derandomize=True)
settings.register_profile("deep", COMMON, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names with an address, which differ between the two processes that run the tests."""
    addresses = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if addresses:
        msg = f"give these tests an id: {addresses}"
        raise pytest.UsageError(msg)


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


@pytest.fixture(name="default_compressor", scope="session")
def _default_compressor() -> PromptCompressor:
    """The compressor that a newcomer gets, with the encoders of the package; loaded once for all tests."""
    return PromptCompressor(ModelOptions(local_files_only=True))
