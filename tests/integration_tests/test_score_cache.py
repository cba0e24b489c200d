"""Caches of scores: later questions are faster, and get the same result as from a new engine."""

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from lingua_shared import CompressionOptions, CompressionResult, InvalidInputError, ModelOptions, PromptCompressor
from lingua_shared.scoring.signals import ModelScoring
from tests import tiny_models
from tests.spies import embedder_reads, trunk_reads

PASSAGES = [
    "Gull Point. The lighthouse at Gull Point was built in 1871 by Ada Marsh. It is 38 m tall.",
    "The ferry leaves at 10 pm. The crossing took 42 minutes, and the fare was $3.50 in 1998.",
    "",
    "The cannery burned down in 1893. Its owner rebuilt it. The keeper wrote it down on 3 May 1872.",
    "The lighthouse at Gull Point was built in 1871 by Ada Marsh. " * 30,
]
QUESTIONS = ["Who built the lighthouse at Gull Point?", "What was the fare?", "When did it burn down?"]

OF_PASSAGES: dict[str, Any] = {"rankers": ("embedding", "sentence_embedding", "surprisal"), "token_scorer": "surprisal"}
"""Signals that need only passage scores which do not depend on the question."""

BY_QUESTION: dict[str, Any] = {
    "rankers": ("perplexity", "embedding", "sentence_embedding"),
    "token_scorer": "surprisal",
}
"""Signals for which the question is read after the passages."""


class Engine:
    """A compressor over models of its own."""

    def __init__(self, models: ModelOptions) -> None:
        self.scoring = ModelScoring(models)
        self.compressor = PromptCompressor(models, scoring=self.scoring)

    def compress(
        self, question: str = QUESTIONS[0], *, passages: Sequence[str] = PASSAGES, **options: Any
    ) -> CompressionResult:
        chosen = CompressionOptions(**{"rate": 0.4, "tokenizer": str.split, **options})
        return self.compressor.compress(passages, question=question, options=chosen)

    def prepare(self, passages: Any = PASSAGES, **options: Any) -> None:
        self.compressor.prepare(passages, options=CompressionOptions(**options))

    @contextmanager
    def watched(self) -> Iterator[tuple[list[Any], list[str]]]:
        """Collects the passes of the causal model's trunk, and the texts that the embedder reads."""
        with (
            trunk_reads(self.scoring._models.causal()) as passes,
            embedder_reads(self.scoring._models.embedder()) as texts,
        ):
            yield passes, texts


def signals_of(result: CompressionResult) -> dict[tuple[int, str], float | None]:
    every = [*result.passages, *result.dropped]
    return {(p.index, name): value for p in every for name, value in p.signals.items()}


def assert_same(one: CompressionResult, other: CompressionResult, within: float = 1e-4) -> None:
    assert (one.text, one.notes) == (other.text, other.notes)
    assert signals_of(one) == {key: pytest.approx(value, abs=within) for key, value in signals_of(other).items()}


@pytest.fixture(name="models", params=tiny_models.NAMES)
def _models(request: pytest.FixtureRequest, models_folder: Path) -> ModelOptions:
    return tiny_models.options(models_folder, request.param)


@pytest.fixture(name="llama")
def _llama(models_folder: Path) -> ModelOptions:
    return tiny_models.options(models_folder)


def with_file(models: ModelOptions, path: Path, *, memory: int = 0) -> ModelOptions:
    return models.model_copy(update={"cache_file": str(path), "memory_cache_mb": memory})


@pytest.mark.parametrize("options", [{}, OF_PASSAGES, BY_QUESTION, {"rankers": ("contrastive", "bm25")}])
@pytest.mark.parametrize("memory", [0, 1, 256])
def test_a_later_question_gets_what_a_fresh_engine_says(
    models: ModelOptions, memory: int, options: dict[str, Any]
) -> None:
    """Whatever the cache holds of earlier questions, and however large it is."""
    used = Engine(models.model_copy(update={"memory_cache_mb": memory}))
    for question in QUESTIONS:
        fresh = Engine(models.model_copy(update={"memory_cache_mb": 0}))
        assert_same(used.compress(question, **options), fresh.compress(question, **options))


def test_a_later_question_reads_no_passage(llama: ModelOptions) -> None:
    """The models read only the new question: after each passage's cached prefix (no blank one's), and as a vector."""
    engine, within = Engine(llama), PASSAGES[:4]  # where windows are cut depends on the question
    engine.compress(QUESTIONS[0], passages=within, **BY_QUESTION)
    causal = engine.scoring._models.causal()
    asked = causal.encode([f"{QUESTIONS[1]} We can get the answer to this question in the given documents."])[0].ids
    with engine.watched() as (passes, texts):
        engine.compress(QUESTIONS[1], passages=within, **BY_QUESTION)
    assert [ids.tolist() for ids in passes] == [[list(asked)] * 3]
    assert len(texts) == 1


def test_without_memory_all_is_read_again(llama: ModelOptions) -> None:
    """With memory_cache_mb=0, nothing is cached between requests."""
    engine = Engine(llama.model_copy(update={"memory_cache_mb": 0}))
    counts = []
    for _ in range(2):
        with engine.watched() as (passes, texts):
            engine.compress(**OF_PASSAGES)
        counts.append((len(passes), len(texts)))
    assert counts[0] == counts[1]
    assert min(counts[0]) > 1


@pytest.mark.parametrize("memory", [0, 16])
def test_a_file_serves_a_new_engine(models: ModelOptions, memory: int, tmp_path: Path) -> None:
    """A second engine with the same file reads no passage and gives the same result."""
    options = with_file(models, tmp_path / "scores.db", memory=memory)
    first = Engine(options).compress(**OF_PASSAGES)
    second = Engine(options)
    with second.watched() as (passes, texts):
        again = second.compress(**OF_PASSAGES)
    assert (passes, len(texts)) == ([], 1)
    assert_same(again, first, within=0)


