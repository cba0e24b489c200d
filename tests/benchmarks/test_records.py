"""Records on disk: appended, replaced, cut off, and written in order."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.records import Records, Store, key_of, read_lines, write_lines


def make(question: str, *, code: str = "one", rate: float = 0.25, seed: int = 0, **more: Any) -> dict[str, Any]:
    return {"set": "s", "id": question, "rate": rate, "seed": seed, "code": code, **more}


def test_what_was_appended_is_found_again(tmp_path: Path) -> None:
    """Set, question, rate and seed tell records apart."""
    records = Records(tmp_path / "new" / "records.jsonl")
    everything = [make("a"), make("a", rate=0.5), make("a", seed=1), make("b", text="灯塔 \u2028 \ufffd")]
    for record in everything:
        records.append(record)
    for store in (records, Records(tmp_path / "new" / "records.jsonl")):
        assert [store.get(key_of(record), "one") for record in everything] == everything
        assert store.all() == everything


def test_other_code_hides_a_record(tmp_path: Path) -> None:
    """A record that other code produced is not used, and a newer one takes its place."""
    records = Records(tmp_path / "records.jsonl")
    records.append(make("a", code="old"))
    assert records.get(key_of(make("a")), "new") is None
    records.append(make("a", code="new"))
    assert records.get(key_of(make("a")), "new") == make("a", code="new")
    assert records.all() == [make("a", code="new")]


def test_half_a_line_is_dropped_and_overwritten(tmp_path: Path) -> None:
    """After an interruption the half line does not count, and the next record begins a line of its own."""
    path = tmp_path / "records.jsonl"
    records = Records(path)
    records.append(make("a"))
    records.append(make("b"))
    path.write_bytes(path.read_bytes()[:-9])
    again = Records(path)
    assert again.all() == [make("a")]
    again.append(make("c"))
    assert list(read_lines(path)) == [make("a"), make("c")]
    assert Records(path).get(key_of(make("c")), "one") == make("c")


def test_reading_changes_nothing(tmp_path: Path) -> None:
    """Half a line stays as it is until something is appended: another process may be writing it."""
    path = tmp_path / "records.jsonl"
    path.write_text('{"set": "s", "i')
    assert Records(path).all() == []
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
    records = Records(path)
    assert records.all() == [make("a")]
    records.append(make("b"))
    assert Records(path).all() == [make("a"), make("b")]


def test_all_is_written_in_order(tmp_path: Path) -> None:
    """A file that is committed changes only where its records do."""
    records = Records(tmp_path / "records.jsonl")
    records.replace_all([make("b"), make("a", rate=0.5), make("a")])
    assert list(read_lines(tmp_path / "records.jsonl")) == [make("a"), make("a", rate=0.5), make("b")]
    assert records.get(key_of(make("b")), "one") == make("b")


def test_an_answer_is_on_record_by_its_text_or_its_measures(tmp_path: Path) -> None:
    """A committed record has no text, and after an interruption a text may have no measures."""
    store = Store.open("system", results=tmp_path / "results", work=tmp_path / "work")
    store.texts.append(make("a", text="x"))
    store.questions.append(make("b"))
    again = Store.open("system", results=tmp_path / "results", work=tmp_path / "work")
    answers = {question: again.has_answer(key_of(make(question)), "one") for question in "abc"}
    assert answers == {"a": True, "b": True, "c": False}
    assert not again.has_answer(key_of(make("a")), "two")
    assert (tmp_path / "results" / "questions" / "system.jsonl").exists()
    assert (tmp_path / "work" / "texts" / "system.jsonl").exists()
