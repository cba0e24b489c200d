"""What is on record of each system's answers: JSON lines that are appended to, so that a run can be stopped anywhere.

Two files a system: the output texts (`work/texts`, never committed), and what was measured of them
(`results/questions`). The last line of a question counts. Knows the files, neither systems nor measures.
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
    """What identifies a record: set, question, rate, and the seed of the draw."""
    return record["set"], record["id"], float(record["rate"]), int(record["seed"])


def read_lines(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON-lines file; a missing file has none, and a last line that was cut off is left out.

    Raises:
        ValueError: a line before the last is broken.
    """
    for _, record in _placed_lines(path):
        yield record


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a JSON-lines file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    part.replace(path)


class Records:
    """A JSON-lines file of records by their key. Keeps places in memory, not records: texts are long."""

    def __init__(self, path: Path) -> None:
        """Find out what the file holds."""
        self._path = path
        self._places: dict[Key, int] = {}
        self._codes: dict[Key, str] = {}
        self._is_mended = False  # only who appends may mend: another process may be writing the last line just now
        self._load()

    def code(self, key: Key) -> str | None:
        """The fingerprint of what produced a record; None without one."""
        return self._codes.get(key)

    def get(self, key: Key, code: str) -> Record | None:
        """Return the record of a key, if this code produced it."""
        return self._read(self._places[key]) if self._codes.get(key) == code else None

    def all(self) -> list[Record]:
        """Return the record of each key."""
        return [self._read(place) for place in self._places.values()]

    def append(self, record: Record) -> None:
        """Add a record; it takes the place of an older one of its key."""
        line = json.dumps(record).encode() + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._is_mended:
            _mend(self._path)
            self._is_mended = True
        with self._path.open("ab") as file:
            start = file.tell()
            file.write(line)
        self._remember(record, start)

    def replace_all(self, records: Iterable[Record]) -> None:
        """Write these records, sorted by key, instead of all that are there."""
        write_lines(self._path, sorted(records, key=key_of))
        self._load()

    def _load(self) -> None:
        self._places, self._codes = {}, {}
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


class Store:
    """All that is on record of one system."""

    def __init__(self, texts: Records, questions: Records) -> None:
        """Put the two files of a system together."""
        self.texts = texts
        self.questions = questions

    @classmethod
    def open(cls, name: str, *, results: Path = RESULTS, work: Path = WORK) -> Self:
        """Open the files of a system.

        Args:
            name: `System.file_name`.
            results: folder whose `questions` holds what was measured.
            work: folder whose `texts` holds the output texts.
        """
        return cls(Records(work / "texts" / f"{name}.jsonl"), Records(results / "questions" / f"{name}.jsonl"))

    def has_answer(self, key: Key, code: str) -> bool:
        """Whether this code's answer to a question, or its error, is on record."""
        return code in (self.texts.code(key), self.questions.code(key))


def _placed_lines(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield the records of a file with the byte at which each begins."""
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
    """End the last line of a file, or remove it if it was cut off."""
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
    """Whether an interruption left only a part of a line."""
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
        msg = f"line {number} of {path.name} is no JSON ({error}); mend or remove it"
        raise ValueError(msg) from error
    return record
