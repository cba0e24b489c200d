"""Every signal by its name, computed by real (tiny) models."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lingua_shared.cache.entries import KeyedCache
from lingua_shared.errors import InvalidInputError
from lingua_shared.methods import ENGLISH_ENCODER, RANKERS, SENTENCE_SCORERS, TOKEN_SCORERS
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.causal.reader import PassageReader
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.protocol import Request
from lingua_shared.scoring.signals import ModelScoring
from lingua_shared.text.segments import segment
from tests import tiny_models

PASSAGES = (
    "The lighthouse at Gull Point was built in 1871 by Ada Marsh.",
    "A ferry left the harbour at 10 pm; the fare was $3.50.",
    "",
    "The keeper wrote it down on 3 May 1872.",
)
QUESTION = "Who built the lighthouse?"
ALL = range(len(PASSAGES))


@pytest.fixture(name="scoring", scope="module")
def _scoring(models_folder: Path) -> ModelScoring:
    return ModelScoring(tiny_models.options(models_folder))


def request_of(*rankers: str, passages: tuple[str, ...] = PASSAGES) -> Request:
    return Request(
        passages,
        QUESTION,
        " Yes.",
        given_scores=tuple(map(float, range(len(passages)))),
        rankers=rankers,
        encoder=ENGLISH_ENCODER,
    )


@pytest.mark.parametrize("ranker", RANKERS)
def test_each_ranker_gives_one_number_per_passage(scoring: ModelScoring, ranker: str) -> None:
    """Every name in the table of rankers is computed, with a number for every passage that has text."""
    values = scoring.open(request_of(ranker)).relevances(ranker, ALL)
    assert values.shape == (4,)
    assert np.isfinite(values[[0, 1, 3]]).all()


@pytest.mark.parametrize("ranker", RANKERS)
def test_each_ranker_answers_for_the_passages_asked_for(scoring: ModelScoring, ranker: str) -> None:
    """Asked about some passages, in any order, a ranker gives each the value that it gives when asked about all."""
    every = scoring.open(request_of(ranker)).relevances(ranker, ALL)
    some = scoring.open(request_of(ranker)).relevances(ranker, [3, 0])
    np.testing.assert_allclose(some, every[[3, 0]], atol=1e-4)


@pytest.mark.parametrize("scorer", TOKEN_SCORERS)
def test_each_token_scorer_covers_the_passage(scoring: ModelScoring, scorer: str) -> None:
    """Every name in the table of token scorers is computed, one value for each token of each passage asked for."""
    scores = scoring.open(request_of()).token_scores(scorer, [3, 0])
    for index, tokens in zip([3, 0], scores, strict=True):
        assert tokens.starts.shape == tokens.ends.shape == tokens.values.shape
        assert tokens.ends[-1] == len(PASSAGES[index])
        assert np.isfinite(tokens.values[1:]).all()


@pytest.mark.parametrize("scorer", SENTENCE_SCORERS)
def test_each_sentence_scorer_gives_one_number_per_sentence(scoring: ModelScoring, scorer: str) -> None:
    """Every name in the table of sentence scorers is computed, for the sentences of each passage asked for."""
    passages = (*PASSAGES, "A gull cried. The keeper slept.")
    scores = scoring.open(request_of(passages=passages)).sentence_scores(scorer, [4, 2, 0])
    assert [len(one.values) for one in scores] == [2, 0, 1]
    for index, one in zip([4, 2, 0], scores, strict=True):
        assert one.borders.tolist() == segment(passages[index]).sentences
        assert np.isfinite(one.values).all()


@pytest.mark.parametrize("scorer", TOKEN_SCORERS)
def test_a_token_scorer_gives_sentences_the_mean_of_their_tokens(scoring: ModelScoring, scorer: str) -> None:
    """Where a scorer of tokens compares sentences, a sentence has the mean of its tokens' scores."""
    passages = ("A gull cried. The keeper slept.", *PASSAGES)
    scores = scoring.open(request_of(passages=passages))
    [tokens], [sentences] = scores.token_scores(scorer, [0]), scores.sentence_scores(scorer, [0])
    expected = [tokens.mean(0, 14), tokens.mean(14, len(passages[0]))]
    np.testing.assert_allclose(sentences.values, expected)


