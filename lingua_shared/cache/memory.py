"""A cache in memory, and a fast cache in front of a large one."""

from collections.abc import Mapping, Sequence

import numpy as np
from cachetools import LRUCache

from lingua_shared.cache.entries import Entry, ScoreCache, read_only_copy
from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.errors import InvalidInputError

OVERHEAD_BYTES = 1024
"""What an entry takes besides the content of its arrays (key, Python objects), in bytes, rounded up."""


class MemoryCache:
    """Stores the most recently used entries within a bound. Threads can share it.

    Example:
        >>> cache = MemoryCache(max_bytes=1_000_000)
        >>> cache.put({"a": {"losses": np.ones(3, dtype=np.float32)}})
        >>> cache.get(["a", "b"])
        {'a': {'losses': array([1., 1., 1.], dtype=float32)}}
    """

    def __init__(self, max_bytes: int) -> None:
        """Make an empty cache.

        Args:
            max_bytes: bound of all entries together, each with `OVERHEAD_BYTES`; a larger entry is not stored, and 0
                stores none.

        Raises:
            InvalidInputError: `max_bytes` is negative.
        """
        if max_bytes < 0:
            msg = f"max_bytes is {max_bytes}; give a number of bytes that is 0 or more"
            raise InvalidInputError(msg)
        self._entries: LRUCache[str, dict[str, np.ndarray]] = LRUCache(max_bytes, getsizeof=_size)
        self._lock = ForkSafeLock()

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are stored, by key; their arrays are read-only."""
        with self._lock:
            return {key: dict(self._entries[key]) for key in keys if key in self._entries}

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Store a copy of the entries in place of those not used for longest.

        Raises:
            InvalidTypeError: an array has a type that cannot be stored.
        """
        copies = {key: read_only_copy(entry) for key, entry in entries.items()}
        with self._lock:
            for key, entry in copies.items():
                self._entries.pop(key, None)
                if _size(entry) <= self._entries.maxsize:
                    self._entries[key] = entry

    def close(self) -> None:
        """Drop all entries."""
        with self._lock:
            self._entries.clear()


class TieredCache:
    """Looks in a fast cache first and in a large one for the rest, and copies what the large one has to the fast one.

    An entry that the fast cache has does not count as used in the large one.
    """

    def __init__(self, fast: ScoreCache, large: ScoreCache) -> None:
        """Put `fast` in front of `large`."""
        self._fast = fast
        self._large = large

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that either cache has, by key; their arrays are read-only."""
        near = self._fast.get(keys)
        missing = [key for key in keys if key not in near]
        far = self._large.get(missing) if missing else {}
        if far:
            self._fast.put(far)
        return {**near, **far}

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Store the entries in both caches.

        Raises:
            InvalidTypeError: an array has a type that cannot be stored.
        """
        self._fast.put(entries)
        self._large.put(entries)

    def close(self) -> None:
        """Close both caches."""
        self._fast.close()
        self._large.close()


def _size(entry: Entry) -> int:
    return OVERHEAD_BYTES + sum(array.nbytes for array in entry.values())
