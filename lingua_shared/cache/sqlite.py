"""A cache in a file, which threads and processes share. Knows when the file is open; not how it is laid out."""

import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar
from weakref import WeakSet

from lingua_shared.cache import database
from lingua_shared.cache.entries import Entry, decode, encode
from lingua_shared.errors import InvalidInputError

MIN_BYTES = 1024 * 1024
"""The smallest bound of a file, in bytes."""

_TOUCHES = 1000
"""So many reads are noted in one write, if no entry is put before."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class SqliteCache:
    """Keeps entries in a file of bounded size. Threads share it, and processes share the file, forked ones too.

    Nothing is opened before the first use. A file that is locked for long, a full disk or a file that is damaged while
    it is in use costs entries, never the caller: nothing is found or kept, and one warning is logged. The file must lie
    on a disk of this machine, for several machines cannot share it.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int, *, timeout: float = 5.0) -> None:
        """Remember the path; open nothing.

        Args:
            path: the file; it and its folder are made where they do not exist.
            max_bytes: the size that the file may have, in bytes; where it would be passed, the entries used longest
                ago are removed. An entry larger than half of it is not kept. While it is open, the file has a log
                beside it of a few megabytes.
            timeout: seconds to wait for another process that writes.

        Raises:
            InvalidInputError: `max_bytes` is less than `MIN_BYTES`.
        """
        if max_bytes < MIN_BYTES:
            msg = f"max_bytes is {max_bytes}; a cache in a file needs {MIN_BYTES:,} bytes or more"
            raise InvalidInputError(msg)
        self._path = Path(path).expanduser().absolute()
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._connection: sqlite3.Connection | None = None
        self._touched: dict[str, None] = {}
        self._has_warned = False

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are there, by key; their arrays cannot be written to. Damaged ones are removed.

        Raises:
            InvalidInputError: the file cannot be made or written to, or is none of ours.
        """
        blobs = self._attempt(lambda connection: database.read(connection, keys)) or {}
        decoded = {key: decode(blob) for key, blob in blobs.items()}
        found: dict[str, Entry] = {key: entry for key, entry in decoded.items() if entry is not None}
        damaged = [key for key in decoded if key not in found]
        with _one_at_a_time:
            for key in found:
                self._touched.pop(key, None)  # those used last stand last
                self._touched[key] = None
        if damaged or len(self._touched) >= _TOUCHES:
            self._attempt(lambda connection: self._write(connection, {}, removed=damaged))
        return found

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Keep the entries, in place of what was under their keys.

        Raises:
            InvalidTypeError: an array is of a type that is not kept.
            InvalidInputError: the file cannot be made or written to, or is none of ours.
        """
        blobs = {key: encode(entry) for key, entry in entries.items()}
        kept = {key: blob for key, blob in blobs.items() if len(blob) <= self._max_bytes // 2}
        too_large = blobs.keys() - kept.keys()
        if blobs:
            self._attempt(lambda connection: self._write(connection, kept, removed=too_large))

    def close(self) -> None:
        """Note the last uses and close the file; the next use opens it again."""
        if self._connection is not None and self._touched:
            self._attempt(lambda connection: self._write(connection, {}))
        with _one_at_a_time:
            self._disconnect()

    def _write(self, connection: sqlite3.Connection, blobs: Mapping[str, bytes], removed: Collection[str] = ()) -> None:
        touched, self._touched = self._touched, {}
        database.write(connection, blobs, touched=touched, removed=removed, max_bytes=self._max_bytes)

    def _attempt(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Do some work with the open file; None where SQLite cannot do it now."""
        with _one_at_a_time:
            try:
                return work(self._connected())
            except sqlite3.DatabaseError as error:
                if not self._has_warned:
                    _log.warning("the score cache %s fails (%s); scores are computed again", self._path, error)
                self._has_warned = True
                return None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = database.open_database(self._path, self._timeout)
            _caches.add(self)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


_one_at_a_time = Lock()
"""Guards the connections of all caches, so that none is in use while this process forks."""

_caches: WeakSet[SqliteCache] = WeakSet()
"""Those that have been opened."""


def _before_fork() -> None:
    """Close all files: a connection that lives on in two processes can damage its file."""
    _one_at_a_time.acquire()
    for cache in list(_caches):
        cache._disconnect()  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_one_at_a_time.release, after_in_child=_one_at_a_time.release
    )
