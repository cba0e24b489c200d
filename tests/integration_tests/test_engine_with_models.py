"""The whole engine with real (tiny) models of four families: every tokenizer, threads, long inputs."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lingua_shared import CompressionOptions, CompressionResult, PromptCompressor
from lingua_shared.methods import FUSION_WEIGHTS
from tests import tiny_models

PASSAGES = [
    "Gull Point. The lighthouse at Gull Point was built in 1871 by Ada Marsh. It is 38 m tall.",
    "The ferry Saint Brannoc leaves at 10 pm. The crossing takes 42 minutes, and the fare was $3.50 in 1998.",
    "東京都は日本の首都です。人口は1400万人です。",
    "The cannery burned down in 1893. Its owner, Piet Holm, rebuilt it in brick. Überraschung! 👩‍👩‍👧",
    "",
]
QUESTION = "Who built the lighthouse at Gull Point?"
METHODS = ["longllmlingua", "longllmlingua-paper"]


@pytest.fixture(name="compressor", scope="module", params=tiny_models.NAMES)
def _compressor(request: pytest.FixtureRequest, models_folder: Path) -> PromptCompressor:
    return PromptCompressor(tiny_models.options(models_folder, request.param, batch_tokens=256))


def compress(compressor: PromptCompressor, passages: list[str], **options: object) -> CompressionResult:
    return compressor.compress(passages, question=QUESTION, options=CompressionOptions.model_validate(options))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_any_model_keeps_the_promises(compressor: PromptCompressor, unit: str, method: str) -> None:
    """Within budget, exact slices, every passage accounted for with a finite relevance."""
    result = compress(compressor, PASSAGES, target_tokens=60, unit=unit, method=method)
    assert 0 < result.compressed_tokens <= 60
    assert sorted(p.index for p in [*result.passages, *result.dropped]) == [0, 1, 2, 3, 4]
    for passage in result.passages:
        for span in passage.spans:
            assert PASSAGES[passage.index][span.start : span.end] in passage.text
    assert all(isinstance(p.relevance, float) for p in [*result.passages, *result.dropped])
    assert CompressionResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize("method", METHODS)
def test_threads_get_equal_results(compressor: PromptCompressor, method: str) -> None:
    """Sixteen calls at once give what one call gives, times excepted."""
    alone = compress(compressor, PASSAGES, rate=0.4, method=method)
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda _: compress(compressor, PASSAGES, rate=0.4, method=method), range(16)))
    for result in together:
        assert result.text == alone.text
        assert [p.spans for p in result.passages] == [p.spans for p in alone.passages]


def test_a_passage_beyond_the_window_is_compressed(compressor: PromptCompressor) -> None:
    """A text of many windows comes back within budget, with the importance of every span known."""
    long = " ".join(PASSAGES[:2] * 30)
    result = compress(compressor, [long, PASSAGES[3]], rate=0.2)
    assert result.rate <= 0.2
    assert all(span.importance is not None for passage in result.passages for span in passage.spans)


def test_a_long_text_without_a_question_is_compressed(compressor: PromptCompressor) -> None:
    """Surprisal needs no question and keeps to the budget as well."""
    text = " ".join(f"{passage[:-1]} in report {i}." for i in range(10) for passage in PASSAGES[:2])
    result = compressor.compress(text, options=CompressionOptions(rate=0.3, method="surprisal"))
    assert 0.28 <= result.rate <= 0.3
    assert result.question is None


def test_results_say_what_scored(compressor: PromptCompressor) -> None:
    """Model, device, method, signals and stages are named."""
    result = compress(compressor, PASSAGES, rate=0.5)
    assert (result.model, result.device, result.method) == (compressor.models.model, "cpu", "longllmlingua")
    assert set(result.passages[0].signals) == set(FUSION_WEIGHTS)
    assert {"count", "score", "segment", "select", "assemble"} == set(result.seconds)


def test_a_hub_id_is_loaded_from_the_hubs_cache(tmp_path: Path, models_folder: Path) -> None:
    """A model that was downloaded before is found by its hub id, at the revision asked for, without a network."""
    embedder = tiny_models.options(models_folder).embedding_model
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--somebody--tiny"
    tiny_models.save(repository / "snapshots" / commit, "llama")
    (repository / "refs").mkdir()
    (repository / "refs" / "v1").write_text(commit)
    script = (
        "from lingua_shared import ModelOptions, PromptCompressor\n"
        "models = ModelOptions(model='somebody/tiny', revision='v1', device='cpu', "
        f"embedding_model={embedder!r})\n"
        f"print(PromptCompressor(models).compress({PASSAGES!r}, question={QUESTION!r}).model)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "somebody/tiny", done.stderr
