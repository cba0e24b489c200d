"""Recipes: settings of a training run in a TOML file."""

from pathlib import Path

import pytest

from lingua_shared.errors import InvalidInputError
from lingua_shared.training.recipe import CalibrationFiles, Drawing, LossWeights, Plan, read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
MINIMAL = """
name = "tiny"
[sources]
ten = {groups}
[dev]
files = ["dev"]
questions = 2
[calibration]
files = ["{calibration}"]
"""


def save_recipe(folder: Path, *, more: str = "", groups: int = 8, calibration: str = "dev") -> Path:
    """Write a recipe for a file `ten` of questions, with `more` settings."""
    path = folder / "recipe.toml"
    path.write_text(MINIMAL.format(groups=groups, calibration=calibration) + more, encoding="utf-8")
    return path


def test_settings_that_are_left_out_have_their_defaults(tmp_path: Path) -> None:
    """A recipe needs sources, dev files and files for the calibration."""
    recipe = read_recipe(save_recipe(tmp_path))
    assert (recipe.name, recipe.seed, dict(recipe.sources)) == ("tiny", 7, {"ten": 8})
    assert (recipe.plan, recipe.losses, recipe.drawing) == (Plan(), LossWeights(), Drawing())
    assert recipe.calibration == CalibrationFiles(files=("dev",))


def test_sources_keep_their_order(tmp_path: Path) -> None:
    """Draws depend on the order of the files."""
    path = tmp_path / "recipe.toml"
    path.write_text(MINIMAL.format(groups=8, calibration="dev").replace("ten = 8", "z = 1\na = 2\nm = 3"))
    assert list(read_recipe(path).sources) == ["z", "a", "m"]


@pytest.mark.parametrize(
    "more",
    [
        "[plan]\nstep = 3",
        "[plan]\nlearning_rate = 0",
        "[drawing]\nattack_share = 1.5",
        '[trunk]\nembeddings = "melted"',
        "[losses]\nsupport = -1",
        "not toml",
    ],
)
def test_a_wrong_setting_is_named_with_the_file(tmp_path: Path, more: str) -> None:
    """Unknown names, values out of range and files that are no TOML."""
    path = save_recipe(tmp_path, more=more)
    with pytest.raises(InvalidInputError, match=r"recipe\.toml is not a recipe"):
        read_recipe(path)


def test_a_missing_recipe(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(InvalidInputError, match=r"none\.toml is not a recipe"):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_of_the_repository(path: Path) -> None:
    """Each can be read, is named like its file, and uses no test file."""
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    files = [*recipe.sources, *recipe.dev.files, *recipe.calibration.files]
    assert not [name for name in files if name.endswith("-test")]
    assert not {*recipe.sources} & {*recipe.dev.files, *recipe.calibration.files}


def test_shipped_encoders_have_a_recipe() -> None:
    """One for each folder of weights."""
    assert [path.stem for path in RECIPES] == ["en", "multilingual"]
