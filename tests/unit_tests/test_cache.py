"""Caches of scores: keys, bytes, bounds, and many threads and processes at once."""

import hashlib
import logging
import multiprocessing
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event, Thread, Timer
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from lingua_shared.cache import database, sqlite
from lingua_shared.cache.entries import Entry, ScoreCache, decode, encode, make_key
from lingua_shared.cache.memory import OVERHEAD_BYTES, MemoryCache, TieredCache
from lingua_shared.cache.sqlite import MIN_BYTES, SqliteCache
from lingua_shared.errors import InvalidInputError, InvalidTypeError

ROOT = Path(__file__).parent.parent.parent

entries = st.dictionaries(
    st.text(max_size=5),
    st.sampled_from(["float16", "float32", "int32", "int64"]).flatmap(
        lambda name: arrays_of.arrays(name, arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    ),
    max_size=3,
)
parts = st.text("ab:1\N{LATIN SMALL LETTER E WITH ACUTE}\ud83d\ude00\U0001f600", max_size=3)
values = st.one_of(parts, st.booleans(), st.integers(0, 2), st.sampled_from([0.0, 1.0, 2.0, float("nan")]))


def entry(value: float, length: int = 4) -> Entry:
    return {"x": np.full(length, value, dtype=np.float32)}


def first(cache: ScoreCache, key: str) -> float | None:
    """The first number under a key; None where there is none."""
    found = cache.get([key])
    return float(found[key]["x"].flat[0]) if found else None


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "scores.db"


@pytest.fixture(name="stored")
def _stored(path: Path) -> Iterator[SqliteCache]:
    with closing(SqliteCache(path, MIN_BYTES, timeout=0.05)) as cache:
        yield cache


@pytest.fixture(name="cache", params=["memory", "file", "tiered"])
def _cache(request: pytest.FixtureRequest, stored: SqliteCache) -> ScoreCache:
    memory = MemoryCache(10 * MIN_BYTES)
    caches: dict[str, ScoreCache] = {"memory": memory, "file": stored, "tiered": TieredCache(memory, stored)}
    return caches[request.param]


# Keys


@given(*[st.tuples(parts, parts, st.dictionaries(parts, values, max_size=2), parts)] * 2)
def test_two_keys_are_equal_only_if_all_that_goes_in_is(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    """No two values that differ in anything share a key."""

    def typed(kind: str, model: str, settings: dict[str, str | float], text: str) -> tuple[Any, ...]:
        return kind, model, sorted((name, type(value).__name__, repr(value)) for name, value in settings.items()), text

    assert (make_key(*one) == make_key(*other)) == (typed(*one) == typed(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("a", "bc", {}, ""), ("ab", "c", {}, ""), id="parts do not run together"),
        pytest.param(("", "", {"a": "b"}, "c"), ("", "", {}, "abc"), id="nor do settings and text"),
        pytest.param(("", "", {"a": 1}, ""), ("", "", {"a": True}, ""), id="whole number and truth value"),
        pytest.param(("", "", {"a": 1}, ""), ("", "", {"a": 1.0}, ""), id="whole number and float"),
        pytest.param(("", "", {"a": 1}, ""), ("", "", {"a": "1"}, ""), id="number and text"),
        pytest.param(("", "", {"a": "int:1"}, ""), ("", "", {"a": 1}, ""), id="text that looks like a number"),
        pytest.param(("", "", {}, "\ud83d\ude00"), ("", "", {}, "\U0001f600"), id="two surrogates and a character"),
    ],
)
def test_keys_that_must_differ(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    """What is nearly the same has another key all the same."""
    assert make_key(*one) != make_key(*other)


def test_the_order_of_settings_does_not_matter() -> None:
    """The key is the same with the settings in another order: the hash of each part behind its length."""
    key = make_key("nll", "tiny", {"dtype": "float32", "window": 8}, "A boat.")
    assert key == make_key("nll", "tiny", {"window": 8, "dtype": "float32"}, "A boat.")
    written = [b"1", b"nll", b"tiny", b"dtype", b"str:float32", b"window", b"int:8", b"A boat."]
    assert key == hashlib.sha256(b"".join(bytes([0] * 7 + [len(part)]) + part for part in written)).hexdigest()


def test_another_format_version_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older version kept is never found."""
    before = make_key("nll", "tiny", {}, "A boat.")
    monkeypatch.setattr("lingua_shared.cache.entries.FORMAT_VERSION", 2)
    assert make_key("nll", "tiny", {}, "A boat.") != before


def test_a_setting_of_another_type_is_refused() -> None:
    """The error names the setting, its type and what is allowed."""
    with pytest.raises(InvalidTypeError, match=r"setting 'revision' .* is None, a NoneType; allowed are str, int"):
        make_key("nll", "tiny", {"revision": None}, "")  # type: ignore[dict-item]


# Bytes


@given(entries)
def test_what_is_written_is_read(arrays: dict[str, np.ndarray]) -> None:
    """Names, types, shapes and every bit of the content come back, of empty arrays too."""
    again = decode(encode(arrays))
    assert again is not None
    assert list(again) == list(arrays)
    for name, array in arrays.items():
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        assert again[name].tobytes() == array.tobytes()


@given(entries, st.data())
def test_a_damaged_value_is_noticed(arrays: dict[str, np.ndarray], data: st.DataObject) -> None:
    """A byte that is another, or bytes that are missing, give nothing instead of other numbers."""
    blob = encode(arrays)
    place = data.draw(st.integers(0, len(blob) - 1))
    flipped = blob[:place] + bytes([blob[place] ^ data.draw(st.integers(1, 255))]) + blob[place + 1 :]
    assert decode(flipped) is None
    assert decode(blob[:place]) is None
    assert decode(blob + b"\0") is None


def test_a_header_that_cannot_be_read_is_damage() -> None:
    """A header of deeply nested JSON, or with shapes that no array has, is no entry, though its checksum is right."""
    for header in (
        b"[" * 100_000,
        b'[["x", "float32", [1e400]]]',
        b'[["x", "float32", [9]]]',
        b"{}x",
    ):
        body = header + b"\n" + bytes(8)
        assert decode(struct.pack("<4sI", b"LGC\x01", zlib.crc32(body)) + body) is None


def test_arrays_of_another_layout_are_kept() -> None:
    """Content counts: transposed arrays and other byte orders come back as the same numbers."""
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    again = decode(encode({"turned": table.T, "swapped": table.astype(">f4")}))
    assert again is not None
    np.testing.assert_array_equal(again["turned"], table.T)
    np.testing.assert_array_equal(again["swapped"], table)


@pytest.mark.parametrize("dtype", ["float64", "bool", "object", "complex64", "uint8", "<U3"])
def test_another_type_of_array_is_refused(cache: ScoreCache, dtype: str) -> None:
    """The error names the array, its type and what is allowed; nothing is kept."""
    with pytest.raises(InvalidTypeError, match=r"array 'x' .* is of type .*; allowed are float16, float32, int32, int"):
        cache.put({"good": entry(1), "bad": {"x": np.zeros(3).astype(dtype)}})
    assert cache.get(["good", "bad"]) == {}


# What all caches do


def test_what_is_put_is_found(cache: ScoreCache) -> None:
    """Entries come back under their keys; keys that are not there are left out; the last value of a key counts."""
    cache.put({"a": entry(1), "b": entry(2)})
    cache.put({"b": {"x": np.asarray([[3]], dtype=np.int64), "y": np.empty((0, 3), dtype=np.float16)}})
    found = cache.get(["b", "c", "a", "b"])
    assert set(found) == {"a", "b"}
    np.testing.assert_array_equal(found["a"]["x"], np.ones(4, dtype=np.float32))
    assert (found["b"]["x"].tolist(), found["b"]["y"].shape) == ([[3]], (0, 3))
    assert cache.get([]) == {}


def test_nobody_changes_what_is_kept(cache: ScoreCache) -> None:
    """The arrays put in may be changed later, those that come out cannot be, and a mapping that comes out is a copy."""
    mine = np.ones(3, dtype=np.float32)
    cache.put({"a": {"x": mine}})
    mine[:] = 7
    for _ in range(2):
        found = cache.get(["a"])["a"]
        with pytest.raises(ValueError, match="read-only"):
            found["x"][0] = 7
        assert found["x"].tolist() == [1, 1, 1]
        found.clear()  # type: ignore[attr-defined]


def test_a_thousand_entries_are_read_in_a_moment(cache: ScoreCache) -> None:
    """A thousand arrays of 150 numbers take less than a second, together and one by one."""
    keys = [make_key("nll", "tiny", {}, str(i)) for i in range(1000)]
    cache.put({key: entry(i, 150) for i, key in enumerate(keys)})
    for read in (cache.get, lambda keys: [first(cache, key) for key in keys]):
        start = time.perf_counter()
        assert len(read(keys)) == 1000
        assert time.perf_counter() - start < 1


def test_threads_share_a_cache(cache: ScoreCache) -> None:
    """Eight threads that write and read at once find what was written and nothing else."""

    def work(thread: int) -> None:
        for i in range(40):
            cache.put({f"{thread}-{i}": entry(i), "shared": entry(1)})
            assert first(cache, f"{thread}-{i}") == i
            assert first(cache, f"{(thread + 1) % 8}-{i}") in {None, float(i)}
            assert first(cache, "shared") == 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert all(first(cache, f"{thread}-{i}") == i for thread in range(8) for i in range(40))


# Memory


def test_memory_forgets_what_was_used_longest_ago() -> None:
    """Of three entries where two fit, the one that was neither put nor read of late goes."""
    cache = MemoryCache(2 * (OVERHEAD_BYTES + 16))
    cache.put({"a": entry(1), "b": entry(2)})
    cache.get(["a"])
    cache.put({"c": entry(3)})
    assert set(cache.get(["a", "b", "c"])) == {"a", "c"}


def test_the_bound_of_memory_counts_bytes() -> None:
    """An entry of exactly the bound is kept; a larger one is not, and leaves what is there."""
    cache = MemoryCache(OVERHEAD_BYTES + 16)
    cache.put({"fits": entry(1, 4)})
    cache.put({"large": entry(2, 5)})
    assert set(cache.get(["fits", "large"])) == {"fits"}
    cache.put({"fits": entry(3, 5)})
    assert cache.get(["fits"]) == {}
    cache.put({"again": entry(4, 4)})
    assert set(cache.get(["again"])) == {"again"}


def test_memory_without_room_keeps_nothing() -> None:
    """A bound of 0 is allowed, one below is refused."""
    cache = MemoryCache(0)
    cache.put({"a": {}})
    assert cache.get(["a"]) == {}
    with pytest.raises(InvalidInputError, match="max_bytes is -1; give a number of bytes that is 0 or more"):
        MemoryCache(-1)


def test_closed_memory_is_empty() -> None:
    """Closing forgets; the cache can be used again."""
    cache = MemoryCache(OVERHEAD_BYTES + 16)
    cache.put({"a": entry(1)})
    cache.close()
    assert cache.get(["a"]) == {}
    cache.put({"b": entry(2)})
    assert first(cache, "b") == 2


def test_the_fast_cache_takes_over_what_the_large_one_has(stored: SqliteCache) -> None:
    """What was found in the file is found in memory from then on."""
    memory = MemoryCache(MIN_BYTES)
    stored.put({"a": entry(1)})
    assert set(TieredCache(memory, stored).get(["a", "b"])) == {"a"}
    assert first(memory, "a") == 1


# The file


def test_nothing_is_opened_before_the_first_use(path: Path) -> None:
    """Neither building nor closing a cache makes a file or a folder."""
    SqliteCache(path, MIN_BYTES).close()
    assert not path.parent.parent.exists()


def test_a_file_outlives_its_cache(path: Path) -> None:
    """What one cache wrote another finds; closing leaves one file, and a closed cache opens again."""
    cache = SqliteCache(path, MIN_BYTES)
    cache.put({"a": entry(1)})
    cache.close()
    assert [file.name for file in path.parent.iterdir()] == ["scores.db"]
    with closing(SqliteCache(str(path), MIN_BYTES)) as other:
        assert first(other, "a") == 1
    with closing(cache):
        assert first(cache, "a") == 1


def test_the_file_forgets_what_was_used_longest_ago(path: Path) -> None:
    """Uses are noted, over a closing too: of equal entries the ones read last stay, whenever they were put."""
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.put({f"old-{i}": entry(i, 5000) for i in range(40)})  # 20 kB each; about 50 fit
        cache.get(["old-7"])
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.get(["old-3"])
        for i in range(30):
            cache.put({f"new-{i}": entry(i, 5000)})
        found = cache.get([*(f"old-{i}" for i in range(40)), *(f"new-{i}" for i in range(30))])
    assert {"old-7", "old-3", *(f"new-{i}" for i in range(30))} <= set(found)
    assert not {f"old-{i}" for i in range(20) if i not in {3, 7}} & set(found)


@pytest.mark.parametrize("length", [10, 150, 530, 5000, 60_000])
def test_the_file_keeps_its_bound(stored: SqliteCache, path: Path, length: int) -> None:
    """After four times the bound in values of any size, read in between, file is within the bound and well used."""
    rounds = 4 * MIN_BYTES // (10 * (4 * length + 100)) + 1
    for i in range(rounds):
        stored.put({f"{i}-{j}": entry(j, length) for j in range(10)})
        stored.get([f"{i // 2}-{j}" for j in range(0, 10, 3)])
        assert path.stat().st_size <= 1.1 * MIN_BYTES
    assert first(stored, f"{rounds - 1}-9") == 9
    stored.close()
    assert 0.7 * MIN_BYTES <= path.stat().st_size <= 1.1 * MIN_BYTES


def test_a_file_whose_bound_became_smaller_shrinks(path: Path) -> None:
    """The next entry brings the file within the new bound."""
    with closing(SqliteCache(path, 8 * MIN_BYTES)) as cache:
        cache.put({str(i): entry(i, 5000) for i in range(300)})
    assert path.stat().st_size > 5 * MIN_BYTES
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.put({"last": entry(1)})
    assert path.stat().st_size <= MIN_BYTES


def test_a_value_too_large_for_the_file_is_not_kept(stored: SqliteCache) -> None:
    """It leaves the others where they are, but not an older value of its own key."""
    stored.put({"a": entry(1), "b": entry(2)})
    stored.put({"b": entry(3, MIN_BYTES // 8)})
    assert set(stored.get(["a", "b"])) == {"a"}


def test_a_bound_that_no_file_can_keep_is_refused(path: Path) -> None:
    """The error says how much is needed."""
    with pytest.raises(InvalidInputError, match=r"max_bytes is 1000; a cache in a file needs 1,048,576 bytes"):
        SqliteCache(path, 1000)


@pytest.mark.parametrize("damage", ["x'00'", "zeroblob(40)", "substr(value, 1, length(value) - 1)", "value || x'00'"])
def test_a_damaged_value_is_a_miss_and_removed(stored: SqliteCache, path: Path, damage: str) -> None:
    """The others are found; the damaged one is gone from the file."""
    stored.put({"a": entry(1), "b": entry(2)})
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE entries SET value = CAST({damage} AS BLOB) WHERE key = 'a'")  # noqa: S608
    assert set(stored.get(["a", "b"])) == {"b"}
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT key FROM entries").fetchall() == [("b",)]


def test_a_file_of_another_version_is_emptied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its entries are gone, tables of other names included, and it works from then on."""
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.put({"a": entry(1)})
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE earlier (text)")
    monkeypatch.setattr(database, "FORMAT_VERSION", 2)
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        assert cache.get(["a"]) == {}
        cache.put({"a": entry(2)})
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        assert first(cache, "a") == 2
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("entries",)]


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    """The error names the path, and not a byte of the file changes."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE entries (text)")
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=r"scores\.db' is a database of another program; give another path"):
            SqliteCache(path, MIN_BYTES).get(["a"])
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    """The error names the path and what to do, and not a byte of the file changes."""
    path.parent.mkdir(parents=True)
    path.write_text("A letter that somebody wants to keep. " * 50)
    with pytest.raises(
        InvalidInputError, match=r"scores\.db' cannot be used \(file is not a database\); give the path"
    ):
        SqliteCache(path, MIN_BYTES).put({"a": entry(1)})
    assert path.read_text() == "A letter that somebody wants to keep. " * 50


@pytest.mark.parametrize("place", ["", "file/scores.db", "nul\0"], ids=["a folder", "below a file", "no path at all"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: str) -> None:
    """The error names the path and what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInputError, match=r"the score cache .* cannot be used \(.*\); give the path of a file"):
        SqliteCache(tmp_path / place, MIN_BYTES).get(["a"])


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="only here can a test become a user who may not write")
def test_a_file_that_cannot_be_written_to_is_refused() -> None:
    """The error names the path and what to do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.db"
        with closing(SqliteCache(path, MIN_BYTES)) as cache:
            cache.put({"a": entry(1)})
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        user = os.geteuid()
        try:
            os.seteuid(user or 65534)  # root may write everywhere
            with pytest.raises(InvalidInputError, match=r"scores\.db' cannot be used \(.*\); give the path of a file"):
                SqliteCache(path, MIN_BYTES).get(["a"])
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o755)


def locked(path: Path, kind: str = "IMMEDIATE") -> sqlite3.Connection:
    """Another process's connection that locks the file until it is closed."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute(f"BEGIN {kind}")
    return other


