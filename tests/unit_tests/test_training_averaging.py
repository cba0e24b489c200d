"""Averages of models with the same trunk."""

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.calibration import Calibration, read_calibration
from lingua_shared.scoring.encoder.model import load_model, new_model, save_model
from lingua_shared.training import averaging
from lingua_shared.training.averaging import average
from tests import tiny_models


def _trained(folder: Path, seed: int, *, keep_layers: tuple[int, ...] | None = None) -> Path:
    trunk = folder / f"trunk-{seed}"
    tiny_models.save_trunk(trunk, pieces=False)
    torch.manual_seed(seed)
    model = new_model(trunk, keep_layers=keep_layers)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:  # matrices are rounded when they are saved
                weight.normal_()
    save_model(model, trunk / "tokenizer.json", folder / str(seed), {"calibration": {"slope": 1.0, "offset": 0.0}})
    return folder / str(seed)


def test_average_weighs_trunk_and_heads_and_keeps_the_first_words(tmp_path: Path) -> None:
    """Weights 3 and 1; the word embeddings are those of the first model."""
    one, other = _trained(tmp_path, 1), _trained(tmp_path, 2)
    states = {folder: load_model(folder).state_dict() for folder in (one, other)}
    found = average({one: 3.0, other: 1.0}).state_dict()
    for name, weight in found.items():
        expected = (
            states[one][name] if "word_embeddings" in name else 0.75 * states[one][name] + 0.25 * states[other][name]
        )
        torch.testing.assert_close(weight, expected)


def test_a_trunk_takes_part_without_heads(tmp_path: Path) -> None:
    """Averaging with a pretrained trunk changes the trunk only; the heads are those of the trained model."""
    trained, trunk = _trained(tmp_path, 1), tmp_path / "trunk-1"
    averaging.main([str(tmp_path / "out"), f"{trunk}=1", f"{trained}=1"])
    found, before, start = load_model(tmp_path / "out"), load_model(trained), new_model(trunk)
    torch.testing.assert_close(found.relevance.bias, before.relevance.bias)
    norm = "trunk.embeddings.LayerNorm.weight"
    torch.testing.assert_close(found.state_dict()[norm], (before.state_dict()[norm] + start.state_dict()[norm]) / 2)
    assert read_calibration(tmp_path / "out") == Calibration()


def test_of_a_deeper_trunk_the_first_layers_count(tmp_path: Path) -> None:
    """A model with one of two layers is averaged with the first layer of the trunk."""
    trained, trunk = _trained(tmp_path, 1, keep_layers=(0,)), tmp_path / "trunk-1"
    found = average({trained: 1.0, trunk: 1.0})
    bias = "trunk.encoder.layer.0.output.dense.bias"
    expected = (load_model(trained).state_dict()[bias] + new_model(trunk).state_dict()[bias]) / 2
    assert len(found.trunk.encoder.layer) == 1
    torch.testing.assert_close(found.state_dict()[bias], expected)


def test_average_needs_heads_and_one_trunk(tmp_path: Path) -> None:
    """The errors name the folders and the weight that differs."""
    trained, trunk = _trained(tmp_path, 1), tmp_path / "trunk-1"
    with pytest.raises(InvalidInputError, match="name at least one trained model"):
        average({trunk: 1.0})
    wider = tmp_path / "wider"
    BertModel(BertConfig(hidden_size=48, num_attention_heads=2, num_hidden_layers=2, vocab_size=64)).save_pretrained(
        wider
    )
    with pytest.raises(InvalidInputError, match="average models with the same trunk"):
        average({trained: 1.0, wider: 1.0})


@pytest.mark.parametrize("argument", ["folder", "folder=", "folder=much"])
def test_a_folder_without_a_weight_is_refused(
    argument: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says what it expects."""
    with pytest.raises(SystemExit):
        averaging.main([str(tmp_path / "out"), argument])
    assert f"'{argument}' is not FOLDER=WEIGHT" in capsys.readouterr().err