def test_contrastive_score_is_the_gain_by_the_question(scoring: ModelScoring) -> None:
    """Log p(token | question, prefix) - log p(token | prefix), and its mean as the ranker."""
    scores = scoring.open(request_of("contrastive"))
    reader = PassageReader(
        scoring._models.causal(),
        PASSAGES,
        QUESTION,
        " Yes.",
        prefix_cache=PrefixCache(),
        cache=KeyedCache(None, "kind", lambda: "model"),
    )
    expected = reader.plain([0])[0] - reader.conditional([0])[0]
    np.testing.assert_allclose(scores.token_scores("contrastive", [0])[0].values, expected, atol=1e-5)
    assert scores.relevances("contrastive", ALL)[0] == pytest.approx(np.nanmean(expected), abs=1e-5)


def test_sharing_a_pass_changes_no_value(scoring: ModelScoring) -> None:
    """Perplexity and contrastive together give what each gives alone."""
    both = scoring.open(request_of("perplexity", "contrastive"))
    for ranker in ("contrastive", "perplexity"):
        alone = scoring.open(request_of(ranker))
        np.testing.assert_allclose(both.relevances(ranker, ALL), alone.relevances(ranker, ALL), atol=1e-5)


def test_surprisal_ranks_by_mean_negative_log_likelihood(scoring: ModelScoring) -> None:
    """LLMLingua's measure: the passage that the model expects least comes first."""
    scores = scoring.open(request_of("surprisal"))
    tokens = scores.token_scores("surprisal", [1])[0]
    assert scores.relevances("surprisal", ALL)[1] == pytest.approx(np.nanmean(tokens.values))
    assert np.nanmin(tokens.values) > 0


def test_embedding_is_a_cosine_and_a_long_passage_has_that_of_its_closest_part(scoring: ModelScoring) -> None:
    """A passage beyond the window scores at least as high as any of its sentences that fits."""
    sentences = ["A ferry left the harbour. ", "Who built the lighthouse? ", "The fare was $3.50. "]
    long = "".join(sentences * 3)
    request = request_of("embedding", passages=(QUESTION, *sentences, long))
    values = scoring.open(request).relevances("embedding", range(5))
    assert values[0] == pytest.approx(1.0, abs=1e-3)
    assert (np.abs(values) <= 1 + 1e-6).all()
    assert values[4] >= min(values[1:4])


def test_fused_sentence_scores_are_the_cosine_plus_bm25_over_all_sentences(scoring: ModelScoring) -> None:
    """Both parts are z-scores over every sentence of the request, whichever passages are asked for."""
    passages = ("A gull cried. The lighthouse was built by Ada Marsh.", "It rained.", "The keeper was late. He slept.")
    sentences = (
        "A gull cried.",
        "The lighthouse was built by Ada Marsh.",
        "It rained.",
        "The keeper was late.",
        "He slept.",
    )
    scores = scoring.open(request_of(passages=passages))
    cosines = np.concatenate([s.values for s in scores.token_scores("sentence_embedding", range(3))])
    words = bm25_scores(QUESTION, sentences)
    expected = (cosines - cosines.mean()) / cosines.std() + (words - words.mean()) / words.std()
    last, first = scores.sentence_scores("embedding_fusion", [2, 0])
    np.testing.assert_allclose(first.values, expected[:2], atol=1e-5)
    np.testing.assert_allclose(last.values, expected[3:], atol=1e-5)


def test_bm25_prefers_the_passage_with_the_questions_words(scoring: ModelScoring) -> None:
    """Shared words count, whatever their case and punctuation."""
    values = scoring.open(request_of("bm25")).relevances("bm25", ALL)
    assert values.argmax() == 0
    assert values[2] == 0


def test_bm25_finds_words_in_scripts_without_spaces(scoring: ModelScoring) -> None:
    """A Chinese question finds the passage that shares its words."""
    passages = ("今天天气很好。", "东京是日本的首都。", "北京大学在北京。")
    request = Request(passages, "日本的首都是哪里？", rankers=("bm25",))
    assert scoring.open(request).relevances("bm25", range(3)).argmax() == 1


TITLES = ("", "Gull Point Ferry", "", "")
TITLED = tuple(f"{title}\n{text}" if title and text else text for title, text in zip(TITLES, PASSAGES, strict=True))
"""The passages with their titles in the text."""


