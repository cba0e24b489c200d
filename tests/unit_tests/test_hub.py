"""Which commit of a hub repository is loaded where no hub is asked; with a hub: `integration_tests/test_hub.py`."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from lingua_shared.scoring.catalog import ModelSource
from lingua_shared.scoring.loading import pinned

OLD, NEW = "0" * 40, "1" * 40
SOURCE = ModelSource("owner/name")


def downloaded(cache: Path, commit: str, branch: str | None = "main") -> Path:
    """The folder of a commit in a cache of downloads, to which a branch points."""
    repository = cache / "models--owner--name"
    folder = repository / "snapshots" / commit
    folder.mkdir(parents=True)
    if branch is not None:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / branch).write_text(commit)
    return folder


@pytest.fixture(name="cache")
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("SENTENCE_TRANSFORMERS_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("revision", "commit"), [(None, OLD), ("main", OLD), ("dev", NEW), (OLD, OLD), (NEW, NEW)], ids=str
)
def test_without_a_hub_the_last_download_counts(cache: Path, revision: str | None, commit: str) -> None:
    """A branch is the commit that it was at the last download; a commit is itself, if it was downloaded."""
    downloaded(cache, OLD)
    downloaded(cache, NEW, "dev")
    assert pinned(SOURCE, revision, local_files_only=True) == ModelSource(
        "owner/name", revision=commit, is_offline=True
    )


def test_downloads_of_sentence_transformers_count(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the library was told to use is looked into, too."""
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path / "others"))
    downloaded(tmp_path / "others", NEW)
    assert pinned(SOURCE, None, local_files_only=True).revision == NEW
    assert cache.is_dir()


@pytest.mark.parametrize("revision", ["other", "2" * 40, "../../secret", "x" * 5000])
def test_what_was_not_downloaded_is_not_found(cache: Path, revision: str) -> None:
    """The error names repository and revision, and why the hub has no part in it."""
    downloaded(cache, OLD)
    (cache / "secret").write_text("a password")
    with pytest.raises(FileNotFoundError, match=r"no copy of 'owner/name' at '.*local_files_only is set"):
        pinned(SOURCE, revision, local_files_only=True)
