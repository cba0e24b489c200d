"""Adapters of a causal model: merged as peft reads them, refused with a reason, and part of the identity of scores."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.errors import MissingPackageError, ModelLoadError
from lingua_shared.scoring.causal.adapter import BASE, CONFIG, WEIGHTS, merged, weights_sample
from lingua_shared.scoring.causal.model import Row
from lingua_shared.scoring.loading import Models
from tests import tiny_models

IDS = (1, 5, 6, 7, 8, 9, 3, 2, 11)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny models, each with an adapter that changes it a lot."""
    folder = tmp_path_factory.mktemp("adapters")
    for name in ("llama", "gpt2", "gemma2"):
        tiny_models.save(folder / name, name)
        adapted(folder / name).save_pretrained(folder / f"{name}-adapter", save_embedding_layers=False)
    return folder


def adapted(model: Path) -> Any:
    torch.manual_seed(0)
    network = AutoModelForCausalLM.from_pretrained(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(network), "is_gradient_checkpointing", False)  # warns where peft reads it
        settings: Any = {"task_type": "CAUSAL_LM", "target_modules": "all-linear", "init_lora_weights": False}
        lora = peft.LoraConfig(r=4, fan_in_fan_out=model.name == "gpt2", **settings)
        return peft.get_peft_model(network, lora).eval()


def options(folder: Path, name: str = "llama", adapter: Path | None = None, **others: Any) -> ModelOptions:
    chosen = str(adapter or folder / f"{name}-adapter")
    return ModelOptions(
        **{"model": str(folder / name), "adapter": chosen, "device": "cpu", "dtype": "float32", **others}
    )


def scores(models: ModelOptions) -> torch.Tensor:
    return torch.from_numpy(Models(models).causal().negative_log_likelihoods([Row(IDS, first=1)])[0])


@torch.inference_mode()
def reference(model: Any) -> torch.Tensor:
    logits = model(input_ids=torch.tensor([IDS])).logits[0, :-1].float()
    return torch.nn.functional.cross_entropy(logits, torch.tensor(IDS[1:]), reduction="none")


def copied(folder: Path, to: Path, **settings: Any) -> Path:
    """Copy an adapter, and change its settings."""
    shutil.copytree(folder / "llama-adapter", to)
    found = json.loads((to / CONFIG).read_text())
    (to / CONFIG).write_text(json.dumps({**found, **settings}))
    return to


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma2"])
def test_a_merged_adapter_scores_as_peft_does(folder: Path, name: str) -> None:
    """The same likelihoods as peft's forward pass beside the weights, in both precisions, and other than without."""
    model = adapted(folder / name)
    expected = reference(model)
    torch.testing.assert_close(scores(options(folder, name)), expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(scores(options(folder, name, dtype="bfloat16")), expected, atol=0.2, rtol=0.1)
    with model.disable_adapter():
        plain = reference(model)
    assert (plain - expected).abs().max() > 0.5


def test_a_merged_network_is_a_plain_one(folder: Path) -> None:
    """No layer of peft is left, so scoring costs what it costs without."""
    trunk = Models(options(folder)).causal()._trunk
    assert type(trunk).__name__ == "LlamaModel"
    assert not [name for name, _ in trunk.named_modules() if "lora" in name]


def test_naming_an_adapter_says_how_to_compress(folder: Path) -> None:
    """The method reads with the causal model, the recipe names the adapter, and the result comes from it."""
    compressor = PromptCompressor(options(folder))
    chosen = CompressionOptions(rankers=("perplexity",), sentence_scorer="surprisal", token_scorer="surprisal")
    recipe = compressor.recipe(chosen)
    assert recipe.method == "longllmlingua"
    assert recipe.models == {"model": str(folder / "llama"), "adapter": str(folder / "llama-adapter")}
    assert PromptCompressor(ModelOptions(adapter="x")).recipe(CompressionOptions()).method == "longllmlingua"
    assert PromptCompressor(ModelOptions(adapter="x")).recipe(CompressionOptions(method="bm25")).models == {}
    text = " ".join(tiny_models.CORPUS[:3])
    with_it, without = (
        PromptCompressor(one).compress([text, text[::-1]], question="Who built it?", options=chosen)
        for one in (options(folder), options(folder).model_copy(update={"adapter": None}))
    )
    assert with_it.passages[0].signals != without.passages[0].signals


def test_scores_of_two_adapters_never_mix(folder: Path, tmp_path: Path) -> None:
    """Each content of an adapter is another model to the cache, wherever its folder is."""
    cached: dict[str, Any] = {"cache_file": str(tmp_path / "scores.db")}
    moved = copied(folder, tmp_path / "moved")
    shutil.copy(folder / "llama-adapter" / CONFIG, moved / CONFIG)
    other = copied(folder, tmp_path / "other")
    weights = {name: tensor * 1.5 for name, tensor in load_file(other / WEIGHTS).items()}
    save_file(weights, other / WEIGHTS)

    def identity(models: ModelOptions) -> str:
        return Models(models).likelihood_cache().model()

    plain = identity(options(folder, **cached).model_copy(update={"adapter": None}))
    found = [identity(options(folder, adapter=one, **cached)) for one in (folder / "llama-adapter", moved, other)]
    assert found[0] == found[1]
    assert len({plain, *found}) == 3
    assert all(one.startswith(f"{plain}+") for one in found)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda path: shutil.rmtree(path), "there is no such folder", id="no folder"),
        pytest.param(lambda path: (path / CONFIG).unlink(), f"it has no {CONFIG}", id="no settings"),
        pytest.param(
            lambda path: shutil.move(shutil.move(path, path.with_name("moved")), path / "adapter"),
            "give .*mine/adapter",
            id="the folder above",
        ),
        pytest.param(lambda path: (path / CONFIG).write_text("{"), "cannot be read", id="broken settings"),
        pytest.param(lambda path: (path / CONFIG).write_text("[]"), "is not one of LoRA", id="other settings"),
        pytest.param(
            lambda path: (path / WEIGHTS).rename(path / "adapter_model.bin"), "from safetensors only", id="a pickle"
        ),
        pytest.param(lambda path: (path / WEIGHTS).write_bytes(b"12"), "is damaged", id="broken weights"),
    ],
)
def test_what_is_no_adapter_is_refused(folder: Path, tmp_path: Path, damage: Any, message: str) -> None:
    """The error names the folder and what is missing."""
    adapter = copied(folder, tmp_path / "mine")
    damage(adapter)
    with pytest.raises(ModelLoadError, match=message) as caught:
        scores(options(folder, adapter=adapter))
    assert "mine" in str(caught.value)


