"""The SQLite file of a cache: opens, checks, reads and writes it, and bounds its size. Knows bytes, not arrays.

The number in the column `used` grows with every use, so the entry not used for longest has the lowest one.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

from lingua_shared.cache.entries import FORMAT_VERSION
from lingua_shared.errors import InvalidInputError, reason, short_name

APPLICATION_ID = 0x4C696E67
"""Marks our files, in SQLite's header field for that."""

KEPT_SHARE = 0.9
"""Share of the bound that remains when entries are removed, so that not every write has to remove some."""

_RETRY_SECONDS = 0.01
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_TEMPORARY = _LOCKED | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}

_SCHEMA = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    used INTEGER NOT NULL,
    value BLOB NOT NULL CHECK (typeof(value) = 'blob')
);
CREATE INDEX entries_by_use ON entries (used);
"""


def open_database(path: Path, timeout: float) -> sqlite3.Connection:
    """Open a file, or create it with its folder. A file of another format version is emptied.

    Args:
        path: the file.
        timeout: seconds to wait for another process that writes.

    Raises:
        InvalidInputError: the file cannot be created or written to, or is not a score cache.
        sqlite3.OperationalError: another process keeps the file locked, or the disk is full or fails.
    """
    deadline = time.monotonic() + timeout
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                return _opened(path, timeout)
            except sqlite3.OperationalError as error:
                # SQLite itself does not always wait when several processes create the same file at once.
                if not is_locked(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(_RETRY_SECONDS)
    except (OSError, ValueError, sqlite3.DatabaseError) as error:
        if isinstance(error, InvalidInputError) or (isinstance(error, sqlite3.Error) and _code(error) in _TEMPORARY):
            raise
        msg = (
            f"the score cache {short_name(str(path))} cannot be used ({reason(error)}); give "
            "the path of a file that can be written to or created, or delete the file if it is damaged"
        )
        raise InvalidInputError(msg) from error


def is_locked(error: sqlite3.Error) -> bool:
    """Return whether an error means that another process uses the file."""
    return _code(error) in _LOCKED


def read(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Return the values that are stored, by key."""
    found = {}
    for key in keys:
        row = connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
        if row is not None:
            found[key] = row[0]
    return found


def write(
    connection: sqlite3.Connection,
    blobs: Mapping[str, bytes],
    *,
    used: Iterable[str],
    removed: Iterable[str],
    max_bytes: int,
) -> None:
    """Record uses, remove entries and add others, in one transaction.

    Args:
        connection: from `open_database`.
        blobs: new values by key; entries not used for longest are removed to make room.
        used: keys that were read since the last write, in order of use.
        removed: keys to remove.
        max_bytes: bound of the file's size, in bytes.
    """
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        last = connection.execute("SELECT coalesce(max(used), 0) FROM entries").fetchone()[0]
        uses = count(last + 1)
        connection.executemany("UPDATE entries SET used = ? WHERE key = ?", [(next(uses), key) for key in used])
        connection.executemany("DELETE FROM entries WHERE key = ?", [(key,) for key in removed])
        for key, blob in blobs.items():
            _make_room(connection, len(blob), max_bytes)
            connection.execute(
                "INSERT INTO entries (key, used, value) VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET used = excluded.used, value = excluded.value",
                (key, next(uses), blob),
            )
    _shrink(connection)


def _make_room(connection: sqlite3.Connection, needed: int, max_bytes: int) -> None:
    page, pages, free = _sizes(connection)
    if page * (pages - free) + needed <= max_bytes:
        return
    while (excess := page * (pages - free) + needed - int(KEPT_SHARE * max_bytes)) > 0:
        oldest = _oldest(connection, excess)
        if not oldest:
            break
        connection.executemany("DELETE FROM entries WHERE id = ?", oldest)
        page, pages, free = _sizes(connection)


def _shrink(connection: sqlite3.Connection) -> None:
    """Give free pages back to the disk if they are more than half of the file; fewer are left for new entries."""
    _, pages, free = _sizes(connection)
    if free > pages // 2:
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would stop after the first page


def _oldest(connection: sqlite3.Connection, total: int) -> list[tuple[int]]:
    """Return the ids of the entries not used for longest, as many as take `total` bytes together."""
    ids = []
    sizes = "SELECT id, length(value) + 2 * length(key) FROM entries ORDER BY used"  # a key is stored in its index, too
    for entry, size in connection.execute(sizes):
        ids.append((entry,))
        total -= size
        if total <= 0:
            break
    return ids


def _sizes(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the bytes of a page, the number of pages, and the number of free pages."""
    page, pages, free = (_pragma(connection, name) for name in ("page_size", "page_count", "freelist_count"))
    return page, pages, free


def _opened(path: Path, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path)
        connection.execute(f"PRAGMA busy_timeout = {int(1000 * timeout)}")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # In this order: a process that sees tables which another one is just creating also sees the application id.
    is_new = _pragma(connection, "schema_version") == 0
    if not is_new and _pragma(connection, "application_id") != APPLICATION_ID:
        msg = f"{str(path)!r} is a database of another program; give another path for the score cache"
        raise InvalidInputError(msg)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a crash may lose the last entries, never the file
    with connection:
        connection.execute("BEGIN IMMEDIATE")  # fails here if the file is read-only
        if _pragma(connection, "user_version") != FORMAT_VERSION:
            _make_tables(connection)


def _make_tables(connection: sqlite3.Connection) -> None:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (name,) in connection.execute(tables).fetchall():
        connection.execute(f'DROP TABLE "{name}"')
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _code(error: sqlite3.Error) -> int:
    """Return the primary error code of SQLite."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
