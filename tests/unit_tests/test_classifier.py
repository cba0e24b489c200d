"""Token classifiers of LLMLingua-2: their special tokens, windows, words, and the methods that choose words by them."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForTokenClassification, AutoTokenizer

from lingua_shared import (
    CompressionOptions,
    CompressionResult,
    MissingQuestionError,
    ModelOptions,
    PromptCompressor,
    UnsupportedModelError,
)
from lingua_shared.scoring.classifier.reader import ClassifierReader, TokenProbabilities, load_classifier
from lingua_shared.scoring.classifier.windows import OVERLAP, sentence_windows
from lingua_shared.scoring.classifier.words import word_scores
from tests import tiny_models

BORN = "The lighthouse at Gull Point was built in 1871 by Ada Marsh. It is 24 m tall 😀, and its lamp burned paraffin."
LONG = "\n\n".join([BORN, *tiny_models.CORPUS, "A ferry left. " * 40, "so " * 70 + "ends a long sentence."])
KINDS = ("bert", "xlmr")


@pytest.fixture(name="folders", scope="module")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A classifier of each kind, in folders whose names say nothing."""
    base = tmp_path_factory.mktemp("classifiers")
    return {kind: tiny_models.save_classifier(base / f"folder {number}", kind) for number, kind in enumerate(KINDS)}


def reader_of(folder: Path, batch_tokens: int = 256) -> ClassifierReader:
    """Load a classifier for reading on the CPU."""
    return load_classifier(
        str(folder), dtype=torch.float32, device=torch.device("cpu"), batch_tokens=batch_tokens, local_files_only=True
    )


