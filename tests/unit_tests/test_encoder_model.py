"""The encoder's network: its outputs, and its weights stored in int8."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from lingua_shared.scoring.encoder.model import (
    WEIGHTS,
    EncoderModel,
    load_model,
    local_folder,
    new_model,
    save_model,
)
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from tests import tiny_models

SETTINGS = {"calibration": {"slope": 0.5, "offset": -1.0}}


@pytest.fixture(name="folder", scope="module", params=["words", "pieces"])
def _folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_trunk(tmp_path_factory.mktemp("trunk"), pieces=request.param == "pieces")


@pytest.fixture(name="model", scope="module")
def _model(folder: Path) -> EncoderModel:
    torch.manual_seed(0)
    return new_model(folder).eval()


def read(model: EncoderModel, length: int = 12, padding: int = 0) -> tuple[Tensor, Tensor]:
    """Outputs of a model for three rows of token ids with `padding` tokens behind them."""
    config = model.trunk.config
    ids = torch.arange(5, 5 + 3 * length).reshape(3, length) % 50 + 4
    pad = torch.full((3, padding), config.pad_token_id)
    mask = torch.cat([torch.ones_like(ids), torch.zeros_like(pad)], dim=1)
    ids = torch.cat([ids, pad], dim=1)
    with torch.inference_mode():
        relevances, logits = model(ids, mask, torch.zeros_like(ids))
    return relevances, logits


def saved(model: EncoderModel, trunk: Path, folder: Path) -> Path:
    save_model(model, trunk / "tokenizer.json", folder, SETTINGS)
    return folder


def test_outputs_have_one_value_a_pair_and_two_a_token(model: EncoderModel) -> None:
    """Logits are float32, whatever the precision of the trunk."""
    relevances, logits = read(model)
    assert (relevances.shape, logits.shape) == ((3,), (3, 12, 2))
    assert relevances.dtype == logits.dtype == torch.float32


def test_padding_changes_nothing(model: EncoderModel) -> None:
    """Padding tokens are masked."""
    for plain, padded in zip(read(model), read(model, padding=20), strict=True):
        torch.testing.assert_close(padded[:, :12] if padded.ndim > 1 else padded, plain, atol=1e-5, rtol=1e-5)


def test_dropout_is_off(model: EncoderModel) -> None:
    """Two passes in training mode give the same outputs."""
    model.train()
    first, second = read(model)[1], read(model)[1]
    model.eval()
    assert torch.equal(first, second)
    assert torch.equal(first, read(model)[1])


def test_kept_layers_are_those_named(folder: Path) -> None:
    """A smaller trunk has the weights of the kept layers, and a configuration that fits."""
    whole, kept = new_model(folder).trunk, new_model(folder, keep_layers=(1,)).trunk
    assert kept.config.num_hidden_layers == len(kept.encoder.layer) == 1
    for name, weight in kept.encoder.layer[0].state_dict().items():
        assert torch.equal(weight, whole.encoder.layer[1].state_dict()[name])


def test_weights_come_back_within_half_a_step(model: EncoderModel, folder: Path, tmp_path: Path) -> None:
    """The error of a matrix is at most half a step of its row; vectors and small heads are exact."""
    loaded = load_model(saved(model, folder, tmp_path)).state_dict()
    original = model.state_dict()
    assert loaded.keys() == original.keys()
    for name, weight in original.items():
        exact = weight.ndim < 2 or len(weight) < 16
        bound = torch.zeros(()) if exact else weight.abs().amax(dim=1, keepdim=True) / 127 / 2
        assert ((loaded[name] - weight).abs() <= bound * 1.001).all(), name


def test_each_row_has_its_own_scale(folder: Path, tmp_path: Path) -> None:
    """A row of large weights does not make other rows coarser, and a row of zeros stays zero."""
    model = new_model(folder)
    weight = model.trunk.encoder.layer[0].output.dense.weight
    with torch.no_grad():
        weight[0] *= 1000
        weight[1] = 0
    loaded = load_model(saved(model, folder, tmp_path)).trunk.encoder.layer[0].output.dense.weight
    assert not loaded[1].any()
    assert (loaded[2:] - weight[2:]).abs().max() <= weight[2:].abs().max() / 254 * 1.001


def test_loaded_model_says_the_same(model: EncoderModel, folder: Path, tmp_path: Path) -> None:
    """Quantized weights give similar outputs, and the loaded model is in evaluation mode."""
    loaded = load_model(saved(model, folder, tmp_path))
    assert not loaded.training
    for before, after in zip(read(model), read(loaded), strict=True):
        assert (before - after).abs().max() < 0.1 * before.std() + 0.02


def test_quantizing_twice_loses_nothing_more(model: EncoderModel, folder: Path, tmp_path: Path) -> None:
    """A loaded model that is saved again has the same weights."""
    once = load_model(saved(model, folder, tmp_path / "once"))
    twice = load_model(saved(once, folder, tmp_path / "twice"))
    for first, second in zip(once.state_dict().values(), twice.state_dict().values(), strict=True):
        torch.testing.assert_close(second, first, atol=1e-6, rtol=1e-5)


def test_smaller_trunk_survives_saving(folder: Path, tmp_path: Path) -> None:
    """Configuration and weights of a trunk with fewer layers fit together."""
    model = new_model(folder, keep_layers=(0,)).eval()
    loaded = load_model(saved(model, folder, tmp_path))
    assert len(loaded.trunk.encoder.layer) == 1


def test_file_is_about_a_quarter(model: EncoderModel, folder: Path, tmp_path: Path) -> None:
    """The file takes at most a third of float32, even with rows of only 32 values."""
    packed = load_file(saved(model, folder, tmp_path) / WEIGHTS)
    assert sum(t.nbytes for t in packed.values()) < sum(t.nbytes for t in model.state_dict().values()) / 3


def test_tokenizer_is_saved_without_limits(model: EncoderModel, folder: Path, tmp_path: Path) -> None:
    """The saved tokenizer does not truncate, even if the trunk's tokenizer does."""
    truncating = Tokenizer.from_file(str(folder / "tokenizer.json"))
    truncating.enable_truncation(3)
    truncating.save(str(tmp_path / "truncating.json"))
    save_model(model, tmp_path / "truncating.json", tmp_path, SETTINGS)
    from_trunk, from_model = (
        PairTokenizer.from_folder(place).pairs("Who built it?", ["Ada Marsh built it in 1871."])[0][0]
        for place in (folder, tmp_path)
    )
    assert from_model.ids.tolist() == from_trunk.ids.tolist()


def test_folder_is_its_own_location(tmp_path: Path) -> None:
    """Nothing is downloaded for a folder."""
    assert local_folder(str(tmp_path), local_files_only=True) == tmp_path
