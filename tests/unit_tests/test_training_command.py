"""The command that trains, from files of questions to a folder with weights, with a tiny trunk and a tiny miner."""

import json
from pathlib import Path
from types import MappingProxyType

import pytest
from safetensors.torch import load_file

from lingua_shared.scoring.encoder.model import WEIGHTS, load_model
from lingua_shared.training import __main__ as command
from lingua_shared.training.sources import Source
from tests import tiny_models
from tests.unit_tests.test_training_mixture import record, write

WORDS = "trunk.embeddings.word_embeddings.weight"


@pytest.fixture(name="arguments")
def _arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for name in ("ten", "dev"):
        write(tmp_path, name, *(record(i) for i in range(10)))
    monkeypatch.setattr(command, "MIXTURES", MappingProxyType({"en": (Source("ten", 8),)}))
    monkeypatch.setattr(command, "DEV", {"en": ("dev",)})
    trunk = tiny_models.save_trunk(tmp_path / "trunk")
    miner = tiny_models.save_embedder(tmp_path / "miner")
    return [
        *("--data", str(tmp_path), "--out", str(tmp_path / "run"), "--base", str(trunk), "--miner", str(miner)),
        *("--groups", "2", "--dev-count", "2", "--threads", "1", "--device", "cpu"),
    ]


def test_weights_log_and_dev_figures_are_written(arguments: list[str], tmp_path: Path) -> None:
    """Eight questions, two a step: four steps, and dev figures at their end."""
    command.main([*arguments, "--keep-layers", "1"])
    steps = [json.loads(line) for line in (tmp_path / "run/steps.jsonl").read_text().splitlines()]
    dev = [json.loads(line) for line in (tmp_path / "run/dev.jsonl").read_text().splitlines()]
    assert [line["step"] for line in steps] == [1, 2, 3, 4]
    assert [line["step"] for line in dev] == [4]
    assert len(load_model(tmp_path / "run/model").trunk.encoder.layer) == 1


@pytest.mark.parametrize(
    ("option", "stored"),
    [
        pytest.param(["--four-bit-embeddings"], {WORDS + ".nibbles", WORDS + ".steps"}, id="rounded"),
        pytest.param([], {WORDS, WORDS + ".scale"}, id="as they are"),
    ],
)
def test_word_embeddings_in_the_file(arguments: list[str], tmp_path: Path, option: list[str], stored: set[str]) -> None:
    """Rounded before training, they take 4 bits a value."""
    command.main([*arguments, "--steps", "1", *option])
    assert {name for name in load_file(tmp_path / "run/model" / WEIGHTS) if name.startswith(WORDS)} == stored


def test_embeddings_are_either_trained_or_rounded(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Training would undo the rounding."""
    with pytest.raises(SystemExit):
        command.main([*arguments, "--train-embeddings", "--four-bit-embeddings"])
    assert "not allowed with argument --train-embeddings" in capsys.readouterr().err