def test_a_file_is_no_reason_for_other_scores(models: ModelOptions, tmp_path: Path) -> None:
    """All signals are the same with a warm file and without one."""
    options = with_file(models, tmp_path / "scores.db")
    Engine(options).compress(QUESTIONS[1])
    fresh = Engine(models.model_copy(update={"memory_cache_mb": 0}))
    assert_same(Engine(options).compress(), fresh.compress())


def test_models_share_a_file_and_no_scores(models_folder: Path, llama: ModelOptions, tmp_path: Path) -> None:
    """Another model, or another precision, finds nothing of the first one's."""
    Engine(with_file(llama, tmp_path / "scores.db")).compress(**OF_PASSAGES)
    for other in (tiny_models.options(models_folder, "gpt2"), llama.model_copy(update={"dtype": "bfloat16"})):
        warm, fresh = Engine(with_file(other, tmp_path / "scores.db")), Engine(other)
        with warm.watched() as (passes, _):
            assert_same(warm.compress(**OF_PASSAGES), fresh.compress(**OF_PASSAGES))
        assert len(passes) > 0


def test_a_model_that_was_trained_again_is_another_one(llama: ModelOptions, tmp_path: Path) -> None:
    """Scores of a local model are computed again if its files have changed, even within the same second."""
    folder = tmp_path / "model"
    shutil.copytree(str(llama.model), folder)
    options = with_file(llama.model_copy(update={"model": str(folder)}), tmp_path / "scores.db")
    Engine(options).compress(**OF_PASSAGES)
    weights, state = folder / "model.safetensors", (folder / "model.safetensors").stat()
    save_file({name: 1.5 * w for name, w in load_file(weights).items()}, weights, metadata={"format": "pt"})
    os.utime(weights, ns=(state.st_atime_ns, state.st_mtime_ns))
    later, fresh = Engine(options), Engine(options.model_copy(update={"cache_file": None}))
    with later.watched() as (passes, _):
        assert_same(later.compress(**OF_PASSAGES), fresh.compress(**OF_PASSAGES))
    assert len(passes) > 0


def test_after_prepare_no_passage_is_read(models: ModelOptions) -> None:
    """The first question about prepared passages needs only the question's vector, and no causal model."""
    engine = Engine(models)
    engine.prepare(**OF_PASSAGES)
    with engine.watched() as (passes, texts):
        result = engine.compress(**OF_PASSAGES)
    assert (passes, len(texts)) == ([], 1)
    assert_same(result, Engine(models.model_copy(update={"memory_cache_mb": 0})).compress(**OF_PASSAGES))


def test_passages_are_prepared_for_another_process(llama: ModelOptions, tmp_path: Path) -> None:
    """An engine finds what another one has put into the file."""
    options = with_file(llama, tmp_path / "scores.db")
    Engine(options).prepare(**OF_PASSAGES)
    other = Engine(options)
    with other.watched() as (passes, texts):
        other.compress(**OF_PASSAGES)
    assert (passes, len(texts)) == ([], 1)


def test_only_new_passages_are_prepared(llama: ModelOptions) -> None:
    """Passages that are cached, or twice in the list, are not read again."""
    engine = Engine(llama)
    engine.prepare(PASSAGES[:2], **OF_PASSAGES)
    with engine.watched() as (passes, texts):
        engine.prepare([PASSAGES[1], PASSAGES[3], PASSAGES[0], PASSAGES[3]], **OF_PASSAGES)
    alone = Engine(llama)
    with alone.watched() as (passes_alone, texts_alone):
        alone.prepare(PASSAGES[3], **OF_PASSAGES)
    assert [ids.tolist() for ids in passes] == [ids.tolist() for ids in passes_alone]
    assert texts == texts_alone
    with engine.watched() as (passes, texts):
        engine.prepare(PASSAGES[3], **OF_PASSAGES)
    assert (passes, texts) == ([], [])


def test_what_no_signal_needs_is_not_prepared(llama: ModelOptions) -> None:
    """Rankers that need no model, and whole passages, load none."""
    engine = Engine(llama)
    engine.prepare(rankers=("bm25",), unit="passage")
    assert engine.scoring.device_name is None


def test_a_ranker_by_likelihood_is_prepared_without_words(llama: ModelOptions) -> None:
    """Whole passages ranked by surprisal are read ahead as well."""
    engine = Engine(llama)
    chosen: dict[str, Any] = {"rankers": ("surprisal",), "unit": "passage"}
    engine.prepare(**chosen)
    with engine.watched() as (passes, _):
        engine.compress(**chosen)
    assert passes == []


def test_nothing_can_be_prepared_without_a_cache(llama: ModelOptions) -> None:
    """The error names the two options that would keep it."""
    engine = Engine(llama.model_copy(update={"memory_cache_mb": 0}))
    with pytest.raises(InvalidInputError, match="memory_cache_mb is 0 and cache_file is None"):
        engine.prepare()
    assert engine.scoring.device_name is None


def test_threads_share_what_is_kept(llama: ModelOptions) -> None:
    """Many questions at the same time about the same passages get the same results as one by one."""
    alone = {q: Engine(llama.model_copy(update={"memory_cache_mb": 0})).compress(q) for q in QUESTIONS}
    shared = Engine(llama)
    with ThreadPoolExecutor(6) as threads:
        for question, result in threads.map(lambda q: (q, shared.compress(q)), QUESTIONS * 6):
            assert_same(result, alone[question])
