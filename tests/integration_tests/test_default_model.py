"""The default causal model supports what makes the perplexity method fast."""

import pytest

from lingua_shared.options import ModelOptions
from lingua_shared.scoring.loading import Models


@pytest.mark.model
def test_the_default_model_continues_from_a_prefix_cache(capfd: pytest.CaptureFixture[str]) -> None:
    """The probe at loading finds that reading on from cached prefixes works; loading a GGUF file writes nothing."""
    assert Models(ModelOptions(local_files_only=True, device="cpu")).causal().continues
    assert tuple(capfd.readouterr()) == ("", "")
