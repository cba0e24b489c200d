"""What the default causal model must be able to do, lest its speed is lost without a word."""

import pytest

from lingua_shared.options import ModelOptions
from lingua_shared.scoring.causal.attention import NAME
from lingua_shared.scoring.loading import Models


@pytest.mark.model
def test_the_default_model_attends_by_products_and_goes_on_from_prefixes() -> None:
    """Both are switched on by probes; a probe that fails switches them off."""
    causal = Models(ModelOptions(local_files_only=True, device="cpu")).causal()
    assert causal.continues
    assert causal._config._attn_implementation == NAME