def test_a_locked_file_costs_entries_only(
    stored: SqliteCache, path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes for long, entries are read, new ones are not stored, and one warning is logged."""
    monkeypatch.setattr(sqlite, "PAUSE_SECONDS", 0.0)
    stored.put({"a": entry(1)})
    with closing(locked(path)):
        stored.put({"b": entry(2)})
        stored.put({"c": entry(3)})
        assert set(stored.get(["a", "b", "c"])) == {"a"}
        late = SqliteCache(path, MIN_BYTES, timeout=0.05)
        assert late.get(["a"]) == {}
        assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2  # one for each cache
        assert "scores.db fails (database is locked); scores are computed again" in caplog.text
    stored.put({"d": entry(4)})
    assert set(stored.get(["a", "b", "c", "d"])) == {"a", "d"}
    with closing(late):
        assert set(late.get(["a", "d"])) == {"a", "d"}


def test_a_locked_file_is_waited_for_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one wait in vain, the file is left alone for a while, and used again after that."""
    waits: list[float] = []

    def waiting(*args: Any, **options: Any) -> Any:
        waits.append(time.monotonic())
        return write(*args, **options)

    write = database.write
    monkeypatch.setattr(database, "write", waiting)
    with closing(SqliteCache(path, MIN_BYTES, timeout=0.05)) as cache:
        cache.put({"a": entry(1)})
        with closing(locked(path)):
            for i in range(5):
                cache.put({f"b{i}": entry(2)})
                assert set(cache.get(["a", f"b{i}"])) == {"a"}
        assert len(waits) == 2  # the first entry and the wait
        cache.put({"c": entry(3)})
        assert cache.get(["c"]) == {}
        later = time.monotonic() + sqlite.PAUSE_SECONDS
        monkeypatch.setattr(sqlite, "monotonic", lambda: later)
        cache.put({"c": entry(3)})
        assert set(cache.get(["a", "c"])) == {"a", "c"}


def test_a_file_that_is_locked_at_the_first_use_is_waited_for_once(path: Path) -> None:
    """Neither reading nor writing waits again."""
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.put({"a": entry(1)})
    with closing(locked(path, "EXCLUSIVE")), closing(SqliteCache(path, MIN_BYTES, timeout=0.5)) as cache:
        started = time.monotonic()
        for _ in range(20):
            cache.put({"b": entry(2)})
            assert cache.get(["a"]) == {}
        assert 0.5 <= time.monotonic() - started < 5


def test_a_locked_file_does_not_delay_other_files(path: Path) -> None:
    """While one cache waits for its file, another one works."""
    with closing(SqliteCache(path, MIN_BYTES)) as cache:
        cache.put({"a": entry(1)})
    waits, works = SqliteCache(path, MIN_BYTES, timeout=30), SqliteCache(path.with_name("other.db"), MIN_BYTES)
    other, finished = locked(path), Event()

    def wait() -> None:
        waits.put({"b": entry(2)})
        finished.set()

    with closing(waits), closing(works):
        thread = Thread(target=wait)
        thread.start()
        assert not finished.wait(0.3)
        works.put({"c": entry(3)})
        assert set(works.get(["c"])) == {"c"}
        assert not finished.is_set()
        other.close()
        thread.join(30)
        assert set(waits.get(["b"])) == {"b"}


def test_a_full_disk_costs_entries_only(stored: SqliteCache, caplog: pytest.LogCaptureFixture) -> None:
    """A write that finds no room keeps nothing of it, and what was there is read."""
    stored.put({"a": entry(1)})
    assert stored._connection is not None
    stored._connection.execute("PRAGMA max_page_count = 12")
    stored.put({"b": entry(2), "c": entry(3, 20_000)})
    assert set(stored.get(["a", "b", "c"])) == {"a"}
    assert "fails (database or disk is full)" in caplog.text
    stored.put({"d": entry(4)})
    assert set(stored.get(["a", "d"])) == {"a", "d"}


FULL_DISK = """
import resource, sys
import numpy as np
from lingua_shared.cache.sqlite import SqliteCache

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
cache = SqliteCache(sys.argv[1], 1 << 20)
cache.put({"a": {"x": np.ones(3, dtype=np.float32)}})
assert cache.get(["a"]) == {}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited")
def test_a_disk_that_fails_at_the_first_use_costs_entries_only(path: Path) -> None:
    """Where the file cannot be made for lack of room, nothing is kept or found, and a warning says so."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "scores.db fails (disk I/O error); scores are computed again" in done.stderr


# Several processes


def test_an_open_waits_for_another_process(path: Path) -> None:
    """A file that is locked for a moment is opened after it, within the timeout."""
    database.open_database(path, timeout=1).close()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = Timer(0.2, other.rollback)
        release.start()
        database.open_database(path, timeout=30).close()
        release.join()


def test_a_file_is_made_once(path: Path) -> None:
    """Sixteen that open a file which is not there yet, at the same moment, all get it with its table."""
    barrier = Barrier(16)

    def open_at_once(_: int) -> int:
        barrier.wait()
        with closing(database.open_database(path, timeout=30)) as connection:
            return len(connection.execute("SELECT * FROM entries").fetchall())

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(open_at_once, range(16))) == [0] * 16


