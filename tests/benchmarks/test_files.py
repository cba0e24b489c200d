"""The set of real files: its questions, its chunks, and what it leaves out. The files read here are made up."""

import gzip
import tomllib
from pathlib import Path

import pytest

from benchmarks.measures import count_tokens, survival
from benchmarks.sets import SETS, read_set
from benchmarks.sets.files import (
    BASES,
    MOST_CHUNKS,
    MOST_TOKENS,
    QUESTIONS,
    cut,
    drafts,
    find,
    read_questions,
    read_text,
)
from tests.benchmarks.made_up import make_question

NUMBERED = "".join(f"Line {number} says that value {number} is {number * 7}.\n" for number in range(900))


def write_questions(folder: Path, *files: str) -> Path:
    path = folder / "questions.toml"
    path.write_text("\n".join(files), encoding="utf-8")
    return path


def entry(path: str, *questions: str, base: str = "system") -> str:
    return f'[[file]]\nbase = "{base}"\npath = "{path}"\nquestions = [{", ".join(questions)}]\n'


def test_there_are_enough_files_and_questions() -> None:
    """At least 30 files, each with five different questions; most are of packages, which are the same everywhere."""
    files = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["file"]
    assert len({file["path"] for file in files}) == len(files) >= 30
    assert all(len({question[0] for question in file["questions"]}) == 5 for file in files)
    assert all(file["base"] in BASES for file in files)
    assert sum(file["base"] != "system" for file in files) >= 30


def test_questions_on_packages_can_be_asked_here(tmp_path: Path) -> None:
    """Each answer stands in a gold passage, and a question has no more than its chunks."""
    questions = read_set(tmp_path, "files", split="dev", count=60)
    assert len(questions) == 60
    for question in questions:
        gold = "\n\n".join(question.passages[index] for index in sorted(question.gold))
        assert survival(question, gold) == 1.0, question.id
        assert len(question.passages) <= MOST_CHUNKS
        assert sum(map(count_tokens, question.passages)) <= MOST_CHUNKS * MOST_TOKENS
        assert question.has_structure
        assert question.evidence


def test_the_set_has_no_test_split() -> None:
    """Parsers are mended by what it shows, so that it is no set for published figures."""
    assert list(SETS["files"].files) == ["dev"]


def test_missing_files_and_answers_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a message each; the numbers of other questions do not change."""
    (tmp_path / "a.txt").write_text("The tower is\nmade of stone.", encoding="utf-8")
    asked = entry("/a.txt", '["Of what?", "wood"]', '["What is it?", "tower is made"]')
    path = write_questions(tmp_path, asked, entry("/b.txt", '["Why?", "so"]'))
    (record,) = read_questions(path, {"system": tmp_path})
    assert (record["id"], record["answers"], record["span"]) == ("a.txt#2", ["tower is made"], (4, 17))
    said = capsys.readouterr().err
    assert "a.txt has no 'wood', question 1 is left out" in said
    assert "/b.txt is not on this machine" in said


def test_the_last_of_several_versions_is_read(tmp_path: Path) -> None:
    """A path may be a pattern."""
    for version in ("1.0", "1.2"):
        (tmp_path / f"a-{version}").mkdir()
        (tmp_path / f"a-{version}" / "META").write_text(f"It is {version}.", encoding="utf-8")
    path = write_questions(tmp_path, entry("a-*/META", '["Which?", "1.2"]', base="packages"))
    assert [record["text"] for record in read_questions(path, {"packages": tmp_path})] == ["It is 1.2."]


def test_compressed_files_are_read(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 do no harm."""
    path = tmp_path / "changelog.gz"
    path.write_bytes(gzip.compress(b"Fixed \xff it."))
    assert read_text(path) == "Fixed \ufffd it."


def test_an_answer_is_found_at_its_place() -> None:
    """The place may be around the answer, or before it; white space does not matter."""
    text = "red: 5\nblue:  5\n\ngreen: 7"
    assert find(text, "5", "blue: 5") == (14, 15)
    assert find(text, "7", "blue:") == (7, 12)
    assert find(text, "5", "yellow: 5") is None
    assert find(text, "9", "red: 5") is None


def test_chunks_are_the_whole_text() -> None:
    """They end at line breaks, and none is too long."""
    chunks = cut(NUMBERED)
    assert "".join(chunks) == NUMBERED
    assert len(chunks) > MOST_CHUNKS
    assert max(map(count_tokens, chunks)) <= MOST_TOKENS
    assert all(chunk.startswith("\n") for chunk in chunks[1:])


def test_the_gold_chunk_stands_anywhere() -> None:
    """Among neighbours of its file; a seed decides where."""
    record = {"id": "a#1", "question": "?", "answers": ["value 450 is"], "text": NUMBERED}
    start = NUMBERED.index("value 450 is")
    places = set()
    for seed in range(12):
        (draft,) = drafts([{**record, "span": (start, start + 12)}], seed)
        question = draft()
        (gold,) = question.gold
        assert "value 450 is" in question.passages[gold]
        assert "".join(question.passages) in NUMBERED
        assert len(question.passages) == MOST_CHUNKS
        places.add(gold)
    assert len(places) > 3


def test_a_short_file_is_taken_whole() -> None:
    """All chunks are passages."""
    text = NUMBERED[:6000]
    (draft,) = drafts([{"id": "a#1", "question": "?", "answers": ["value 2"], "text": text, "span": (0, 5)}], 0)
    assert "".join(draft().passages) == text


def test_other_questions_have_no_form() -> None:
    """Running text is not measured by it."""
    assert not make_question().has_structure
