"""Putting passages and question together, windows included, against straight-line sums on a tiny model."""

import numpy as np
import pytest

from lingua_shared.scorers import causal
from lingua_shared.scorers.causal import STATE_BYTES, CausalModel, Row
from lingua_shared.scorers.passages import PASSAGE_SEPARATOR, QUESTION_SEPARATOR, PassageReader, Window, windows
from tests import tiny_models
from tests.tiny_models import load

PASSAGES = ["The lighthouse at Gull Point was built in 1871 by Ada Marsh.", "A ferry left the harbour at 10 pm.", ""]
QUESTION = "Who built the lighthouse?"
RESTRICTIVE = " We can get the answer to this question in the given documents."


@pytest.fixture(name="model", scope="module", params=["llama", "gpt2"])
def _model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    return load(tiny_models.save(tmp_path_factory.mktemp(request.param), request.param))


@pytest.fixture(name="narrow", scope="module")
def _narrow(tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    """A model that reads 256 tokens at most."""
    return load(tiny_models.save(tmp_path_factory.mktemp("narrow"), "gpt2"))


def ids(model: CausalModel, text: str) -> tuple[int, ...]:
    return model.encode([text])[0].ids


@pytest.mark.parametrize(
    ("length", "size", "expected"),
    [
        (0, 4, [Window(0, 0, 0)]),
        (4, 4, [Window(0, 4, 0)]),
        (5, 4, [Window(0, 4, 0), Window(1, 5, 4)]),
        (9, 4, [Window(0, 4, 0), Window(2, 6, 4), Window(4, 8, 6), Window(5, 9, 8)]),
        (3, 1, [Window(0, 1, 0), Window(1, 2, 1), Window(2, 3, 2)]),
    ],
)
def test_windows_overlap_by_half_and_score_each_token_once(length: int, size: int, expected: list[Window]) -> None:
    """Windows cover the passage, and the fresh parts tile it."""
    assert windows(length, size) == expected


def test_question_likelihood_is_the_mean_over_the_questions_tokens(model: CausalModel) -> None:
    """-r_k is the mean log-likelihood of question and restrictive sentence behind the passage."""
    reader = PassageReader(model, PASSAGES[:2], QUESTION, RESTRICTIVE)
    asked = ids(model, PASSAGE_SEPARATOR + QUESTION + RESTRICTIVE)
    for passage, value in zip(PASSAGES, reader.question_likelihood(), strict=False):
        before = model.opening + ids(model, passage)
        losses = model.negative_log_likelihoods([Row(before + asked, len(before))])[0]
        assert value == pytest.approx(-losses.mean(), abs=1e-5)


def test_an_empty_passage_has_a_finite_likelihood(model: CausalModel) -> None:
    """Nothing becomes NaN where a passage has no tokens."""
    reader = PassageReader(model, PASSAGES, QUESTION, RESTRICTIVE)
    assert np.isfinite(reader.question_likelihood()).all()


@pytest.mark.parametrize("limit", [STATE_BYTES, 3000, 0])
def test_plain_scores_do_not_depend_on_what_was_kept(
    model: CausalModel, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens read from the states of the question's pass equal tokens read on their own, however many were kept."""
    monkeypatch.setattr(causal, "STATE_BYTES", limit)
    shared = PassageReader(model, PASSAGES, QUESTION, RESTRICTIVE)
    shared.question_likelihood()
    alone = PassageReader(model, PASSAGES, QUESTION, RESTRICTIVE)
    for a, b in zip(shared.plain([0, 1, 2]), alone.plain([0, 1, 2]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_each_score_stands_on_its_own_token(model: CausalModel) -> None:
    """Entry i is the likelihood of token i, not of its neighbour, with and without the question."""
    reader = PassageReader(model, PASSAGES, QUESTION, RESTRICTIVE)
    tokens = ids(model, PASSAGES[0])
    prefix = model.opening + ids(model, QUESTION) + ids(model, QUESTION_SEPARATOR)
    plain, conditional = reader.plain([0])[0], reader.conditional([0])[0]
    assert len(plain) == len(conditional) == len(tokens)
    for position in range(1, len(tokens)):
        alone = model.negative_log_likelihoods(
            [Row(model.opening + tokens[: position + 1], len(model.opening) + position)]
        )
        asked = model.negative_log_likelihoods([Row(prefix + tokens[: position + 1], len(prefix) + position)])
        assert plain[position] == pytest.approx(alone[0][0], abs=1e-4)
        assert conditional[position] == pytest.approx(asked[0][0], abs=1e-4)


def test_only_the_first_token_of_a_text_without_opening_is_unknown(narrow: CausalModel) -> None:
    """Where the tokenizer puts nothing in front, the first token has no likelihood; all others have one."""
    plain = PassageReader(narrow, PASSAGES, QUESTION, RESTRICTIVE).plain([0])[0]
    assert np.isnan(plain[0])
    assert np.isfinite(plain[1:]).all()


def test_a_long_passage_counts_with_its_best_window(narrow: CausalModel) -> None:
    """Windows fit the model, and the passage's likelihood is that of the best one."""
    long = " ".join([PASSAGES[0]] * 20)
    reader = PassageReader(narrow, [long], QUESTION, RESTRICTIVE)
    asked = ids(narrow, PASSAGE_SEPARATOR + QUESTION + RESTRICTIVE)
    tokens = ids(narrow, long)
    cuts = windows(len(tokens), narrow.window - len(asked))
    assert len(cuts) > 2
    rows = [Row(tokens[w.start : w.end] + asked, w.end - w.start) for w in cuts]
    best = max(-losses.mean() for losses in narrow.negative_log_likelihoods(rows))
    assert reader.question_likelihood()[0] == pytest.approx(best, abs=1e-5)


def test_every_token_of_a_long_passage_is_scored(narrow: CausalModel) -> None:
    """Beyond the window, each token still has both of its scores."""
    long = " ".join([PASSAGES[0]] * 20)
    reader = PassageReader(narrow, [long], QUESTION, RESTRICTIVE)
    assert len(reader.plain([0])[0]) == len(reader.conditional([0])[0]) == len(ids(narrow, long))
    assert np.isfinite(reader.plain([0])[0][1:]).all()
    assert np.isfinite(reader.conditional([0])[0]).all()


def test_a_question_longer_than_the_window_is_cut_and_said(narrow: CausalModel) -> None:
    """A huge question is cut to its end; scores stay finite."""
    reader = PassageReader(narrow, PASSAGES, QUESTION * 200, RESTRICTIVE)
    assert reader.question_was_cut
    assert np.isfinite(reader.question_likelihood()).all()
    assert np.isfinite(reader.conditional([1])[0]).all()


def test_nothing_is_read_twice(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request for the same scores costs no pass."""
    reader = PassageReader(model, PASSAGES, QUESTION, RESTRICTIVE)
    reader.question_likelihood()
    reader.plain([0, 1, 2])
    reader.conditional([0, 1])
    monkeypatch.setattr(model, "_hidden", None)
    reader.question_likelihood()
    assert len(reader.plain([2, 0])) == len(reader.conditional([1, 0])) == 2
