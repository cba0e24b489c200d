"""The drop-in through real causal models: prompts of the kinds that llmlingua's own tests have, written anew."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from lingua_shared import ModelLoadError
from lingua_shared.compat import PromptCompressor
from lingua_shared.text.token_counting import make_counter
from tests import tiny_models

COUNT = make_counter("cl100k_base")
WORKED_EXAMPLES = """Question: Rosa has 4 crates with 6 jars of honey each. She sells 9 jars. How many are left?
Let's think step by step
Rosa has 4 crates x 6 jars = 24 jars.
She sells 9 jars, so 24 - 9 = 15 jars are left.
The answer is 15

Question: A train drives 3 hours at 80 km an hour, then 2 hours at 60 km an hour. How far does it go?
Let's think step by step
In the first 3 hours it goes 3 x 80 = 240 km.
In the next 2 hours it goes 2 x 60 = 120 km.
In all it goes 240 + 120 = 360 km.
The answer is 360

Question: Ben's class of 28 pupils is split into groups of 4. Each group gets 5 sheets. How many sheets are used?
Let's think step by step
There are 28 / 4 = 7 groups.
They use 7 x 5 = 35 sheets.
The answer is 35"""
DOCUMENTS = [
    f"Document [{number}](Title: {title}) {text}"
    for number, (title, text) in enumerate(
        [
            ("Harbour of Kelmouth", "The harbour was dug in 1790. Two ferries leave it every morning, one at night."),
            (
                "Tarn Ness Lighthouse",
                "It was built by the surveyor Edmund Colquitt in 1883. Its lamp burned oil.",
            ),
            ("Orrisay Light Railway", "The line opened in 1902 and closed in 1955. Its engines were painted green."),
            ("Cold Hill Observatory", "Its largest telescope has a mirror of 60 cm. Visitors come on Fridays."),
        ],
        1,
    )
]
TRANSCRIPT = """Speaker 1: Good morning, everyone. The first item is the budget of the library for the next two years.
Speaker 2: Thank you. We ask for 12,400 crowns, mostly for the roof, which has leaked since the storm in January.
Speaker 3: I would not pay for the roof before we have a second offer. Three firms were asked, and one has answered.
Speaker 1: Then we put it off to the meeting on 14 March, and ask the firms again. Are there other wishes?"""
CODE = '''def total(prices, discount=0.1):
    """Return the sum of the prices after the discount."""
    # the discount is for members only
    result = 0
    for price in prices:
        result += price * (1 - discount)
    return round(result, 2)'''
MEETING = " ".join(TRANSCRIPT.replace("Speaker", "Person").splitlines() * 3)
LONG: dict[str, Any] = {
    "rate": 0.55,
    "condition_in_question": "after_condition",
    "reorder_context": "sort",
    "dynamic_context_compression_ratio": 0.3,
    "condition_compare": True,
    "context_budget": "+100",
    "rank_method": "longllmlingua",
}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("target", {"context": WORKED_EXAMPLES, "instruction": "", "question": "", "target_token": 80}),
    ("examples", {"context": WORKED_EXAMPLES.split("\n\n"), "target_token": 90, "iterative_size": 50}),
    ("question", {"context": WORKED_EXAMPLES.split("\n\n"), "question": "How many are left?", "rate": 0.4}),
    ("compare", {"context": MEETING, "question": "What does the roof cost?", "rate": 0.3, "condition_compare": True}),
    ("split", {"context": [CODE, TRANSCRIPT], "rate": 0.5, "keep_split": True, "keep_first_sentence": 1}),
    ("long", {"context": DOCUMENTS, "instruction": "Write a short answer.", "question": "Who built it?", **LONG}),
    ("long code", {"context": CODE, "question": "What is returned?", **LONG}),
    ("sentences", {"context": DOCUMENTS, "question": "Who built it?", **LONG, "use_sentence_level_filter": True}),
    ("two stage", {"context": DOCUMENTS, "question": "Who built it?", **LONG, "reorder_context": "two_stage"}),
    ("contexts", {"context": DOCUMENTS, "question": "Who built it?", **LONG, "use_token_level_filter": False}),
    ("surprising sentences", {"context": MEETING, "rate": 0.4, "use_sentence_level_filter": True}),
    ("low", {"context": MEETING, "rate": 0.1}),
    (
        "digits",
        {"context": TRANSCRIPT.splitlines(), "rate": 0.4, "force_reserve_digit": True, "force_tokens": ["roof"]},
    ),
]


def old_compressor(folder: Path, name: str = "gpt2", **more: Any) -> PromptCompressor:
    """Return the drop-in over a tiny model on this machine."""
    if not (folder / name).exists():
        tiny_models.save(folder / name, name)
    return PromptCompressor(str(folder / name), "cpu", {"revision": "main", "dtype": "float32"}, **more)


@pytest.mark.parametrize("name", ["gpt2", "llama"])
@pytest.mark.parametrize("call", [call for _, call in CALLS], ids=[name for name, _ in CALLS])
def test_prompts_like_those_of_llmlingua(models_folder: Path, name: str, call: dict[str, Any]) -> None:
    """No exception, within the budget, with the question whole."""
    compressor = old_compressor(models_folder, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        result = compressor.compress_prompt(**call)
    text, question = result["compressed_prompt"], call.get("question", "")
    assert result["compressed_tokens"] == COUNT(text) < result["origin_tokens"]
    if "target_token" in call:
        assert result["compressed_tokens"] <= call["target_token"]
    else:
        assert result["compressed_tokens"] <= call["rate"] * result["origin_tokens"]
    assert text.endswith(question)
    assert text != question
    words = set("\n".join([call["context"]] if isinstance(call["context"], str) else call["context"]).split())
    for word in text.removeprefix(call.get("instruction", "")).removesuffix(question).split():
        assert any(word in other for other in words)


def test_legacy_shift_chooses_other_words(models_folder: Path) -> None:
    """It is there to compare with llmlingua."""
    texts = {
        old_compressor(models_folder, legacy_shift=shift).compress_prompt(MEETING, rate=0.3)["compressed_prompt"]
        for shift in (False, True)
    }
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("config", "package"),
    [
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, "optimum|gptqmodel"),
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm"}, "gptqmodel|autoawq"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes"),
    ],
)
def test_a_missing_package_for_quantized_weights_is_named(
    models_folder: Path, tmp_path: Path, config: dict[str, Any], package: str
) -> None:
    """The error says which package reads such a model."""
    old_compressor(models_folder)
    folder = tmp_path / "quantized"
    folder.mkdir()
    for file in (models_folder / "gpt2").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, "quantization_config": config}))
    with pytest.raises(ModelLoadError, match=f"needs a package that is not installed .*({package})"):
        PromptCompressor(str(folder), "cpu").compress_prompt(MEETING, rate=0.3)


@pytest.mark.parametrize("method", ["longllmlingua", "llmlingua"])
def test_scores_of_ranks_are_likelihoods(models_folder: Path, method: str) -> None:
    """As in llmlingua: mean negative log-likelihoods, lowest first for one method and highest first for the other."""
    ranked = old_compressor(models_folder).get_rank_results(DOCUMENTS, "Who built it?", method, "after", [])
    scores = [score for _, score in ranked]
    assert sorted(index for index, _ in ranked) == [0, 1, 2, 3]
    assert all(score > 0 for score in scores)
    assert scores == sorted(scores, reverse=method == "llmlingua")
