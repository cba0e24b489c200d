"""Fingerprints of model folders: they change with any content, and with nothing else."""

import os
import shutil
import time
from pathlib import Path

import pytest

from lingua_shared.scoring import fingerprints
from lingua_shared.scoring.fingerprints import fingerprint


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "0_Transformer").mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    (folder / "0_Transformer" / "model.safetensors").write_bytes(bytes(1000))
    return folder


def age(folder: Path) -> None:
    """Make files look old, so that their hashes are kept."""
    for file in folder.rglob("*"):
        os.utime(file, (1_000_000_000,) * 2)


def test_a_weight_file_that_is_rewritten_in_a_subfolder(folder: Path) -> None:
    """Another content of the same size, written at once and with the same time, is seen."""
    weights = folder / "0_Transformer" / "model.safetensors"
    before, state = fingerprint(folder), weights.stat()
    weights.write_bytes(bytes(999) + b"1")
    os.utime(weights, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert fingerprint(folder) != before
    weights.write_bytes(bytes(1000))
    assert fingerprint(folder) == before


def test_names_count(folder: Path) -> None:
    """A file that is renamed, added or removed is seen; so is a folder that is renamed."""
    seen = {fingerprint(folder)}
    (folder / "added.json").write_text("")
    seen.add(fingerprint(folder))
    (folder / "added.json").rename(folder / "renamed.json")
    seen.add(fingerprint(folder))
    (folder / "0_Transformer").rename(folder / "1_Transformer")
    seen.add(fingerprint(folder))
    assert len(seen) == 4


def test_what_does_not_count(folder: Path, tmp_path: Path) -> None:
    """The place of the folder, times, and hidden files do not change the fingerprint."""
    before = fingerprint(folder)
    age(folder)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x").write_text("x")
    (folder / ".lock").write_text("x")
    shutil.copytree(folder, tmp_path / "copy")
    assert fingerprint(folder) == fingerprint(tmp_path / "copy") == before


def test_links_are_followed(folder: Path, tmp_path: Path) -> None:
    """Content behind a link to a folder counts; a link to a folder above is no endless loop, a dead link no file."""
    linked = tmp_path / "linked"
    linked.mkdir()
    shutil.copy(folder / "modules.json", linked)
    (linked / "0_Transformer").symlink_to(folder / "0_Transformer")
    assert fingerprint(linked) == fingerprint(folder)
    (linked / "above").symlink_to(linked)
    (linked / "dead").symlink_to(tmp_path / "nothing")
    assert fingerprint(linked) == fingerprint(folder)


def test_a_file(folder: Path) -> None:
    """Of a single file, such as a GGUF file, only its own name and content count."""
    file = folder / "modules.json"
    before = fingerprint(file)
    (folder / "other.json").write_text("")
    assert fingerprint(file) == before
    file.write_text("[ ]")
    assert fingerprint(file) != before


def test_a_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old file is not read again; one that has just changed is."""
    read: list[str] = []
    hashed = fingerprints._hashed
    monkeypatch.setattr(fingerprints, "_known", {})

    def noted(file: Path, state: os.stat_result) -> bytes:
        read.append(file.name)
        return hashed(file, state)

    monkeypatch.setattr(fingerprints, "_hashed", noted)
    fingerprint(folder)
    assert len(read) == 2
    fingerprint(folder)
    assert len(read) == 4  # changed less than two seconds ago
    later = time.time_ns() + 3_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    fingerprint(folder)
    fingerprint(folder)
    assert len(read) == 6


@pytest.mark.parametrize("place", [0, 3000, 9999])
def test_a_large_file_is_sampled(folder: Path, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its beginning and its end are always among what is read, and weights that are trained change everywhere."""
    monkeypatch.setattr(fingerprints, "WHOLE_BYTES", 1000)
    monkeypatch.setattr(fingerprints, "SAMPLE_BYTES", 100)
    large = folder / "0_Transformer" / "model.safetensors"
    large.write_bytes(bytes(10_000))
    before, state = fingerprint(folder), large.stat()
    assert fingerprint(folder) == before
    large.write_bytes(bytes(place) + b"1" + bytes(9999 - place))
    os.utime(large, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert fingerprint(folder) != before
