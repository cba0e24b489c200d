"""Folders of the shipped encoders: licences of their trunks and model cards."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "lingua_shared/weights").glob("*/model.safetensors"))


def test_folders_are_found() -> None:
    """The tests below look at both encoders."""
    assert [folder.name for folder in FOLDERS] == ["en", "multilingual"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_licence_of_the_trunk_is_shipped(folder: Path) -> None:
    """The MIT licence of the trunk lies beside the weights, with its copyright line, and packages list it."""
    (licence,) = folder.glob("LICENSE-*")
    text = " ".join(licence.read_text(encoding="utf-8").split())
    assert licence.name.removeprefix("LICENSE-") in (folder / "README.md").read_text(encoding="utf-8")
    assert "MIT License Copyright (c) " in text
    assert "this permission notice shall be included in all copies or substantial portions of the Software" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert licence in [path for pattern in project["license-files"] for path in ROOT.glob(pattern)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_card_lists_each_file_of_the_recipe(folder: Path) -> None:
    """Origin and licence of every file that the encoder was trained on can be read in its card."""
    recipe = tomllib.loads((ROOT / "recipes" / f"{folder.name}.toml").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert [name for name in recipe["sources"] if name not in card] == []
