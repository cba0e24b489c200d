"""The command `lingua`, run as a shell runs it but within this process, over a scorer without a model."""

import gzip
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lingua_shared
from lingua_shared import CompressionOptions, CompressionResult, ModelOptions, PromptCompressor
from lingua_shared.command_line.app import run
from lingua_shared.command_line.faults import CLOSED_PIPE, DONE, FAILED, INTERRUPTED, WRONG_USE
from lingua_shared.command_line.flags import CompressionFlags, ModelFlags, RecoveryFlags
from lingua_shared.recovery.options import RecoveryOptions
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
QUESTION = "When was the light at Gull Point built?"
BUILT = "The light at Gull Point was built in 1884."
REQUESTS: list[dict[str, Any]] = [
    {"id": "a", "question": QUESTION, "passages": [FERRY, LIGHT]},
    {"question": "When does the ferry leave?", "documents": [{"title": "Ferry", "text": FERRY}, {"text": LIGHT}]},
]

ROOT = Path(__file__).parents[2]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands score by shared words."""
    monkeypatch.setattr("lingua_shared.scoring.signals.ModelScoring", lambda _: OverlapScoring())


@pytest.fixture(name="command")
def _command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command, and return its exit code and what it wrote to both streams."""

    def call(*arguments: object, stdin: str | bytes | None = None) -> tuple[int, str, str]:
        content = stdin.encode() if isinstance(stdin, str) else stdin or b""
        stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)), encoding="utf-8")
        monkeypatch.setattr(stream, "isatty", lambda: stdin is None, raising=False)
        monkeypatch.setattr(sys, "stdin", stream)
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Path:
    """A folder with two texts, and the requests as JSON lines."""
    (tmp_path / "light.md").write_text(LIGHT, encoding="utf-8")
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    lines(tmp_path / "requests.jsonl", REQUESTS)
    return tmp_path


def lines(path: Path, records: list[Any]) -> Path:
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records)
    path.write_text(text, encoding="utf-8")
    return path


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_files_are_passages(command: Command, files: Path) -> None:
    """The text goes to standard output, and the figures to standard error."""
    code, out, err = command("compress", files / "*.md", "-q", QUESTION, "-t", 14)
    assert (code, out) == (DONE, f"{BUILT}\n")
    assert "kept 13 of " in err
    assert "in 1 of 2 passages" in err


def test_standard_input_is_a_passage(command: Command) -> None:
    """Text that is piped in is one passage; "-" names it."""
    for name in ((), ("-",)):
        assert command("compress", *name, "-q", QUESTION, "-t", 14, "--quiet", stdin=LIGHT) == (DONE, f"{BUILT}\n", "")


def test_the_whole_result_as_json(command: Command, files: Path) -> None:
    """With --json the output is the result, which Python reads back."""
    code, out, _ = command("compress", files / "light.md", files / "ferry.md", "-q", QUESTION, "-t", 14, "--json")
    read = CompressionResult.model_validate_json(out)
    expected = PromptCompressor(scoring=OverlapScoring()).compress(
        [LIGHT, FERRY], question=QUESTION, options=CompressionOptions(target_tokens=14)
    )
    assert code == DONE
    assert read.model_copy(update={"seconds": {}}) == expected.model_copy(update={"seconds": {}})


def test_lines_of_questions_give_a_line_each(command: Command, files: Path) -> None:
    """Each line has its number, its id and its text."""
    code, out, err = command("compress", files / "requests.jsonl", "-t", 14)
    first, second = records(out)
    assert code == DONE
    assert (first["line"], first["id"], first["text"], first["kept_passages"]) == (1, "a", BUILT, [1])
    assert (second["line"], second["text"]) == (2, "Ferry\nThe ferry leaves at ten.")
    assert "2 questions: kept" in err


def test_lines_of_questions_as_whole_results(command: Command, files: Path) -> None:
    """With --json each line is a whole result."""
    _, out, _ = command("compress", files / "requests.jsonl", "-t", 14, "--json")
    assert [CompressionResult.model_validate_json(line).question for line in out.splitlines()] == [
        one["question"] for one in REQUESTS
    ]