def test_another_kind_of_adapter_is_refused(folder: Path, tmp_path: Path) -> None:
    """Only LoRA for causal models can be merged here."""
    for number, settings in enumerate([{"peft_type": "PROMPT_TUNING"}, {"task_type": "SEQ_CLS"}]):
        adapter = copied(folder, tmp_path / str(number), **settings)
        with pytest.raises(ModelLoadError, match="is not one of LoRA for a causal model"):
            scores(options(folder, adapter=adapter))


def test_an_adapter_for_another_base_is_refused(folder: Path, tmp_path: Path) -> None:
    """By a sample of the weights it was trained on; else by its hub id; else because it does not fit."""
    with pytest.raises(ModelLoadError, match=r"does not fit the model .*gpt2.*name the model that it was trained for"):
        scores(options(folder, "gpt2", folder / "llama-adapter"))
    named = copied(folder, tmp_path / "named", base_model_name_or_path="owner/other")
    network = AutoModelForCausalLM.from_pretrained(folder / "llama")
    with pytest.raises(ModelLoadError, match=r"smollm2-135m' \(it was trained for owner/other\)"):
        merged(network, str(named), ["smollm2-135m", "HuggingFaceTB/SmolLM2-135M-Instruct"])
    sampled = copied(folder, tmp_path / "sampled")
    (sampled / BASE).write_text(json.dumps({"name": "llama", "sample": weights_sample(network)}))
    scores(options(folder, adapter=sampled, dtype="bfloat16"))
    twin = folder / "twin"
    shutil.copytree(folder / "llama", twin)
    weights = load_file(twin / "model.safetensors")
    save_file(
        {n: w + 0.1 * torch.randn_like(w) for n, w in weights.items()}, twin / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(ModelLoadError, match=r"its weights differ\); name .*llama', with `model`"):
        scores(options(folder, "twin", sampled))


def test_a_part_of_an_adapter_is_refused(folder: Path, tmp_path: Path) -> None:
    """Weights that are missing, or that have no place, are not passed over."""
    for number, moved_to in enumerate(["layers.7", "layers.1"]):
        adapter = copied(folder, tmp_path / str(number))
        found = load_file(adapter / WEIGHTS)
        weights = {name.replace("layers.1", moved_to): tensor for name, tensor in found.items()}
        if number:
            weights.popitem()
        save_file(weights, adapter / WEIGHTS)
        with pytest.raises(ModelLoadError, match="have no place in the model"):
            scores(options(folder, adapter=adapter))


def test_a_missing_peft_names_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says what to install."""
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'rag-lingua\[distillation\]'"):
        scores(options(folder))


def test_no_code_of_an_adapter_runs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that its settings name are not imported."""
    mark = tmp_path / "ran"
    (tmp_path / "surprise.py").write_text(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    mapping = {"base_model_class": "Model", "parent_library": "surprise"}
    settings = {"auto_mapping": mapping, "megatron_config": {"a": 1}, "megatron_core": "surprise"}
    scores(options(folder, adapter=copied(folder, tmp_path / "mine", **settings)))
    assert not mark.exists()
