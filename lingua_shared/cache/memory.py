"""A cache in memory, and one cache in front of another."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from lingua_shared.cache.entries import Entry, ScoreCache, frozen
from lingua_shared.errors import InvalidInputError

OVERHEAD_BYTES = 1024
"""What an entry takes beside the content of its arrays: the key and the Python objects, in bytes, rounded up."""


class MemoryCache:
    """Keeps the entries that were used last, as many as fit. Threads can share it.

    Example:
        >>> cache = MemoryCache(max_bytes=1_000_000)
        >>> cache.put({"a": {"losses": np.ones(3, dtype=np.float32)}})
        >>> cache.get(["a", "b"])
        {'a': {'losses': array([1., 1., 1.], dtype=float32)}}
    """

    def __init__(self, max_bytes: int) -> None:
        """Hold nothing yet.

        Args:
            max_bytes: the most that all entries take together, `OVERHEAD_BYTES` for each included; a larger entry is
                not kept, and 0 keeps none.

        Raises:
            InvalidInputError: `max_bytes` is negative.
        """
        if max_bytes < 0:
            msg = f"max_bytes is {max_bytes}; give a number of bytes that is 0 or more"
            raise InvalidInputError(msg)
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, dict[str, np.ndarray]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are there, by key; their arrays cannot be written to."""
        with self._lock:
            found = {key: self._entries[key] for key in keys if key in self._entries}
            for key in found:
                self._entries.move_to_end(key)
        return {key: dict(entry) for key, entry in found.items()}

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Keep a copy of the entries; those used longest ago go.

        Raises:
            InvalidTypeError: an array is of a type that is not kept.
        """
        copies = {key: frozen(entry) for key, entry in entries.items()}
        with self._lock:
            for key, entry in copies.items():
                self._remove(key)
                if _size(entry) <= self._max_bytes:
                    self._entries[key] = entry
                    self._bytes += _size(entry)
            while self._bytes > self._max_bytes:
                self._remove(next(iter(self._entries)))

    def close(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(entry)


class TieredCache:
    """Asks a fast cache first and a large one for the rest; what the large one has, the fast one takes over.

    What the fast one answers does not count as a use in the large one.
    """

    def __init__(self, fast: ScoreCache, large: ScoreCache) -> None:
        """Put `fast` in front of `large`."""
        self._fast = fast
        self._large = large

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that either has, by key; their arrays cannot be written to."""
        near = self._fast.get(keys)
        missing = [key for key in keys if key not in near]
        far = self._large.get(missing) if missing else {}
        if far:
            self._fast.put(far)
        return {**near, **far}

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Keep the entries in both.

        Raises:
            InvalidTypeError: an array is of a type that is not kept.
        """
        self._fast.put(entries)
        self._large.put(entries)

    def close(self) -> None:
        """Close both."""
        self._fast.close()
        self._large.close()


def _size(entry: Entry) -> int:
    return OVERHEAD_BYTES + sum(array.nbytes for array in entry.values())