@pytest.mark.parametrize("name", ["packed.jsonl.gz", "plain.ndjson"])
def test_names_of_files_of_lines(command: Command, tmp_path: Path, name: str) -> None:
    """Packed files are unpacked."""
    content = "".join(json.dumps(one) + "\n" for one in REQUESTS).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    _, out, _ = command("compress", tmp_path / name, "-t", 14)
    assert len(records(out)) == 2


def test_lines_of_passages_are_one_question(command: Command, tmp_path: Path) -> None:
    """Passages on lines of their own, as texts or records, belong to one question."""
    path = lines(tmp_path / "passages.jsonl", [json.dumps(FERRY), {"page_content": LIGHT, "id": 7}])
    code, out, _ = command("compress", path, "-q", QUESTION, "-t", 14)
    assert (code, out) == (DONE, f"{BUILT}\n")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{json.dumps(FERRY)}\n{json.dumps(LIGHT)}\n", BUILT),
        (f'"Hm," he said. {LIGHT}', BUILT),
        ('{\n  "built": 1884\n}', '{\n  "built": 1884\n}'),
        ('{"built": 1884}', '{"built": 1884}'),
    ],
    ids=["passages", "text in quotation marks", "a document of JSON", "a document of JSON on a line"],
)
def test_the_form_of_standard_input(command: Command, text: str, kept: str) -> None:
    """JSON lines are told from texts that begin like them."""
    _, out, _ = command("compress", "-q", QUESTION, "-t", 14, stdin=text)
    assert out == f"{kept}\n"


def test_the_form_can_be_named(command: Command) -> None:
    """With --input text, a record is text."""
    _, out, _ = command("compress", "-q", "light", "-t", 14, "--input", "text", stdin='{"text": "light"}')
    assert out == '{"text": "light"}\n'


def test_damaged_lines_stop_no_others(command: Command, tmp_path: Path) -> None:
    """A line that cannot be used gives a line that says why, and the exit code says that there was one."""
    broken: list[Any] = [REQUESTS[0], "{", {"question": "x"}, {"passages": [3]}, {"passages": [LIGHT]}, "", REQUESTS[1]]
    code, out, err = command("compress", lines(tmp_path / "broken.jsonl", broken), "-t", 14)
    found = records(out)
    assert code == FAILED
    assert [one["line"] for one in found] == [1, 2, 3, 4, 5, 7]
    assert ["error" in one for one in found] == [False, True, True, True, True, False]
    assert "line 2 of" in found[1]["error"]
    assert "needs a question" in found[4]["error"]
    assert "4 failed" in err


def test_one_question_for_all_lines(command: Command, tmp_path: Path) -> None:
    """--question is asked where a line asks nothing."""
    path = lines(tmp_path / "passages.jsonl", [{"passages": [FERRY, LIGHT]}, REQUESTS[1]])
    _, out, _ = command("compress", path, "-t", 14, "-q", QUESTION)
    assert [one["question"] for one in records(out)] == [QUESTION, REQUESTS[1]["question"]]


def test_a_stopped_batch_goes_on(command: Command, files: Path, tmp_path: Path) -> None:
    """--resume keeps finished lines, replaces the one that was being written, and adds those that are missing."""
    path = tmp_path / "out.jsonl"
    command("compress", files / "requests.jsonl", "-t", 14, "-o", path)
    whole = path.read_text(encoding="utf-8")
    first = whole.splitlines(keepends=True)[0]
    path.write_text(first.replace("Gull", "GULL") + '{"line": 2, "te', encoding="utf-8")
    code, out, err = command("compress", files / "requests.jsonl", "-t", 14, "-o", path, "--resume")
    assert (code, out) == (DONE, "")
    assert "has 1 lines" in err
    assert path.read_text(encoding="utf-8") == whole.replace(first, first.replace("Gull", "GULL"))


