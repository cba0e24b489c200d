"""Scores of passages, windows included, compared with straightforward computations on tiny models."""

from collections.abc import Sequence

import numpy as np
import pytest

from lingua_shared.cache.entries import KeyedCache
from lingua_shared.cache.memory import MemoryCache
from lingua_shared.scoring.batching import windows
from lingua_shared.scoring.causal.model import PREFIXES_AT_ONCE, CausalModel, Row
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.causal.reader import PASSAGE_SEPARATOR, QUESTION_SEPARATOR, PassageReader
from tests import tiny_models
from tests.spies import trunk_reads
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


def ids_of(model: CausalModel, text: str) -> tuple[int, ...]:
    return model.encode([text])[0].ids


def read(
    model: CausalModel,
    passages: Sequence[str] = PASSAGES,
    question: str = QUESTION,
    *,
    prefix_cache: PrefixCache | None = None,
    cache: KeyedCache | None = None,
) -> PassageReader:
    """A reader; without caches, it has empty ones."""
    cache = cache or KeyedCache(None, "kind", lambda: "model")
    return PassageReader(
        model,
        passages,
        question,
        RESTRICTIVE,
        prefix_cache=PrefixCache() if prefix_cache is None else prefix_cache,
        cache=cache,
    )


def test_question_likelihood_is_the_mean_over_the_questions_tokens(model: CausalModel) -> None:
    """-r_k is the mean log-likelihood of question and restrictive sentence after the passage."""
    reader = read(model, PASSAGES[:2])
    asked = ids_of(model, PASSAGE_SEPARATOR + QUESTION + RESTRICTIVE)
    for passage, value in zip(PASSAGES[:2], reader.question_likelihood([0, 1]), strict=True):
        before = model.opening + ids_of(model, passage)
        losses = model.negative_log_likelihoods([Row(before + asked, len(before))])[0]
        assert value == pytest.approx(-losses.mean(), abs=1e-5)


def test_an_empty_passage_has_a_finite_likelihood(model: CausalModel) -> None:
    """A passage without tokens does not give NaN."""
    reader = read(model)
    assert np.isfinite(reader.question_likelihood([0, 1, 2])).all()


