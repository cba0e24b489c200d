"""Vectors of passages and sentences, compared with a tiny bi-encoder's own `encode`."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize

from lingua_shared.scoring.embedding import PassageVectors, passage_vectors, question_vector
from lingua_shared.text.segments import segment
from tests import tiny_models
from tests.spies import embedder_reads

SENTENCES = ["Who built the lighthouse? ", "Ada Marsh built it in 1871. ", "A ferry left the harbour."]
PASSAGE = "".join(SENTENCES)
LONG = " ".join(f"The keeper wrote it down on {day} May 1872." for day in range(3, 9))


MEANS = ("mean", "mean and normalised")
"""Kinds of model whose vectors are means of token states."""

OTHERS = ("cls", "mean with a layer behind")


def made(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Any:
    folder = tiny_models.save_embedder(tmp_path_factory.mktemp("embedder"), pooling=kind.split(maxsplit=1)[0])
    model = SentenceTransformer(str(folder), device="cpu").eval()
    if kind == "mean and normalised":
        model.append(Normalize())
    if kind == "mean with a layer behind":
        model.append(tiny_models.dense())
    return model


@pytest.fixture(name="model", scope="module", params=MEANS)
def _model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return made(tmp_path_factory, request.param)


@pytest.fixture(name="apart", scope="module", params=OTHERS)
def _apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return made(tmp_path_factory, request.param)


@pytest.fixture(name="any_model", scope="module", params=[*MEANS, *OTHERS])
def _any_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return made(tmp_path_factory, request.param)


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def encoded(model: Any, *texts: str) -> np.ndarray:
    """Unit vectors of texts as the model itself encodes them, each on its own."""
    return np.stack([unit(model.encode([text])[0]) for text in texts])


def token_mean(model: Any, text: str, start: int, end: int) -> np.ndarray:
    """Mean state of the tokens that end in a span, from one pass over the text alone."""
    states = model.encode([text], output_value="token_embeddings")[0].numpy()
    offsets = model.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    inside = [i for i, (first, last) in enumerate(offsets) if last > first and start < last <= end]
    return unit(states[inside].mean(axis=0))


def close(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_vector_of_a_passage_is_the_models_own(model: Any) -> None:
    """It is the vector that `encode` returns, whatever other passages share the batch."""
    texts = [PASSAGE, "A ferry left.", *SENTENCES]
    for text, vectors in zip(texts, passage_vectors(model, texts), strict=True):
        close(vectors.whole, encoded(model, text))


def test_the_vector_of_a_sentence_is_the_mean_of_its_tokens(model: Any) -> None:
    """The tokens are read within the passage, not in the sentence alone."""
    borders = segment(PASSAGE).sentences
    sentences = passage_vectors(model, ["A ferry left.", PASSAGE])[1].sentences
    assert len(sentences) == len(borders) - 1 == 3
    close(sentences, np.stack([token_mean(model, PASSAGE, start, end) for start, end in pairwise(borders)]))
    assert not np.allclose(sentences[1], encoded(model, SENTENCES[1])[0], atol=1e-2)


def test_a_passage_is_read_once(model: Any) -> None:
    """Its sentences need no passes of their own."""
    with embedder_reads(model) as texts:
        passage_vectors(model, [PASSAGE])
    assert len(texts) == 1


def test_a_long_passage_is_cut_into_windows_of_whole_sentences(model: Any) -> None:
    """Each window fits into the model, and each sentence has a vector."""
    with embedder_reads(model) as texts:
        vectors = passage_vectors(model, [LONG, PASSAGE])
    assert len(vectors) == 2
    assert len(vectors[0].whole) == len(texts) - len(vectors[1].whole) > 1
    assert len(vectors[0].sentences) == 6
    assert all(text.startswith("The keeper") for text in texts if "keeper" in text)


def test_a_sentence_beyond_the_window_has_a_vector(model: Any) -> None:
    """A sentence that is longer than the window is truncated."""
    endless = "the lighthouse and " * 30
    vectors = passage_vectors(model, [endless, f"{PASSAGE} {endless}"])
    assert all(np.isfinite(v.whole).all() and np.isfinite(v.sentences).all() for v in vectors)


def test_sentences_are_read_apart_where_vectors_are_no_means(apart: Any) -> None:
    """Models with another pooling, or with a layer after it, encode each sentence on its own."""
    vectors = passage_vectors(apart, [PASSAGE])[0]
    close(vectors.whole, encoded(apart, PASSAGE))
    close(vectors.sentences, encoded(apart, *SENTENCES))


@pytest.mark.parametrize("blank", ["", " ", " \n\t "])
def test_a_blank_passage_has_the_models_vector(any_model: Any, blank: str) -> None:
    """A passage without tokens has the vector of the empty text, alone or in a batch."""
    question, expected = question_vector(any_model, SENTENCES[0]), encoded(any_model, blank)
    for texts in ([blank], [blank, PASSAGE, blank]):
        vectors = passage_vectors(any_model, texts)[0]
        close(vectors.whole, expected)
        assert vectors.nearest_sentence(question) == pytest.approx(vectors.nearest(question), abs=1e-5)
        assert len(vectors.starts) == len(vectors.ends) == len(vectors.sentences)


def test_where_sentences_stand(any_model: Any) -> None:
    """Spans are characters of the passage without trailing white space, for one window and for several."""
    for text in (PASSAGE, f" {PASSAGE} ", LONG, "  "):
        vectors = passage_vectors(any_model, ["A ferry left.", text])[1]
        found = [text[start:end].strip() for start, end in zip(vectors.starts, vectors.ends, strict=True)]
        borders = segment(text).sentences
        assert [f for f in found if f] == [text[s:e].strip() for s, e in pairwise(borders) if text[s:e].strip()]
        assert (vectors.starts.dtype.name, vectors.ends.dtype.name) == ("int64", "int64")


def test_a_sentence_that_was_cut_off_is_left_out(model: Any) -> None:
    """Sentences behind a truncation have no tokens and no vector; those before it have theirs."""
    text = f"{'the lighthouse and ' * 9}. "
    vectors = passage_vectors(model, [text])[0]
    assert vectors.sentences.shape == (1, 32)


def test_white_space_in_front_moves_no_sentence(model: Any) -> None:
    """Spans are those of the passage, not of a stripped copy."""
    text = f"  \n{PASSAGE}"
    borders = segment(text).sentences
    owned = [(s, e) for s, e in pairwise(borders) if text[s:e].strip()]
    close(passage_vectors(model, [text])[0].sentences, np.stack([token_mean(model, text, *span) for span in owned]))


def test_a_prompt_in_front_moves_no_sentence(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the model has a prompt, the vector of a sentence is still the mean of its own tokens."""
    prompt = "A ferry left. "
    spans = pairwise(segment(PASSAGE).sentences)
    wanted = [token_mean(model, prompt + PASSAGE, start + len(prompt), end + len(prompt)) for start, end in spans]
    monkeypatch.setattr(model, "prompts", {"passage": prompt})
    monkeypatch.setattr(model, "default_prompt_name", "passage")
    close(passage_vectors(model, [PASSAGE])[0].sentences, np.stack(wanted))


def test_no_passages_have_no_vectors(any_model: Any) -> None:
    """An empty list gives an empty list, and nothing is read."""
    with embedder_reads(any_model) as texts:
        assert passage_vectors(any_model, []) == []
    assert texts == []


def test_the_vector_of_a_question_is_the_models_own(model: Any) -> None:
    """It has length 1."""
    close(question_vector(model, SENTENCES[0]), encoded(model, SENTENCES[0])[0])


def test_the_nearest_counts() -> None:
    """The highest cosine similarity of all windows, or of all sentences, counts."""
    spans = np.asarray([0, 5]), np.asarray([4, 9])
    vectors = PassageVectors(np.asarray([[0.0, 1.0], [0.6, 0.8]]), np.asarray([[-1.0, 0.0], [0.8, -0.6]]), *spans)
    question = np.asarray([1.0, 0.0])
    assert (vectors.nearest(question), vectors.nearest_sentence(question)) == (0.6, 0.8)
