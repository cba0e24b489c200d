"""Answers of each system on disk: JSON lines that are only appended to, so that a run can be stopped at any point.

One file for each system and split, in `work/answers`; they hold texts of the data and are never committed. The last
line of a question counts.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

RESULTS = Path(__file__).with_name("results")
WORK = Path(__file__).with_name("work")

Key = tuple[str, str, float, int]
Record = dict[str, Any]


def key_of(record: Mapping[str, Any]) -> Key:
    """Return what identifies a record: set, question, rate, and the seed of the draw."""
    return record["set"], record["id"], float(record["rate"]), int(record["seed"])


def results_folder(split: str, work: Path = WORK) -> Path:
    """Return where results of a split are written: those of the test split are committed, others are not."""
    return RESULTS if split == "test" else work / split


def read_lines(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON-lines file. A missing file has none; a last line that was cut off is left out.

    Raises:
        ValueError: A line before the last is not JSON.
    """
    for _, record in _placed_lines(path):
        yield record


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a JSON-lines file, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    part.replace(path)


class Answers:
    """The answers of one system, by key. Memory holds their places in the file, not the texts."""

    def __init__(self, path: Path) -> None:
        """Index what the file holds."""
        self._path = path
        self._places: dict[Key, int] = {}
        self._codes: dict[Key, str] = {}
        self._is_mended = False  # mended before the first append only: another process may be writing the last line
        self._load()

    @classmethod
    def open(cls, system: str, *, split: str, work: Path = WORK) -> Self:
        """Open the file of a system.

        Args:
            system: `System.file_name`.
            split: Split of the questions.
            work: Folder of the files that are not committed.
        """
        return cls(work / "answers" / split / f"{system}.jsonl")

    def code(self, key: Key) -> str | None:
        """Return the fingerprint of the code that produced a record; None where there is no record."""
        return self._codes.get(key)

    def get(self, key: Key, code: str) -> Record | None:
        """Return the record of a key if code of this fingerprint produced it, else None."""
        return self._read(self._places[key]) if self._codes.get(key) == code else None

    def all(self) -> list[Record]:
        """Return the record of each key."""
        return [self._read(place) for place in self._places.values()]

    def append(self, record: Record) -> None:
        """Add a record; it replaces an older one of its key."""
        line = json.dumps(record).encode() + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._is_mended:
            _mend(self._path)
            self._is_mended = True
        with self._path.open("ab") as file:
            start = file.tell()
            file.write(line)
        self._remember(record, start)

    def _load(self) -> None:
        for start, record in _placed_lines(self._path):
            self._remember(record, start)

    def _read(self, place: int) -> Record:
        with self._path.open("rb") as file:
            file.seek(place)
            record: Record = json.loads(file.readline())
        return record

    def _remember(self, record: Record, start: int) -> None:
        key = key_of(record)
        self._places[key] = start
        self._codes[key] = record["code"]


def _placed_lines(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield the records of a file with the byte offset of each."""
    if not path.exists():
        return
    with path.open("rb") as file:
        start = 0
        for number, line in enumerate(file, 1):
            if _is_cut_off(line):
                return
            if line.strip():
                yield start, _parsed(line, path, number)
            start += len(line)


def _mend(path: Path) -> None:
    """End the last line of a file with a line break, or remove the line if it was cut off."""
    if not path.exists():
        return
    content = path.read_bytes()
    last = content[content.rfind(b"\n") + 1 :]
    if _is_cut_off(last):
        os.truncate(path, len(content) - len(last))
    elif last:
        with path.open("ab") as file:
            file.write(b"\n")


def _is_cut_off(line: bytes) -> bool:
    """Tell whether an interruption left only a part of a line."""
    if line.endswith(b"\n") or not line:
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def _parsed(line: bytes, path: Path, number: int) -> Record:
    try:
        record: Record = json.loads(line)
    except ValueError as error:
        msg = f"line {number} of {path.name} is not JSON ({error}); correct or remove it"
        raise ValueError(msg) from error
    return record