@pytest.mark.parametrize("limit", [None, 20_000, 0])
def test_plain_scores_do_not_depend_on_the_prefix_cache(model: CausalModel, limit: int | None) -> None:
    """Scores from the cached states of the question's pass equal fresh ones, however large the cache is."""
    shared = read(model, prefix_cache=PrefixCache(limit))
    shared.question_likelihood([0, 1, 2])
    alone = read(model)
    for a, b in zip(shared.plain([0, 1, 2]), alone.plain([0, 1, 2]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_each_score_stands_on_its_own_token(model: CausalModel) -> None:
    """Entry i is the likelihood of token i, not of its neighbour, with and without the question."""
    reader = read(model)
    tokens = ids_of(model, PASSAGES[0])
    prefix = model.opening + ids_of(model, QUESTION) + ids_of(model, QUESTION_SEPARATOR)
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
    """If the tokenizer adds no token before a text, the first token has no likelihood; all others have one."""
    plain = read(narrow).plain([0])[0]
    assert np.isnan(plain[0])
    assert np.isfinite(plain[1:]).all()


def test_a_long_passage_counts_with_its_best_window(narrow: CausalModel) -> None:
    """Windows fit the model, and the passage's likelihood is that of the best one."""
    long = " ".join([PASSAGES[0]] * 20)
    reader = read(narrow, [long])
    asked = ids_of(narrow, PASSAGE_SEPARATOR + QUESTION + RESTRICTIVE)
    tokens = ids_of(narrow, long)
    size = narrow.window - len(asked)
    cuts = windows(len(tokens), size, overlap=size - size // 2)
    assert len(cuts) > 2
    rows = [Row(tokens[w.start : w.end] + asked, w.end - w.start) for w in cuts]
    best = max(-losses.mean() for losses in narrow.negative_log_likelihoods(rows))
    assert reader.question_likelihood([0])[0] == pytest.approx(best, abs=1e-5)


def test_every_token_of_a_long_passage_is_scored(narrow: CausalModel) -> None:
    """Tokens beyond the first window have both scores, too."""
    long = " ".join([PASSAGES[0]] * 20)
    reader = read(narrow, [long])
    assert len(reader.plain([0])[0]) == len(reader.conditional([0])[0]) == len(ids_of(narrow, long))
    assert np.isfinite(reader.plain([0])[0][1:]).all()
    assert np.isfinite(reader.conditional([0])[0]).all()


def test_a_question_longer_than_the_window_is_cut_and_said(narrow: CausalModel) -> None:
    """Of a question longer than the window, the end is read; scores stay finite."""
    reader = read(narrow, question=QUESTION * 200)
    assert reader.question_was_cut
    assert np.isfinite(reader.question_likelihood([0, 1, 2])).all()
    assert np.isfinite(reader.conditional([1])[0]).all()


def test_nothing_is_read_twice(model: CausalModel) -> None:
    """A second request for the same scores costs no pass."""
    reader = read(model)
    reader.question_likelihood([0, 1, 2])
    reader.plain([0, 1, 2])
    reader.conditional([0, 1])
    with trunk_reads(model) as passes:
        assert len(reader.question_likelihood([1, 2])) == 2
        assert len(reader.plain([2, 0])) == len(reader.conditional([1, 0])) == 2
    assert passes == []


def test_only_the_passages_asked_for_are_read(model: CausalModel) -> None:
    """Each passage is read when it is asked for, and once even if it is named twice."""
    reader = read(model)
    with trunk_reads(model) as passes:
        one = reader.question_likelihood([1, 1])
        two = reader.question_likelihood([0, 1])
    assert [len(ids) for ids in passes] == [1, 1]
    assert one[0] == one[1] == two[1]
    np.testing.assert_allclose(two, read(model).question_likelihood([0, 1]), atol=1e-4)


@pytest.fixture(name="any_model", scope="module", params=[*tiny_models.NAMES, *tiny_models.SLIDING])
def _any_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    return load(tiny_models.save(tmp_path_factory.mktemp(request.param), request.param))


MANY = [f"{' '.join(PASSAGES[0].split()[i % 7 :])} It is {i} m tall." for i in range(PREFIXES_AT_ONCE + 3)] + [""]


def test_a_second_question_gives_what_a_fresh_reader_does(any_model: CausalModel) -> None:
    """The scores are the same, whatever the prefix cache holds, and whether the model can continue from it or not."""
    store, places = PrefixCache(), range(len(MANY))
    read(any_model, MANY, prefix_cache=store).question_likelihood(places)
    second, fresh = read(any_model, MANY, "Why?", prefix_cache=store), read(any_model, MANY, "Why?")
    np.testing.assert_allclose(second.question_likelihood(places), fresh.question_likelihood(places), atol=1e-4)
    for ours, theirs in zip(second.plain(places), fresh.plain(places), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_second_question_reads_no_passage_again(model: CausalModel) -> None:
    """The trunk reads only the question's tokens, after the cached prefix of each passage."""
    assert model.continues
    store = PrefixCache()
    read(model, PASSAGES[:2], prefix_cache=store).question_likelihood([0, 1])
    second = read(model, PASSAGES[:2], "Why?", prefix_cache=store)
    with trunk_reads(model) as passes:
        second.question_likelihood([0, 1])
        second.plain([0, 1])
    assert [ids.tolist() for ids in passes] == [[list(ids_of(model, "Why?" + RESTRICTIVE))] * 2]


def test_every_window_of_a_long_passage_is_cached(narrow: CausalModel) -> None:
    """All windows of a passage longer than the model's window are cached."""
    long, store = " ".join([PASSAGES[0]] * 20), PrefixCache()
    read(narrow, [long], prefix_cache=store).question_likelihood([0])
    second = read(narrow, [long], QUESTION.upper(), prefix_cache=store)  # the cut depends on the question's length
    expected = read(narrow, [long], QUESTION.upper()).question_likelihood([0])
    np.testing.assert_allclose(second.question_likelihood([0]), expected, atol=1e-4)


def test_a_passage_that_was_read_alone_is_cached(model: CausalModel) -> None:
    """A passage that was read without a question is not read again for one."""
    store = PrefixCache()
    read(model, PASSAGES[:1], prefix_cache=store).plain([0])
    asked = read(model, PASSAGES[:1], prefix_cache=store)
    with trunk_reads(model) as passes:
        value = asked.question_likelihood([0])
    assert [ids.tolist() for ids in passes] == [[list(ids_of(model, QUESTION + RESTRICTIVE))]]
    np.testing.assert_allclose(value, read(model, PASSAGES[:1]).question_likelihood([0]), atol=1e-4)


def test_plain_scores_come_from_the_cache(model: CausalModel) -> None:
    """A passage in the cache is not read again, by any reader; others are."""
    cache = KeyedCache(MemoryCache(1_000_000), "kind", lambda: "model")
    first = read(model, PASSAGES[:1], cache=cache).plain([0])
    with trunk_reads(model) as passes:
        again = read(model, PASSAGES[:1], cache=cache).plain([0])
        assert passes == []
        read(model, PASSAGES, cache=cache).plain([0, 1])
    np.testing.assert_array_equal(again[0], first[0])
    assert sum(len(ids) for ids in passes) == 1


def test_blank_passages_are_read(any_model: CausalModel) -> None:
    """A blank passage has a likelihood of the question, and as many token scores as tokens."""
    reader = read(any_model, ["", " ", "\n\n", "A ferry left."])
    assert np.isfinite(reader.question_likelihood(range(4))).all()
    for i, values in enumerate(reader.plain(range(4))):
        assert len(values) == len(reader.encoded(i).ids) == len(reader.conditional([i])[0])
