"""Stores the whole texts of what was shortened, so that each can be asked for again, byte for byte.

In memory, or in a SQLite file that threads and processes share. A text belongs to an owner, such as a client; another
owner does not find it.
"""

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from cachetools import LRUCache

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.errors import InvalidInputError, reason, short_name

KEY_CHARACTERS = 24
"""Hexadecimal digits of a key."""

_MEGABYTE = 1024 * 1024
_SCHEMA = """
CREATE TABLE IF NOT EXISTS originals (
    owner TEXT NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL, bytes INTEGER NOT NULL, text BLOB NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX IF NOT EXISTS originals_by_use ON originals (used);
"""


def key_of(*texts: str) -> str:
    """Return the key of a text, or of several that belong together: the beginning of a SHA-256."""
    digest = hashlib.sha256()
    for text in texts:
        data = _encoded(text)
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:KEY_CHARACTERS]


class Originals(Protocol):
    """Where whole texts are kept."""

    def get(self, key: str, *, owner: str = "") -> str | None:
        """Return the text that was stored; None where there is none (any more)."""
        ...

    def put(self, key: str, text: str, *, owner: str = "") -> None:
        """Store a text."""
        ...


class MemoryOriginals:
    """Keeps texts in memory; those not used for longest go when it is full. Threads can share it.

    Example:
        >>> originals = MemoryOriginals()
        >>> originals.put(key_of("a text"), "a text")
        >>> originals.get(key_of("a text"))
        'a text'
    """

    def __init__(self, *, megabytes: float = 256) -> None:
        """Keep nothing yet.

        Args:
            megabytes: bound of all texts together; a longer one is not kept.
        """
        self._kept: LRUCache[tuple[str, str], bytes] = LRUCache(megabytes * _MEGABYTE, getsizeof=len)
        self._lock = ForkSafeLock()

    def get(self, key: str, *, owner: str = "") -> str | None:
        """Return the text that was stored; None where there is none (any more)."""
        with self._lock:
            data = self._kept.get((owner, key))
        return None if data is None else _decoded(data)

    def put(self, key: str, text: str, *, owner: str = "") -> None:
        """Store a text; one that is larger than the bound is not stored."""
        data = _encoded(text)
        with self._lock:
            if len(data) <= self._kept.maxsize:
                self._kept[owner, key] = data


class SqliteOriginals:
    """Keeps texts in a file, so that they outlive the process; several processes can share it, on one machine."""

    def __init__(self, path: str | os.PathLike[str], *, megabytes: float = 1024, timeout: float = 10.0) -> None:
        """Set the path; open nothing.

        Args:
            path: the file; it and its folder are created if they do not exist.
            megabytes: bound of all texts together; those not used for longest go first.
            timeout: seconds to wait for another process that writes.
        """
        self._path = Path(path).expanduser().absolute()
        self._bound = int(megabytes * _MEGABYTE)
        self._timeout = timeout

    def get(self, key: str, *, owner: str = "") -> str | None:
        """Return the text that was stored; None where there is none (any more).

        Raises:
            InvalidInputError: the file cannot be used.
        """
        with closing(self._opened()) as file, file:
            row = file.execute("SELECT text FROM originals WHERE owner = ? AND key = ?", (owner, key)).fetchone()
            if row is not None:
                [used] = file.execute(_NEXT).fetchone()
                file.execute("UPDATE originals SET used = ? WHERE owner = ? AND key = ?", (used, owner, key))
        return None if row is None else _decoded(row[0])

    def put(self, key: str, text: str, *, owner: str = "") -> None:
        """Store a text; one that is larger than the bound is not stored.

        Raises:
            InvalidInputError: the file cannot be used.
        """
        data = _encoded(text)
        if len(data) > self._bound:
            return
        with closing(self._opened()) as file, file:
            file.execute("BEGIN IMMEDIATE")
            [used] = file.execute(_NEXT).fetchone()
            file.execute("INSERT OR REPLACE INTO originals VALUES (?, ?, ?, ?, ?)", (owner, key, used, len(data), data))
            self._make_room(file)

    def _make_room(self, file: sqlite3.Connection) -> None:
        [total] = file.execute("SELECT coalesce(sum(bytes), 0) FROM originals").fetchone()
        rows: Sequence[tuple[int, int]] = ()
        if total > self._bound:
            rows = file.execute("SELECT rowid, bytes FROM originals ORDER BY used").fetchall()
        for row, size in rows:
            if total <= self._bound:
                break
            file.execute("DELETE FROM originals WHERE rowid = ?", (row,))
            total -= size

    def _opened(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self._path, timeout=self._timeout)
            file.executescript(f"PRAGMA journal_mode = WAL; {_SCHEMA}")
        except (OSError, sqlite3.Error) as error:
            msg = f"the store {short_name(str(self._path))} cannot be used ({reason(error)}); give another path"
            raise InvalidInputError(msg) from error
        return file


_NEXT = "SELECT coalesce(max(used), 0) + 1 FROM originals"  # the order of use


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