def compress(folder: Path, passages: Any, question: str | None = None, **options: Any) -> CompressionResult:
    models = ModelOptions(classifier_model=str(folder), device="cpu", dtype="float32", local_files_only=True)
    chosen = CompressionOptions(**{"method": "llmlingua2", **options})
    return PromptCompressor(models).compress(passages, question=question, options=chosen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_read_with_the_special_tokens_of_its_model(folders: dict[str, Path], kind: str) -> None:
    """Probabilities are those of the model behind its own tokenizer, [CLS] and [SEP], or <s> and </s>, included."""
    text = "The keeper wrote it down."
    tokenizer = AutoTokenizer.from_pretrained(folders[kind])
    model = AutoModelForTokenClassification.from_pretrained(folders[kind]).eval()
    batch = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
    ids = batch["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids[0, [0, -1]].tolist()) == [tokenizer.cls_token, tokenizer.sep_token]
    with torch.inference_mode():
        expected = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.softmax(-1)[0, 1:-1, 1]
    [found] = reader_of(folders[kind]).read([text])
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    assert list(zip(found.starts, found.ends, strict=True)) == [
        tuple(o) for o in batch["offset_mapping"][0, 1:-1].tolist()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_texts_of_any_length_in_any_batch(folders: dict[str, Path], kind: str) -> None:
    """Every token gets a probability, and batches change none."""
    texts = [LONG, "", BORN, " \n", "x" * 300, "[SEP] </s> [CLS]"]
    together = reader_of(folders[kind], 4096).read(texts)
    alone = [reader_of(folders[kind], 1).read([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert len(one.values) == len(one.starts)
        np.testing.assert_allclose(one.values, other.values, atol=1e-5)
        assert np.isfinite(one.values).all()
    reader = reader_of(folders[kind])
    around = {*reader._before, *reader._behind}
    assert len(around) == 2
    assert not around & {*reader._encoded(texts[-1])[0]}


@given(st.lists(st.integers(1, 30), min_size=0, max_size=30), st.integers(4, 40))
def test_windows_cover_each_token_once_and_end_at_sentences(sentences: list[int], size: int) -> None:
    """Only a sentence that is longer than a window is cut."""
    borders = np.cumsum([0, *sentences]).tolist()
    found = sentence_windows(np.arange(borders[-1]), borders, size)
    assert [i for one in found for i in range(one.fresh, one.end)] == list(range(borders[-1]))
    for one in found:
        assert one.start <= one.fresh
        assert one.end - one.start <= size
        short = all(b - a <= size for a, b in pairwise(borders) if a < one.end and one.fresh < b)
        assert not short or one.end in borders
        if short and one.start < one.fresh:
            assert one.start in borders
            assert one.fresh - one.start <= OVERLAP


@pytest.mark.parametrize(("how", "expected"), [("mean", 0.5), ("first", 0.2), ("max", 0.8)])
def test_a_word_has_the_mean_the_first_or_the_highest_of_its_tokens(how: Any, expected: float) -> None:
    """The word "lighthouse" has two tokens; a word without tokens has no score."""
    tokens = TokenProbabilities(np.asarray([0, 5]), np.asarray([5, 10]), np.asarray([0.2, 0.8], dtype=np.float32))
    scores = word_scores("lighthouse 😀", tokens, how)
    assert scores.starts.tolist() == [0, 11]
    assert scores.values[0] == pytest.approx(expected)
    assert np.isnan(scores.values[1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.7])
def test_the_budget_is_met_over_the_whole_text_without_a_question(
    folders: dict[str, Path], kind: str, rate: float
) -> None:
    """Never over the budget, nearly all of it used, only slices of the source, in their order."""
    result = compress(folders[kind], [LONG, BORN], rate=rate)
    assert result.compressed_tokens <= rate * result.original_tokens
    assert result.compressed_tokens >= 0.9 * rate * result.original_tokens - 5
    assert [one.index for one in result.passages] == sorted(one.index for one in result.passages)
    for passage in result.passages:
        source = [LONG, BORN][passage.index]
        words = iter(source.split())
        assert all(any(word == other for other in words) for word in passage.text.split() if word in source.split())


def test_the_best_words_of_all_passages_are_kept(folders: dict[str, Path]) -> None:
    """With words as tokens, no word that is left out has a higher probability than one that is kept."""
    texts = ["the keeper wrote it down here", "a ferry left the harbour then", "we can get fare documents"]
    result = compress(folders["bert"], texts, target_tokens=8, tokenizer=str.split)
    scores = [word_scores(t, p, "mean") for t, p in zip(texts, reader_of(folders["bert"]).read(texts), strict=True)]
    kept = {(one.index, word) for one in result.passages for word in one.text.split()}
    valued = [
        ((i, word), value)
        for i, text in enumerate(texts)
        for word, value in zip(text.split(), scores[i].values.tolist(), strict=True)
    ]
    assert len(kept) == 8
    assert min(value for word, value in valued if word in kept) >= max(v for word, v in valued if word not in kept)


def test_forced_words_and_digits_stay(folders: dict[str, Path]) -> None:
    """Whatever their probabilities are."""
    result = compress(folders["xlmr"], BORN, rate=0.5, force_words=("Marsh",), keep_digits=True)
    assert {"1871", "24", "Marsh"} <= {word.strip(".,") for word in result.text.split()}


@pytest.mark.parametrize("how", ["mean", "first", "max"])
def test_token_to_word_is_an_option(folders: dict[str, Path], how: Any) -> None:
    """It reaches the scores, and the recipe tells it."""
    result = compress(folders["bert"], LONG, rate=0.3, token_to_word=how)
    assert result.recipe is not None
    assert result.recipe.token_to_word == how
    assert result.text


@pytest.mark.parametrize("text", ["", " ", "\n\n", "😀", "。"])
def test_nothing_is_too_small(folders: dict[str, Path], text: str) -> None:
    """Empty texts, and texts that the tokenizer does not know, go through."""
    assert compress(folders["bert"], [text, BORN], rate=0.4).compressed_tokens > 0
    compress(folders["bert"], text, rate=0.1, score_when_fitting=True)


def test_text_at_a_rate_of_one_comes_back(folders: dict[str, Path]) -> None:
    """Byte for byte."""
    assert compress(folders["bert"], LONG, rate=1).text == LONG


@pytest.mark.parametrize("method", ["encoder+llmlingua2", "longllmlingua+llmlingua2"])
def test_passages_by_the_question_and_words_by_the_classifier(
    folders: dict[str, Path], method: Any, tmp_path: Path
) -> None:
    """One switch: passages have shares by their rank, and within it the likeliest words of each stay."""
    passages = [*(f"{text} {BORN[60:]}" for text in tiny_models.CORPUS[2:4]), BORN]
    compressor = PromptCompressor(tiny_models.options(tmp_path, classifier_model=str(folders["bert"])))
    options = CompressionOptions(method=method, rate=0.4)
    result = compressor.compress(passages, question="Who built the lighthouse?", options=options)
    assert result.compressed_tokens <= 0.4 * result.original_tokens
    assert method != "encoder+llmlingua2" or result.passages[0].index == 2
    assert result.recipe is not None
    assert result.recipe.models["classifier_model"] == str(folders["bert"])
    with pytest.raises(MissingQuestionError):
        compressor.compress(passages, options=options)


def test_any_ranker_goes_with_the_classifier(folders: dict[str, Path]) -> None:
    """And the classifier ranks passages itself, by the mean of their words, for a filter of whole passages."""
    passages = [BORN, "A ferry left the harbour at 10 pm; the fare was $3.50.", "We can get the answer."]
    result = compress(folders["bert"], passages, rankers=("classifier",), coarse_ratio=1, rate=0.4)
    read = reader_of(folders["bert"]).read(passages)
    means = [np.nanmean(word_scores(text, one, "mean").values) for text, one in zip(passages, read, strict=True)]
    relevances = {one.index: one.relevance or 0 for one in (*result.passages, *result.dropped)}
    assert max(relevances, key=lambda index: relevances[index]) == int(np.argmax(means))
    assert compress(folders["bert"], passages, "ferry fare", rankers=("bm25",), rate=0.3).passages[0].index == 1


def test_models_that_are_no_classifiers_are_refused(tmp_path: Path) -> None:
    """A head that is not in the file would be random; three labels say something else."""
    trunk = tiny_models.save_trunk(tmp_path / "trunk", pieces=True)
    three = tiny_models.save_classifier(tmp_path / "three", labels=3)
    with pytest.raises(UnsupportedModelError, match="no weights for"):
        compress(trunk, BORN, rate=0.3)
    with pytest.raises(UnsupportedModelError, match="has 3 labels"):
        compress(three, BORN, rate=0.3)