@pytest.mark.parametrize("ranker", ["encoder", "bm25"])
def test_a_title_counts_like_a_first_line_of_its_passage(scoring: ModelScoring, ranker: str) -> None:
    """Rankers that read titles give the values that they give where the titles are in the text."""
    apart = scoring.open(replace(request_of(), titles=TITLES)).relevances(ranker, ALL)
    inside = scoring.open(request_of(passages=TITLED)).relevances(ranker, ALL)
    np.testing.assert_allclose(apart, inside, rtol=1e-6)
    assert (apart != scoring.open(request_of()).relevances(ranker, ALL)).any()


def test_tokens_of_a_title_have_no_scores(scoring: ModelScoring) -> None:
    """The tokens of a passage have the values that they have after a first line, at their places in the passage."""
    apart = scoring.open(replace(request_of(), titles=TITLES)).token_scores("encoder", ALL)
    inside = scoring.open(request_of(passages=TITLED)).token_scores("encoder", ALL)
    for index, (ours, theirs) in enumerate(zip(apart, inside, strict=True)):
        shift = len(TITLED[index]) - len(PASSAGES[index])
        behind = theirs.starts >= shift
        assert behind.sum() == len(ours.values)
        np.testing.assert_allclose(ours.values, theirs.values[behind], rtol=1e-6)
        np.testing.assert_array_equal(ours.starts, theirs.starts[behind] - shift)
        np.testing.assert_array_equal(ours.ends, theirs.ends[behind] - shift)


def test_a_title_is_no_sentence(scoring: ModelScoring) -> None:
    """A passage has the same sentences with and without a title; the title changes their values."""
    apart = scoring.open(replace(request_of(), titles=TITLES)).sentence_scores("encoder_fusion", ALL)
    without = scoring.open(request_of()).sentence_scores("encoder_fusion", ALL)
    for ours, theirs in zip(apart, without, strict=True):
        np.testing.assert_array_equal(ours.borders, theirs.borders)
    assert (apart[1].values != without[1].values).any()


def test_bm25_without_a_shared_word_is_zero(scoring: ModelScoring) -> None:
    """A question of other words scores nothing and raises nothing."""
    request = Request(("One two.", "Three four."), "Why not?")
    assert (scoring.open(request).relevances("bm25", range(2)) == 0).all()


def test_bm25_without_words_is_zero(scoring: ModelScoring) -> None:
    """Only punctuation on either side scores nothing and raises nothing."""
    assert (scoring.open(Request(("...", "!"), "???")).relevances("bm25", range(2)) == 0).all()


def test_given_scores_are_returned_and_are_required(scoring: ModelScoring) -> None:
    """The caller's scores are the ranker; without them the error says how to hand them in."""
    assert list(scoring.open(request_of("given")).relevances("given", ALL)) == [0, 1, 2, 3]
    with pytest.raises(InvalidInputError, match="scores="):
        scoring.open(Request(PASSAGES, QUESTION)).relevances("given", ALL)


def test_a_question_that_is_too_long_is_noted(scoring: ModelScoring) -> None:
    """The note says what was cut; without a cut there is none."""
    cut = scoring.open(Request(PASSAGES, QUESTION * 200, " Yes."))
    cut.relevances("perplexity", ALL)
    assert "longer than half" in cut.notes()[0]
    whole = scoring.open(request_of("perplexity"))
    assert whole.notes() == ()
    whole.relevances("perplexity", ALL)
    assert whole.notes() == ()


def test_probabilities_are_known_once_the_encoder_has_read(scoring: ModelScoring) -> None:
    """Without the encoder nothing is calibrated; with it each passage has a probability, whatever was asked first."""
    scores = scoring.open(request_of("bm25"))
    scores.relevances("bm25", ALL)
    assert scores.probabilities() is None
    scores.sentence_scores("encoder_fusion", [0])
    probabilities = scores.probabilities()
    assert probabilities is not None
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert len(probabilities) == len(PASSAGES)


def test_the_probability_of_a_passage_does_not_depend_on_the_others(scoring: ModelScoring) -> None:
    """It is calibrated for the passage by itself; here no passage is about an entity that another one mentions."""
    alone = scoring.open(request_of("encoder", passages=PASSAGES[1:2]))
    alone.relevances("encoder", [0])
    together = scoring.open(request_of("encoder"))
    together.relevances("encoder", ALL)
    one, all_of_them = alone.probabilities(), together.probabilities()
    assert one is not None
    assert all_of_them is not None
    assert one[0] == pytest.approx(all_of_them[1], abs=1e-4)
