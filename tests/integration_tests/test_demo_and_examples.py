"""The demo and the examples, with the small models that `make install` installs."""

import gzip
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.model
EXAMPLES = Path(__file__).parents[2] / "examples"
RECORDS = [
    {"question": "What?", "answers": ["x"], "documents": [{"title": "", "text": "x"}]},
    {
        "question": "Who built the mill?",
        "answers": ["Ole Brandt"],
        "documents": [
            {"title": "Mill", "text": "The mill at Thorn was built by Ole Brandt. It grinds rye. It has four sails."},
            {"title": "Ferry", "text": "The ferry sails at noon. It carries forty cars. The fare is 3 crowns."},
        ],
    },
]


def run_here(script: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a script in this process, where the model libraries are imported already."""
    monkeypatch.setattr(sys, "argv", [script, *arguments])
    runpy.run_path(str(EXAMPLES / script), run_name="__main__")


def test_the_demo_keeps_the_answer_of_its_question() -> None:
    """In a process of its own, with no arguments: a quarter of twelve passages, the answer and quiet progress."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "demo.py")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "Edmund Rafe Colquitt - still there" in done.stdout
    assert "of 12 passages" in done.stdout
    assert done.stderr.splitlines() == [
        "Retrieving documents ...",
        "Loading the encoder ...",
        "Compressing 12 passages ...",
    ]


def test_the_demo_reads_a_file_of_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--data` takes the passages and the question from a record of a packed file."""
    path = tmp_path / "questions.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, RECORDS)).encode()))
    run_here("demo.py", "--data", str(path), "--record", "1", "--rate", "0.5", monkeypatch=monkeypatch)
    assert "Ole Brandt - still there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        pytest.param(None, [], "cannot read {path}: No such file", id="missing"),
        pytest.param(b"", [], "{path} has no record 0; it holds 0", id="empty"),
        pytest.param(b"\xff\xfe", [], "cannot read {path}: .* in UTF-8", id="not UTF-8"),
        pytest.param(b"{", [], r"record 0 of {path} has another form \(Invalid JSON", id="not JSON"),
        pytest.param(b'{"question": 3}', [], r"record 0 of {path} has another form \(question: ", id="a number"),
        pytest.param(b'{"question": "?"}', [], r"another form \(documents: Field required", id="no documents"),
        pytest.param(json.dumps(RECORDS[0]).encode(), ["--record", "7"], "{path} has no record 7", id="no such record"),
        pytest.param(json.dumps(RECORDS[0]).encode(), ["--record", "-1"], "{path} has no record -1", id="negative"),
    ],
)
def test_a_file_that_the_demo_cannot_use_gets_one_line(
    content: bytes | None, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo ends with a message that says what is wrong with the file, not with a traceback."""
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match=message.format(path=path)) as ended:
        run_here("demo.py", "--data", str(path), *arguments, monkeypatch=monkeypatch)
    assert "\n" not in str(ended.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("folder", None, "cannot read .*: Is a directory"), ("questions.gz", b"{}", "cannot read .*: Not a gzipped file")],
)
def test_folders_and_damaged_archives_are_named(
    name: str, content: bytes | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, or a file that is not what its name says, ends the demo with one line."""
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match=message):
        run_here("demo.py", "--data", str(path), monkeypatch=monkeypatch)


def test_a_compressor_is_trained_on_texts_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tiny file is enough to try it; what cannot be used is counted and left out."""
    texts = [{"text": f"Mill {i} at Thorn was built by Ole Brandt in {1800 + i}. It grinds rye."} for i in range(30)]
    path = tmp_path / "own.jsonl"
    bad = [b'{"text": ""}', b"{", b"\xff\xfe", b"[]", b'{"txt": "a"}']
    path.write_bytes(b"\n".join([*(json.dumps(text).encode() for text in texts), *bad]))
    out = tmp_path / "my_words"
    run_here("train_compressor.py", str(path), "--out", str(out), "--epochs", "1", monkeypatch=monkeypatch)
    printed = capsys.readouterr().out
    assert "collect: 30 texts, 1 left out (empty text), " in printed
    assert printed.count("1 left out") == len(bad)
    assert f'classifier_model="{out}" makes ' in printed
    few = tmp_path / "few.jsonl"
    few.write_text(json.dumps(texts[0]))
    with pytest.raises(SystemExit, match="collect more texts"):
        run_here("train_compressor.py", str(few), "--out", str(tmp_path / "few"), monkeypatch=monkeypatch)


@pytest.mark.parametrize("script", ["llamaindex_query_engine.py", "langchain_retriever.py"])
def test_the_framework_examples_run(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example retrieves, compresses and finds the answer, offline."""
    run_here(script, monkeypatch=monkeypatch)
    assert "Colquitt" in capsys.readouterr().out
