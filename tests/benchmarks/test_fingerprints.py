"""Fingerprints: what changes them, and what does not."""

from pathlib import Path

import pytest

from benchmarks.fingerprints import content_of
from benchmarks.fingerprints import engine_fingerprint_of as fingerprint

CODE = """
class Box:
    def open(self, width=1):
        return width + 1
"""
REWORDED = '''
"""A module."""
LIMIT = 3
"""Explained."""

class Box:
    """A box."""

    def open(self, width=1):  # widely
        """Open it."""
        return (width
                + 1)
'''


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Path:
    """A folder with an engine of a few files."""
    files = {"scoring.py": CODE, "weights/en/model.safetensors": "before", "weights/en/evidence.json": "{}"}
    for name, text in {**files, "training/losses.py": CODE, "weights/en/README.md": "before"}.items():
        path = tmp_path / "lingua_shared" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("file", ["scoring.py", "weights/en/model.safetensors", "weights/en/evidence.json"])
def test_it_changes_with_code_weights_and_calibration(engine: Path, file: str) -> None:
    """A newly trained encoder answers otherwise, and so does one with another calibration."""
    before = fingerprint(engine)
    (engine / "lingua_shared" / file).write_text("after = 1", encoding="utf-8")
    assert fingerprint(engine) != before


@pytest.mark.parametrize("file", ["training/losses.py", "weights/en/README.md"])
def test_training_code_and_model_cards_do_not_count(engine: Path, file: str) -> None:
    """They change no answer."""
    before = fingerprint(engine)
    (engine / "lingua_shared" / file).write_text("after = 1", encoding="utf-8")
    assert fingerprint(engine) == before


def test_wording_and_layout_do_not_count(tmp_path: Path) -> None:
    """Docstrings, comments and line breaks change no result; a new constant does."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text(CODE.replace("class Box", "LIMIT = 3\n\nclass Box"), encoding="utf-8")
    two.write_text(REWORDED, encoding="utf-8")
    assert content_of(one) == content_of(two)
    two.write_text(REWORDED.replace("LIMIT = 3", "LIMIT = 4"), encoding="utf-8")
    assert content_of(one) != content_of(two)


def test_two_files_do_not_run_into_each_other(engine: Path) -> None:
    """Moving text from the end of one file to the start of the next changes the fingerprint."""
    weights = engine / "lingua_shared" / "weights" / "en"
    (weights / "evidence.json").write_text("ab")
    (weights / "model.safetensors").write_text("c")
    before = fingerprint(engine)
    (weights / "evidence.json").write_text("a")
    (weights / "model.safetensors").write_text("bc")
    assert fingerprint(engine) != before
