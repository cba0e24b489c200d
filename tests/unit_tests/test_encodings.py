"""tiktoken's encodings: where their files are read, and how tokens are counted."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiktoken

from lingua_shared.errors import ModelLoadError
from lingua_shared.text import encodings
from lingua_shared.text.encodings import count_tokens, encoding_name, load_encoding

CL100K = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("o200k_base", "o200k_base"),
        ("gpt-4o", "o200k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("nothing", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_names_of_encodings(name: str, expected: str | None) -> None:
    """An encoding goes by its own name and by those of the models that use it."""
    assert encoding_name(name) == expected


@pytest.fixture(name="encoding", scope="module")
def _encoding() -> tiktoken.Encoding:
    return load_encoding("o200k_base", local_files_only=True)


@pytest.mark.parametrize("text", ["", "hello world", " " * 100_000, "a  b\n\n c" * 20_000])
def test_texts_are_counted_in_one_piece(encoding: tiktoken.Encoding, text: str) -> None:
    """Without very long white space a count is exact."""
    assert count_tokens(encoding, text) == len(encoding.encode_ordinary(text))


def test_white_space_of_a_million_characters(encoding: tiktoken.Encoding) -> None:
    """White space on which tiktoken itself fails is counted, and the text around it, too."""
    space = count_tokens(encoding, " " * 1_000_000)
    around = count_tokens(encoding, "hello" + " " * 1_000_000 + "world")
    assert 0 < space < 1_000_000
    assert space < around <= space + 4
    assert "".join(encodings._parts("a" + " " * 250_000 + "b" + "\t" * 120_000)) == (
        "a" + " " * 250_000 + "b" + "\t" * 120_000
    )


COUNT = """
import json, os, tempfile
before = dict(os.environ)
from lingua_shared.text.token_counting import make_counter
counts = [make_counter(name, local_files_only=True)("hello <|endoftext|>") for name in ("cl100k_base", "gpt-4o")]
print(json.dumps({"counts": counts, "environment": os.environ == before, "temp": os.listdir(tempfile.gettempdir())}))
"""


def test_shipped_encodings_need_no_folder_that_can_be_written_to(tmp_path: Path) -> None:
    """Tiktoken's files are read where they are shipped: nothing is written, and no environment variable is changed."""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": "/nonexistent", "HF_HUB_OFFLINE": "1"}
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        environment.pop(variable, None)
    done = subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"counts": [7, 8], "environment": True, "temp": []}


def test_a_shipped_file_that_is_damaged_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with another hash than tiktoken expects is passed over."""
    assert encodings._shipped_file(CL100K, None)
    assert encodings._shipped_file(CL100K, "0" * 64) is None
    assert encodings._shipped_file(f"{CL100K}.other", None) is None
    monkeypatch.setattr(encodings, "find_spec", lambda _: None)
    assert encodings._shipped_file(CL100K, None) is None


@pytest.fixture(name="empty_cache")
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for tiktoken's files that holds none."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(
    ("local_files_only", "reason"), [(True, "local_files_only is set"), (False, "r50k_base.tiktoken cannot be reached")]
)
def test_an_encoding_that_no_one_ships(local_files_only: bool, reason: str) -> None:  # noqa: FBT001
    """Where a file of tiktoken is missing and cannot be fetched, the error says what to do without a network."""
    with pytest.raises(ModelLoadError, match=f"'r50k_base' .*{reason}.*TIKTOKEN_CACHE_DIR") as caught:
        load_encoding("r50k_base", local_files_only=local_files_only)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_tiktoken_itself_is_not_changed() -> None:
    """The functions that read shipped files are put into copies of tiktoken's modules."""
    import tiktoken.load
    import tiktoken_ext.openai_public  # type: ignore[import-untyped]

    load_encoding("cl100k_base")
    assert tiktoken.load.read_file_cached.__module__ == "tiktoken.load"
    assert tiktoken_ext.openai_public.load_tiktoken_bpe is tiktoken.load.load_tiktoken_bpe
