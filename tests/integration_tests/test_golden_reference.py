"""The real small model against figures that llmlingua 0.2.2 computed with the same weights, in float32.

`golden/reference.json` holds texts of our own and was made by `golden/make_reference.py` in the reference's own
environment. `golden/reference_nq20.json` holds figures only: the texts are read from a folder with nq20-dev.jsonl.gz,
the one that LINGUA_DATA names or `../shared/data`, and that test is skipped where there is none.
"""

import gzip
import json
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lingua_shared.options import ModelOptions
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.causal.segment_reader import CausalSegmentReader
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import SegmentRequest

pytestmark = pytest.mark.model
ROOT = Path(__file__).parents[2]
NQ20 = Path(os.environ.get("LINGUA_DATA", ROOT.parent / "shared" / "data")) / "nq20-dev.jsonl.gz"


def golden(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / name).read_text())
    return record


@pytest.fixture(name="model", scope="module")
def _model() -> CausalModel:
    """The default causal model; its probe found that it reads on from cached prefixes, and loading wrote nothing."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors:
        model = Models(ModelOptions(device="cpu", dtype="float32", local_files_only=True)).causal()
    assert model.continues
    assert out.getvalue() + errors.getvalue() == ""
    return model


def token_losses(model: CausalModel, passages: Sequence[str]) -> list[np.ndarray]:
    return model.negative_log_likelihoods([Row(encoded.ids, 1) for encoded in model.encode(passages)])


def question_losses(model: CausalModel, passages: Sequence[str], asked: str) -> list[float]:
    """r_k over the very tokens that the reference reads: no separator, passage and question tokenized as one text."""
    lengths = [len(encoded.ids) for encoded in model.encode(passages)]
    joined = model.encode([passage + asked for passage in passages])
    rows = [Row(encoded.ids, first) for encoded, first in zip(joined, lengths, strict=True)]
    return [float(values.mean()) for values in model.negative_log_likelihoods(rows)]


def test_token_losses_equal_the_references(model: CausalModel) -> None:
    """Every token's loss is the reference's; ours stands on its own token, the reference's one place earlier."""
    expected = golden("reference.json")
    for ours, theirs in zip(token_losses(model, expected["passages"]), expected["token_losses"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_question_losses_equal_the_references(model: CausalModel) -> None:
    """r_k and the ranking by it are the reference's."""
    expected = golden("reference.json")
    r_k = question_losses(model, expected["passages"], expected["question"] + expected["restrictive"])
    np.testing.assert_allclose(r_k, expected["r_k"], atol=2e-3)
    assert [int(i) for i in np.argsort(r_k)] == expected["ranking"]


@pytest.mark.skipif(not NQ20.exists(), reason=f"no {NQ20.name}; name its folder in LINGUA_DATA")
def test_figures_of_natural_questions_equal_the_references(model: CausalModel) -> None:
    """r_k and rankings of three questions with twenty passages, and the losses of one of them, are the reference's."""
    expected = golden("reference_nq20.json")
    with gzip.open(NQ20, "rt", encoding="utf-8") as lines:
        records = {record["id"]: record for record in map(json.loads, lines)}
    for figures in expected["records"]:
        record = records[figures["id"]]
        passages = [f"{document['title']}\n{document['text']}" for document in record["documents"]]
        r_k = question_losses(model, passages, record["question"] + expected["restrictive"])
        np.testing.assert_allclose(r_k, figures["r_k"], atol=2e-3)
        assert [int(i) for i in np.argsort(r_k)] == figures["ranking"]
        if figures["id"] == expected["token_losses"]["id"]:
            losses = token_losses(model, passages)
            np.testing.assert_allclose([values.mean() for values in losses], figures["document_nll"], atol=2e-3)
            one = losses[expected["token_losses"]["document"]]
            np.testing.assert_allclose(one, expected["token_losses"]["values"], atol=2e-3)


def test_shifted_scores_are_the_token_losses_of_the_reference(model: CausalModel) -> None:
    """With legacy_shift each token has the score that the reference gives it; its last token has none there."""
    expected = golden("reference.json")
    reader = CausalSegmentReader(model, SegmentRequest(tuple(expected["passages"][:1]), legacy_shift=True))
    theirs = expected["token_losses"][0]
    shifted = reader.scores(0, 0, len(theirs) + 1).values
    np.testing.assert_allclose(shifted[:-1], theirs, atol=2e-3)
    assert np.isposinf(shifted[-1])
