"""Answers on disk: appended, replaced, cut off."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.records import Answers, key_of, read_lines, results_folder, write_lines


def make(question: str, *, code: str = "one", rate: float = 0.25, seed: int = 0, **more: Any) -> dict[str, Any]:
    return {"set": "s", "id": question, "rate": rate, "seed": seed, "code": code, **more}


def test_what_was_appended_is_found_again(tmp_path: Path) -> None:
    """Set, question, rate and seed tell records apart."""
    records = Answers(tmp_path / "new" / "records.jsonl")
    everything = [make("a"), make("a", rate=0.5), make("a", seed=1), make("b", text="灯塔 \u2028 \ufffd")]
    for record in everything:
        records.append(record)
    for store in (records, Answers(tmp_path / "new" / "records.jsonl")):
        assert [store.get(key_of(record), "one") for record in everything] == everything
        assert store.all() == everything


def test_other_code_hides_a_record(tmp_path: Path) -> None:
    """A record that other code produced is not used, and a newer one takes its place."""
    records = Answers(tmp_path / "records.jsonl")
    records.append(make("a", code="old"))
    assert records.get(key_of(make("a")), "new") is None
    records.append(make("a", code="new"))
    assert records.get(key_of(make("a")), "new") == make("a", code="new")
    assert records.all() == [make("a", code="new")]


def test_half_a_line_is_dropped_and_overwritten(tmp_path: Path) -> None:
    """After an interruption the half line does not count, and the next record begins a line of its own."""
    path = tmp_path / "records.jsonl"
    records = Answers(path)
    records.append(make("a"))
    records.append(make("b"))
    path.write_bytes(path.read_bytes()[:-9])
    again = Answers(path)
    assert again.all() == [make("a")]
    again.append(make("c"))
    assert list(read_lines(path)) == [make("a"), make("c")]
    assert Answers(path).get(key_of(make("c")), "one") == make("c")


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """Half a line stays as it is until something is appended: another process may be writing it."""
    path = tmp_path / "records.jsonl"
    path.write_text('{"set": "s", "i')
    assert Answers(path).all() == []
    assert path.read_text() == '{"set": "s", "i'


def test_a_broken_line_in_the_middle_raises(tmp_path: Path) -> None:
    """That is no interruption; the error names the line and the file."""
    path = tmp_path / "records.jsonl"
    path.write_text("{}\nno\n{}\n")
    with pytest.raises(ValueError, match=r"line 2 of records\.jsonl"):
        list(read_lines(path))


def test_a_last_line_without_its_end_is_read_where_it_is_whole(tmp_path: Path) -> None:
    """Files that other programs wrote may end so; appending keeps both lines."""
    path = tmp_path / "records.jsonl"
    write_lines(path, [make("a")])
    path.write_bytes(path.read_bytes().rstrip())
    records = Answers(path)
    assert records.all() == [make("a")]
    records.append(make("b"))
    assert Answers(path).all() == [make("a"), make("b")]


def test_each_split_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Answers to test questions never mix with those to dev questions, and only test results are committed."""
    Answers.open("system", split="test", work=tmp_path).append(make("a"))
    assert Answers.open("system", split="test", work=tmp_path).all() == [make("a")]
    assert Answers.open("system", split="dev", work=tmp_path).all() == []
    assert results_folder("dev", tmp_path) == tmp_path / "dev"
    assert results_folder("test", tmp_path).parts[-2:] == ("benchmarks", "results")