def test_a_million_lines_are_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first results are out before the last lines are in."""
    written_at = []

    class Endless(io.RawIOBase):
        """Gives requests one by one, and notes how many results were written when each was asked for."""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            out = capsys.readouterr().out
            written_at.append(len(out.splitlines()))
            line = b"" if len(written_at) > 50 else json.dumps(REQUESTS[0]).encode() + b"\n"
            buffer[: len(line)] = line
            return len(line)

    stream = io.TextIOWrapper(io.BufferedReader(Endless()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stream)
    assert run(["compress", "-t", "14"]) == DONE
    assert sum(written_at[:25]) >= 20


def test_rank_orders_passages(command: Command, files: Path) -> None:
    """Where nobody looks, each passage is a line: relevance, number, name."""
    code, out, _ = command("rank", files / "ferry.md", files / "light.md", "-q", QUESTION)
    assert code == DONE
    assert [line.split("\t")[1:] for line in out.splitlines()] == [
        ["1", str(files / "light.md")],
        ["0", str(files / "ferry.md")],
    ]


def test_rank_in_a_terminal_is_a_table(command: Command, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has a line for each passage, as wide as the terminal at most."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.chdir(files)
    out = re.sub(r"\x1b\[[\d;]*m", "", command("rank", "ferry.md", "light.md", "-q", QUESTION)[1])
    head, *rows = out.splitlines()
    assert head.split() == ["relevance", "no.", "name", "tokens", "begins", "with"]
    assert [row.split()[1:3] for row in rows] == [["1", "light.md"], ["0", "ferry.md"]]
    assert "The light at Gull Point" in rows[0]
    assert max(map(len, out.splitlines())) <= 90


def test_rank_as_json(command: Command, files: Path) -> None:
    """Each passage is a record, and --top leaves the others out."""
    _, out, _ = command("rank", files / "ferry.md", files / "light.md", "-q", QUESTION, "--json", "--top", 1)
    [best] = records(out)
    assert (best["passage"], best["text"], best["name"]) == (1, LIGHT, str(files / "light.md"))
    assert set(best) == {"passage", "relevance", "name", "tokens", "signals", "text"}


def test_rank_of_many_questions(command: Command, files: Path) -> None:
    """Each line has the order of its passages."""
    code, out, _ = command("rank", files / "requests.jsonl")
    assert code == DONE
    assert [one["order"] for one in records(out)] == [[1, 0], [0, 1]]


def test_explain_shows_a_saved_result(command: Command, files: Path, tmp_path: Path) -> None:
    """A result that was written is shown again, in the terminal or as a page."""
    saved, page = tmp_path / "saved.jsonl", tmp_path / "page.html"
    command("compress", files / "requests.jsonl", "-t", 14, "--json", "-o", saved)
    result = CompressionResult.model_validate_json(saved.read_text(encoding="utf-8").splitlines()[1])
    code, out, _ = command("explain", saved, "--line", 2)
    assert (code, out) == (DONE, f"{result.render(color=False)}\n")
    code, out, err = command("explain", saved, "--line", 2, "--html", page)
    assert (code, out, err) == (DONE, "", f"wrote {page}\n")
    assert page.read_text(encoding="utf-8") == result.to_html()


def test_results_of_another_version_are_read(command: Command, files: Path, tmp_path: Path) -> None:
    """A recipe that lacks an option of this version is left out; everything else is shown."""
    saved = tmp_path / "saved.json"
    command("compress", files / "light.md", "-q", QUESTION, "-t", 14, "--json", "-o", saved)
    record = json.loads(saved.read_text(encoding="utf-8"))
    del record["recipe"]["order"]
    saved.write_text(json.dumps(record), encoding="utf-8")
    assert BUILT in command("explain", saved)[1]
    del record["passages"]
    saved.write_text(json.dumps({**record, "passages": [{}]}), encoding="utf-8")
    code, _, err = command("explain", saved)
    assert code == FAILED
    assert "holds no result (passages.0.index: Field required)" in err


def test_explain_compresses_what_is_no_result(command: Command, files: Path) -> None:
    """Whatever `compress` takes can be explained."""
    for names in ((files / "light.md", files / "ferry.md", "-q", QUESTION), (files / "requests.jsonl",)):
        code, out, _ = command("explain", *names, "-t", 14)
        assert code == DONE
        assert BUILT in out
        assert "Dropped (1)" in out


def saved_result(command: Command, files: Path, tmp_path: Path) -> Path:
    path = tmp_path / "result.json"
    flags = ("--unit", "word", "--keep-digits", "-t", 10, "--json", "-o", path)
    command("compress", files / "light.md", "-q", "light Gull Point built", *flags)
    return path


def test_recover_restores_an_answer(command: Command, files: Path, tmp_path: Path) -> None:
    """An answer from a flag, a file and a pipe is restored in the same way as in Python."""
    path = saved_result(command, files, tmp_path)
    result = CompressionResult.model_validate_json(path.read_text(encoding="utf-8"))
    answer = result.text.strip()
    restored = lingua_shared.recover(answer, result)
    assert restored.text != answer
    (tmp_path / "answer.txt").write_text(f"{answer}\n", encoding="utf-8")
    assert command("recover", path, "--answer", answer)[1] == f"{restored.text}\n"
    assert command("recover", path, tmp_path / "answer.txt")[1] == f"{restored.text}\n"
    assert command("recover", path, stdin=f"{answer}\n")[1] == f"{restored.text}\n"
    assert command("recover", path, "-", "--diff", stdin=f"{answer}\n")[1] == f"{restored.diff()}\n"
    assert records(command("recover", path, "-a", answer, "--json")[1]) == [restored.model_dump(mode="json")]


def test_explain_shows_what_is_restored(command: Command, files: Path, tmp_path: Path) -> None:
    """With an answer, the report says what was restored in it."""
    path = saved_result(command, files, tmp_path)
    result = CompressionResult.model_validate_json(path.read_text(encoding="utf-8"))
    restored = lingua_shared.recover(result.text, result)
    assert f"Restored  {restored.diff()}\n" in command("explain", path, "-a", result.text)[1]
    command("explain", path, "-a", result.text, "--html", tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == result.to_html(answer=restored)


def test_recovery_options_are_flags(command: Command, files: Path, tmp_path: Path) -> None:
    """What may be restored can be set."""
    path = saved_result(command, files, tmp_path)
    answer = CompressionResult.model_validate_json(path.read_text(encoding="utf-8")).text.strip()
    assert command("recover", path, "-a", answer, "--max-gap", 0)[1] == f"{answer}\n"


def test_models_says_what_is_here(command: Command) -> None:
    """Each model of the catalog is listed with its licence, and how to get it where it is not here."""
    code, out, _ = command("models", "--json")
    listed = {one["name"]: one for one in records(out)}
    assert code == DONE
    assert {"lingua-en", "smollm2-135m", "ms-marco-minilm-l6-v2"} <= listed.keys()
    assert all(
        one["license"] and one["purpose"] and bool(one["how_to_get"]) != one["is_here"] for one in listed.values()
    )
    assert listed["lingua-en"]["is_here"]
    assert listed["lingua-en"]["megabytes"] > 1
    shown = command("models")[1]
    assert all(name in shown for name in listed)


def test_doctor_finds_nothing_broken(command: Command) -> None:
    """Here everything works; the fake scorer finds the right one of two passages, too."""
    code, out, _ = command("doctor", "--json")
    found = records(out)
    assert [one for one in found if one["state"] == "broken"] == []
    assert code == DONE
    assert {"system", "packages", "device", "models", "tokenizer", "compression"} == {one["area"] for one in found}
    assert all(one["mend"] for one in found if one["state"] != "ok")


def test_doctor_names_what_mends_an_old_package(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is missing or too old is broken, and the command that mends it is shown."""
    monkeypatch.setattr("lingua_shared.command_line.checks.requires", lambda _: ["pydantic>=99", "no-such-package>=1"])
    monkeypatch.setattr("lingua_shared.command_line.checks._version", lambda name: None if "no-" in name else "1.0")
    code, out, _ = command("doctor")
    assert code == FAILED
    assert 'pip install "pydantic>=99"' in out
    assert 'pip install "no-such-package>=1"' in out
    assert "2 of " in out


