"""The real small model against figures that llmlingua 0.2.2 computed with the same weights, in float32.

`golden/reference.json` was made in the reference's own environment by `golden/make_reference.py`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lingua_shared.options import ModelOptions
from lingua_shared.scorers.causal import CausalModel, Row
from lingua_shared.scorers.models import Models

pytestmark = pytest.mark.model


@pytest.fixture(name="golden", scope="module")
def _golden() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "reference.json").read_text())
    return record


@pytest.fixture(name="model", scope="module")
def _model() -> CausalModel:
    return Models(ModelOptions(device="cpu", dtype="float32")).causal()


def test_token_losses_equal_the_references(model: CausalModel, golden: dict[str, Any]) -> None:
    """Every token's loss is the reference's; ours stands on its own token, the reference's one place earlier."""
    rows = [Row(encoded.ids, 1) for encoded in model.encode(golden["passages"])]
    for ours, theirs in zip(model.negative_log_likelihoods(rows), golden["token_losses"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_question_losses_equal_the_references(model: CausalModel, golden: dict[str, Any]) -> None:
    """r_k is the reference's where both read the same tokens: its text has no separator before the question."""
    joined = [passage + golden["question"] + golden["restrictive"] for passage in golden["passages"]]
    lengths = [len(encoded.ids) for encoded in model.encode(golden["passages"])]
    rows = [Row(encoded.ids, first) for encoded, first in zip(model.encode(joined), lengths, strict=True)]
    r_k = [float(values.mean()) for values in model.negative_log_likelihoods(rows)]
    np.testing.assert_allclose(r_k, golden["r_k"], atol=2e-3)
    assert [int(i) for i in np.argsort(r_k)] == golden["ranking"]
