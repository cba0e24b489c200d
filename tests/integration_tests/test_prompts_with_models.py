"""Prompts through causal models of all kinds, tiny ones, beyond their windows too."""

from pathlib import Path

import pytest

from lingua_shared import PromptCompressor, PromptOptions
from lingua_shared.prompts.arithmetic import still_checks
from lingua_shared.text.token_counting import make_counter
from tests import tiny_models

COUNT = make_counter("cl100k_base")
EXAMPLES = [
    "Question: Ann has three bags of five apples each, and she eats two of the apples. How many are left?\n"
    "She has 3 bags x 5 apples = 15 apples in all of the bags.\nThen 15 - 2 = 13 apples are left.\nThe answer is 13",
    "Question: A boat takes ten people at a time over the wide river. How many trips do eighty people need?\n"
    "There are 80 people, so 80 / 10 = 8 trips are needed for all of them.\nThe answer is 8",
]


@pytest.mark.parametrize("name", [*tiny_models.NAMES, *tiny_models.SLIDING])
@pytest.mark.parametrize("scorer", ["surprisal", "contrastive"])
def test_prompts_longer_than_the_window(models_folder: Path, name: str, scorer: str) -> None:
    """Any kind of model, whether it continues after a cache or not, reads on where its window is full."""
    compressor = PromptCompressor(tiny_models.options(models_folder, name))
    text = " ".join(f"{tiny_models.CORPUS[i % 4]} ({i})" for i in range(24))
    options = PromptOptions(rate=0.3, token_scorer=scorer, segment_tokens=40, question_rate=1)
    result = compressor.compress_prompt(demonstrations=text, question="Who built it?", options=options)
    assert COUNT(result.text) == result.compressed_tokens
    budget = int(0.3 * result.original_tokens)
    assert 0.85 * budget <= result.compressed_tokens <= budget
    again = compressor.compress_prompt(demonstrations=text, question="Who built it?", options=options)
    assert again.text == result.text


def test_a_model_ranks_and_chooses(models_folder: Path) -> None:
    """The demonstration with the higher perplexity is kept, with its arithmetic; each scorer and reading works."""
    compressor = PromptCompressor(tiny_models.options(models_folder, "gpt2"))
    texts = set()
    for options in ({}, {"iterative": False}, {"legacy_shift": True}, {"token_scorer": "contrastive"}):
        result = compressor.compress_prompt(
            demonstrations=EXAMPLES,
            question="How many are left?",
            options=PromptOptions(target_tokens=50, max_demonstrations=1, **options),
        )
        kept = [part for part in result.passages if part.role == "demonstration"]
        assert result.compressed_tokens <= 50
        assert kept
        assert all(still_checks(str(part.source), part.text) for part in kept)
        assert result.model == compressor.models.model
        assert result.device == "cpu"
        texts.add(result.text)
        perplexities = {part.index: part.signals["perplexity"] or 0 for part in (*kept, *result.dropped)}
        assert kept[0].index == max(perplexities, key=perplexities.__getitem__)
    assert len(texts) > 1