def test_doctor_survives_a_check_that_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong is a finding, not a traceback."""

    def damaged() -> Iterator[None]:
        msg = "libfoo.so is damaged"
        raise ImportError(msg)
        yield

    monkeypatch.setitem(lingua_shared.command_line.checks._CHECKS, "device", damaged)  # type: ignore[attr-defined]
    code, out, _ = command("doctor")
    assert code == FAILED
    assert "ImportError: libfoo.so is damaged" in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("compress", "no-such.txt"), FAILED, "there is no file no-such.txt"),
        (("compress", "*.nothing"), FAILED, "there is no file *.nothing"),
        (("compress",), WRONG_USE, "nothing to read: give files, or pipe text in"),
        (("compress", "{files}"), WRONG_USE, "is a folder; name its files with a pattern"),
        (("compress", "{files}/light.md"), WRONG_USE, "name it with --question"),
        (("compress", "{files}/light.md", "--rate", "3"), WRONG_USE, "rate=3.0 is not allowed"),
        (("compress", "{files}/light.md", "--rate", "x"), WRONG_USE, 'unable to convert "x" into float'),
        (("compress", "{files}/light.md", "-r", "0.5", "-t", "9"), WRONG_USE, "set one of them"),
        (("compress", "{files}/light.md", "--rat", "0.5"), WRONG_USE, "there is no option --rat"),
        (("compress", "{files}/light.md", "--unit", "x"), WRONG_USE, "Invalid value"),
        (("compress", "{files}/light.md", "{files}/requests.jsonl"), WRONG_USE, "give them to a command each"),
        (("compress", "{files}/light.md", "--resume"), WRONG_USE, "name it with --output"),
        (("compress", "{files}/light.md", "-q", "x", "-o", "{files}/no/x"), FAILED, "cannot write"),
        (("compress", "{files}/latin.txt", "-q", "x"), FAILED, "is no text in UTF-8 (byte 1)"),
        (("compress", "{files}/a.pdf", "-q", "x"), FAILED, "turn it into text first"),
        (("compress", "{files}/bad.jsonl.gz", "-q", "x"), FAILED, "cannot read"),
        (("explain", "{files}/requests.jsonl", "--line", "9"), FAILED, "has no line 9"),
        (("recover", "{files}/requests.jsonl", "-a", "x"), WRONG_USE, "holds no result"),
        (("compres",), WRONG_USE, "Unknown command"),
    ],
)
def test_errors_say_what_to_do(command: Command, files: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    """An error is a line on standard error, without a traceback, and nothing goes to standard output."""
    (files / "latin.txt").write_bytes(b"\x41\xe9")
    (files / "a.pdf").write_bytes(b"%PDF")
    (files / "bad.jsonl.gz").write_bytes(b"no gzip")
    found, out, err = command(*(argument.format(files=files) for argument in arguments))
    assert (found, out) == (code, "")
    assert said in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert "\x1b" not in err


def test_interruption(command: Command, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with its own exit code."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PromptCompressor, "compress", interrupted)
    assert command("compress", files / "light.md", "-q", QUESTION)[0] == INTERRUPTED


def test_a_closed_pipe() -> None:
    """A reader that stops, such as `head`, is no error that anyone hears of."""
    command = [sys.executable, "-m", "lingua_shared.command_line", "models", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", CLOSED_PIPE)


@pytest.mark.parametrize(
    "arguments", [(), ("compress",), ("rank",), ("explain",), ("recover",), ("evaluate",), ("models",), ("doctor",)]
)
def test_help(command: Command, arguments: tuple[str, ...]) -> None:
    """Each command has a help that says what it does."""
    code, out, _ = command(*arguments, "--help")
    assert code == DONE
    assert f"Usage: lingua {' '.join(arguments)}".strip() in out
    assert "`" not in out.partition("╭─ What to keep")[2]


def test_version(command: Command) -> None:
    """The version is that of the package."""
    assert command("--version") == (DONE, f"lingua {lingua_shared.__version__}\n", "")


@pytest.mark.parametrize(
    ("flags", "options"),
    [(CompressionFlags, CompressionOptions), (ModelFlags, ModelOptions), (RecoveryFlags, RecoveryOptions)],
)
def test_every_option_is_a_flag(flags: type[Any], options: type[Any]) -> None:
    """The command knows all options of the engine, and says nothing where the user says nothing."""
    assert list(flags.__dataclass_fields__) == list(options.model_fields)
    assert flags().said() == {}


def test_flags_reach_the_engine(command: Command, files: Path) -> None:
    """What is said in the shell is in the recipe of the result."""
    flags = (
        "--order",
        "original",
        "--no-cascade",
        "--keep-digits",
        "--ranker-weights.encoder",
        2.5,
        "--protect",
        "Gull",
    )
    _, out, _ = command("compress", files / "light.md", "-q", QUESTION, "-t", 14, "--json", *flags)
    recipe = json.loads(out)["recipe"]
    assert (recipe["order"], recipe["cascade"], recipe["keep_digits"]) == ("original", False, True)
    assert (recipe["ranker_weights"], recipe["protect"]) == ({"encoder": 2.5}, ["Gull"])
