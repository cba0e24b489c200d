"""The commands of docs/command-line.md run as they stand, with the models of the package."""

import io
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lingua_shared import PromptCompressor
from lingua_shared.command_line.app import application, run
from lingua_shared.command_line.faults import DONE
from tests.benchmarks.reader_servers import serving
from tests.unit_tests.test_verify import BUILT, Server

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command-line.md"


def commands() -> Iterator[str]:
    """Yield the commands of the page, in its order."""
    for block in re.findall(
        r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    ):
        yield from (line.removeprefix("$ ") for line in block.splitlines())


def call(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command; "< FILE" gives it a file as standard input."""
    words = shlex.split(command)
    content = Path(words[-1]).read_bytes() if "<" in words else b""
    arguments = words[1 : words.index("<")] if "<" in words else words[1:]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)), encoding="utf-8"))
    return run(arguments)


@pytest.mark.model
def test_the_commands_of_the_page_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    default_compressor: PromptCompressor,
    socket_enabled: None,  # noqa: ARG001 - for the server of `verify`
) -> None:
    """Each command succeeds; those that show something show what the page says."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    requests = tmp_path / "examples/data/requests.jsonl"
    short = [json.loads(line) for line in requests.read_text(encoding="utf-8").splitlines()[:2]]
    for record in short:
        record["passages"] = record["passages"][:2]  # what is long about these examples is not what is tested
    requests.write_text("".join(json.dumps(record) + "\n" for record in short), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scoring = default_compressor._get_scoring()  # loaded once for all tests
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: scoring)
    shown = []
    server = Server(BUILT)
    with serving(server):
        for command in commands():
            assert command.startswith("lingua ")
            here = command.replace("http://localhost:8000/v1", server.url)
            assert (call(here, monkeypatch), here) == (DONE, here), capsys.readouterr().err
            shown.append(capsys.readouterr().out)
    compressed, _, batch, saved, ranked, *_ = shown
    assert "Edmund Rafe Colquitt" in compressed
    assert len(batch.splitlines()) == len(short)
    assert saved == ""
    assert "02-tarn-ness-lighthouse.md" in ranked.splitlines()[0]
    assert "Question" in shown[5]
    assert "</html>" in Path("report.html").read_text(encoding="utf-8")
    assert "everything works" in shown[-1]


def test_the_page_names_every_command() -> None:
    """Each command of the program is in the table of the page."""
    listed = re.findall(r"^\| `lingua (\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(name for name in application() if not name.startswith("-"))