def _write_and_read(path: Path, process: int) -> list[str]:
    """Put 50 entries in steps, read those of the others in between, and return what was wrong."""
    wrong = []
    with closing(SqliteCache(path, 4 * MIN_BYTES, timeout=60)) as cache:
        for i in range(50):
            cache.put({f"{process}-{i}": entry(100 * process + i, 150)})
            for other in range(4):
                found = first(cache, f"{other}-{i}")
                if found not in {100 * other + i, None} or (other == process and found is None):
                    wrong.append(f"{process} read {found} under {other}-{i}")
        if cache._has_warned:
            wrong.append(f"{process} failed once")
    return wrong


def test_processes_share_a_file(path: Path) -> None:
    """Four processes that make, write and read one file at once lose nothing and read nothing wrong."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        wrong = pool.starmap(_write_and_read, [(path, process) for process in range(4)])
    assert wrong == [[], [], [], []]
    with closing(SqliteCache(path, 4 * MIN_BYTES)) as cache:
        assert all(first(cache, f"{process}-{i}") == 100 * process + i for process in range(4) for i in range(50))


FORKS = """
import os, sys, threading
import numpy as np
from lingua_shared.cache.sqlite import SqliteCache

def entry(value):
    return {"x": np.full(4, value, dtype=np.float32)}

cache = SqliteCache(sys.argv[1], 1 << 20)
cache.put({"before": entry(1)})
done = threading.Event()

def work():
    i = 0
    while not done.is_set():
        cache.put({f"busy-{i % 50}": entry(i)})
        i += 1

thread = threading.Thread(target=work)
thread.start()
children = []
for child in range(10):
    pid = os.fork()
    if pid == 0:
        was_closed = cache._connection is None
        found = cache.get(["before"])
        for i in range(5):
            cache.put({f"{child}-{i}": entry(child * 10 + i)})
        os._exit(0 if was_closed and found["before"]["x"][0] == 1 and not cache._has_warned else 1)
    children.append(pid)
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
done.set()
thread.join()
found = cache.get([f"{child}-{i}" for child in range(10) for i in range(5)])
assert codes == [0] * 10, codes
assert sorted(float(e["x"][0]) for e in found.values()) == [c * 10 + i for c in range(10) for i in range(5)]
assert cache._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
cache.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_forked_processes_share_a_file(path: Path) -> None:
    """Children forked while another thread writes get no open file, do not hang, lose nothing and damage nothing."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
