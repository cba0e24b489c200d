"""The demo and the examples, run as a user runs them: in a process of their own, with the real small models."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.model
EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLES / script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "HF_HUB_OFFLINE": "1"}, timeout=600
    )


def test_the_demo_keeps_the_answer_of_its_question() -> None:
    """With no arguments: twelve passages of ours, a quarter of the tokens, the answer still there."""
    done = run("demo.py")
    assert done.returncode == 0, done.stderr
    assert "Edmund Rafe Colquitt - still there" in done.stdout
    assert "of 12 passages" in done.stdout


def test_the_demo_reads_a_file_of_records(tmp_path: Path) -> None:
    """`--data` takes the passages and the question from a record, packed or plain."""
    records = [
        {"question": "What?", "answers": ["x"], "documents": [{"title": "", "text": "x"}]},
        {
            "question": "Who built the mill?",
            "answers": ["Ole Brandt"],
            "documents": [
                {
                    "title": "Mill",
                    "text": "The mill at Thorn was built by Ole Brandt. It grinds rye. It has four sails.",
                },
                {"title": "Ferry", "text": "The ferry sails at noon. It carries forty cars. The fare is 3 crowns."},
            ],
        },
    ]
    path = tmp_path / "questions.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    done = run("demo.py", "--data", str(path), "--record", "1", "--rate", "0.5")
    assert done.returncode == 0, done.stderr
    assert "Ole Brandt - still there" in done.stdout


def test_the_demo_names_a_record_that_is_not_there(tmp_path: Path) -> None:
    """A wrong number ends with one clear line, not with a traceback."""
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "?", "answers": [], "documents": []}\n')
    done = run("demo.py", "--data", str(path), "--record", "7")
    assert done.returncode != 0
    assert "has no record 7" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", ["llamaindex_query_engine.py", "langchain_retriever.py"])
def test_the_framework_examples_run(script: str) -> None:
    """Each example retrieves, compresses and finds the answer, offline."""
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert "Colquitt" in done.stdout
