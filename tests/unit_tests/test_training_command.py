"""The command that trains, from files of questions to a folder with weights, with a tiny trunk and a tiny miner."""

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.model import WEIGHTS, load_model
from lingua_shared.training import __main__ as command
from tests import tiny_models
from tests.unit_tests.test_training_mixture import record, write
from tests.unit_tests.test_training_recipe import save_recipe

WORDS = "trunk.embeddings.word_embeddings.weight"
PLAN = "[plan]\ngroups = 2\n"


@pytest.fixture(name="paths")
def _paths(tmp_path: Path) -> list[str]:
    for name in ("ten", "dev"):
        write(tmp_path, name, *(record(i) for i in range(10)))
    trunk = tiny_models.save_trunk(tmp_path / "trunk")
    miner = tiny_models.save_embedder(tmp_path / "miner")
    return [
        *("--data", str(tmp_path), "--out", str(tmp_path / "run"), "--trunk", str(trunk), "--miner", str(miner)),
        *("--threads", "1", "--device", "cpu"),
    ]


def test_weights_log_and_dev_figures_are_written(paths: list[str], tmp_path: Path) -> None:
    """Eight questions, two per step: four steps, and dev figures at their end."""
    recipe = save_recipe(tmp_path, more=f"{PLAN}[trunk]\nkeep_layers = [1]")
    command.main([str(recipe), *paths])
    steps = [json.loads(line) for line in (tmp_path / "run/steps.jsonl").read_text().splitlines()]
    dev = [json.loads(line) for line in (tmp_path / "run/dev.jsonl").read_text().splitlines()]
    assert [line["step"] for line in steps] == [1, 2, 3, 4]
    assert [line["step"] for line in dev] == [4]
    assert {"ranking", "calibration", "support", "answer"} <= steps[0].keys()
    assert len(load_model(tmp_path / "run/model").trunk.encoder.layer) == 1


@pytest.mark.parametrize(
    ("embeddings", "stored"),
    [
        pytest.param("four-bit", {WORDS + ".nibbles", WORDS + ".steps"}, id="rounded"),
        pytest.param("frozen", {WORDS, WORDS + ".scale"}, id="as they are"),
    ],
)
def test_word_embeddings_in_the_file(paths: list[str], tmp_path: Path, embeddings: str, stored: set[str]) -> None:
    """Embeddings that are rounded before training are stored in 4 bits."""
    recipe = save_recipe(tmp_path, more=f'{PLAN}steps = 1\n[trunk]\nembeddings = "{embeddings}"')
    command.main([str(recipe), *paths])
    assert {name for name in load_file(tmp_path / "run/model" / WEIGHTS) if name.startswith(WORDS)} == stored


def test_a_trained_model_can_be_trained_further(paths: list[str], tmp_path: Path) -> None:
    """A second run starts from the weights of the first one."""
    recipe = str(save_recipe(tmp_path, more=f"{PLAN}steps = 1\n"))
    command.main([recipe, *paths])
    again = [*paths[: paths.index("--trunk")], "--from-weights", str(tmp_path / "run/model"), *paths[-6:]]
    again[again.index("--out") + 1] = str(tmp_path / "again")
    command.main([recipe, *again])
    assert (tmp_path / "again/model" / WEIGHTS).is_file()


@pytest.mark.parametrize("role", ["sources", "dev"])
def test_test_files_are_refused(paths: list[str], tmp_path: Path, role: str) -> None:
    """Nothing is trained on questions that published figures are measured on, and no checkpoint is chosen by them."""
    write(tmp_path, "some-test", record(0))
    recipe = save_recipe(tmp_path, more=PLAN)
    old, new = {"sources": ("ten = 8", "some-test = 8"), "dev": ('["dev"]\nq', '["some-test"]\nq')}[role]
    recipe.write_text(recipe.read_text().replace(old, new))
    with pytest.raises(InvalidInputError, match=r"some-test\.jsonl\.gz is a test file"):
        command.main([str(recipe), *paths])


def test_help_says_what_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Each argument has a line."""
    with pytest.raises(SystemExit):
        command.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Train an encoder on files of questions." in text
    for argument in ("recipe", "--data", "--out", "--trunk", "--from-weights", "--miner", "--threads", "--device"):
        assert f"{argument} " in text
