"""A cache in a file that threads and processes share. Knows when the file is open, not how it is laid out."""

import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TypeVar

from lingua_shared.cache import database
from lingua_shared.cache.entries import Entry, decode, encode
from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.errors import InvalidInputError

MIN_BYTES = 1024 * 1024
"""The smallest bound of a file, in bytes."""

PAUSE_SECONDS = 60.0
"""How long a file that another process kept locked is left alone, so that not every request waits for it."""

_MAX_UNWRITTEN_USES = 1000
"""After this many reads, their order of use is written to the file even if no entry is added."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class SqliteCache:
    """Stores entries in a file of bounded size. Threads share the cache; processes, forked ones too, share the file.

    Nothing is opened before the first use. A file that stays locked, a full disk or a file that is damaged while it is
    in use never raises: nothing is found or stored, and one warning is logged. After a wait for a locked file in vain,
    the file is left alone for `PAUSE_SECONDS`. The file must be on a local disk: several machines cannot share it.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int, *, timeout: float = 5.0) -> None:
        """Set the path; open nothing.

        Args:
            path: the file; it and its folder are created if they do not exist.
            max_bytes: bound of the file's size, in bytes; entries not used for longest are removed to keep it. An entry
                larger than half of it is not stored. While the file is open, a log of a few megabytes lies beside it.
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
        self._used: dict[str, None] = {}
        self._read_again_at = self._write_again_at = 0.0
        self._has_warned = False
        # A connection must not exist in two processes: SQLite could damage the file.
        self._lock = ForkSafeLock(before_fork=self._disconnect)

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are stored, by key; their arrays are read-only. Damaged ones are removed.

        Raises:
            InvalidInputError: the file cannot be created or written to, or is not a score cache.
        """
        blobs = self._read(keys)
        decoded = {key: decode(blob) for key, blob in blobs.items()}
        found: dict[str, Entry] = {key: entry for key, entry in decoded.items() if entry is not None}
        damaged = [key for key in decoded if key not in found]
        with self._lock:
            for key in found:
                self._used.pop(key, None)  # the most recently used key is last
                self._used[key] = None
        if damaged or len(self._used) >= _MAX_UNWRITTEN_USES:
            self._write({}, removed=damaged)
        return found

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Store the entries, and replace those with the same keys.

        Raises:
            InvalidTypeError: an array has a type that cannot be stored.
            InvalidInputError: the file cannot be created or written to, or is not a score cache.
        """
        blobs = {key: encode(entry) for key, entry in entries.items()}
        fitting = {key: blob for key, blob in blobs.items() if len(blob) <= self._max_bytes // 2}
        if blobs:
            self._write(fitting, removed=blobs.keys() - fitting.keys())

    def close(self) -> None:
        """Write the order of use and close the file; the next use opens it again."""
        if self._connection is not None and self._used:
            self._write({})
        with self._lock:
            self._disconnect()

    def _read(self, keys: Sequence[str]) -> dict[str, bytes]:
        with self._lock:
            if monotonic() < self._read_again_at:
                return {}
            return self._attempt(lambda connection: database.read(connection, keys)) or {}

    def _write(self, blobs: Mapping[str, bytes], removed: Collection[str] = ()) -> None:
        with self._lock:
            if monotonic() < self._write_again_at:
                return
            used, self._used = self._used, {}
            self._attempt(
                lambda connection: database.write(
                    connection, blobs, used=used, removed=removed, max_bytes=self._max_bytes
                )
            )

    def _attempt(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Do some work with the open file; None if SQLite cannot do it now."""
        try:
            return work(self._connected())
        except sqlite3.DatabaseError as error:
            if database.is_locked(error):
                self._write_again_at = monotonic() + PAUSE_SECONDS
                # A file that is open can be read while another process writes.
                self._read_again_at = self._write_again_at if self._connection is None else self._read_again_at
            if not self._has_warned:
                _log.warning("the score cache %s fails (%s); scores are computed again", self._path, error)
            self._has_warned = True
            return None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = database.open_database(self._path, self._timeout)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
