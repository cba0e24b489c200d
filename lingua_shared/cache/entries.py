"""What a cache holds, arrays by name, and how they are written as bytes. Knows nothing of where the bytes lie."""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeAlias

import numpy as np

from lingua_shared.errors import InvalidTypeError

FORMAT_VERSION = 1
"""Raise it whenever values would be computed, found or read in another way: those of other versions are never found."""

Entry: TypeAlias = Mapping[str, np.ndarray]
"""Arrays by name, each float16, float32, int32 or int64, of any shape."""

_DTYPES: Mapping[str, np.dtype] = MappingProxyType(
    {name: np.dtype(name).newbyteorder("<") for name in ("float16", "float32", "int32", "int64")}
)
_MAGIC = b"LGC" + bytes([FORMAT_VERSION])
_PREFIX = struct.Struct("<4sI")  # magic, checksum of all that follows


class ScoreCache(Protocol):
    """Keeps entries under keys of `make_key`. It may forget any of them at any time; threads can share it."""

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are there, by key; their arrays cannot be written to."""
        ...

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Keep a copy of the entries, in place of what was under their keys.

        Raises:
            InvalidTypeError: an array is of a type that is not kept.
        """
        ...

    def close(self) -> None:
        """Let go of files and memory. A cache that is used again opens them again."""
        ...


def frozen(entry: Entry) -> dict[str, np.ndarray]:
    """Return a copy of the arrays that cannot be written to.

    Raises:
        InvalidTypeError: an array is of a type that is not kept.
    """
    copies = {name: np.array(array, dtype=_dtype(name, array), order="C") for name, array in entry.items()}
    for array in copies.values():
        array.setflags(write=False)
    return copies


def encode(entry: Entry) -> bytes:
    """Write an entry as bytes: a checksum, a line of JSON with types and shapes, the arrays.

    Raises:
        InvalidTypeError: an array is of a type that is not kept.
    """
    arrays = {name: np.asarray(array, dtype=_dtype(name, array)) for name, array in entry.items()}
    header = [(name, array.dtype.name, array.shape) for name, array in arrays.items()]
    body = b"".join([json.dumps(header).encode(), b"\n", *(array.tobytes() for array in arrays.values())])
    return _PREFIX.pack(_MAGIC, zlib.crc32(body)) + body


def decode(blob: bytes) -> dict[str, np.ndarray] | None:
    """Read what `encode` wrote, as arrays that cannot be written to; None where it is damaged or of another version."""
    if len(blob) < _PREFIX.size:
        return None
    magic, checksum = _PREFIX.unpack_from(blob)
    body = blob[_PREFIX.size :]
    if magic != _MAGIC or checksum != zlib.crc32(body):
        return None
    try:
        return _arrays(body)
    except (ValueError, KeyError, TypeError):
        return None


def _arrays(body: bytes) -> dict[str, np.ndarray]:
    offset = body.index(b"\n") + 1
    views = {}
    for name, dtype, shape in json.loads(body[:offset]):
        views[name] = np.ndarray(tuple(shape), dtype=_DTYPES[dtype], buffer=body, offset=offset)
        offset += views[name].nbytes
    return frozen(views)  # copied, for where they stand in the body they may be unaligned


def _dtype(name: str, array: np.ndarray) -> np.dtype:
    found = np.asarray(array).dtype
    if found.name not in _DTYPES:
        msg = (
            f"array {name!r} of a cache entry is of type {found.name}; allowed are {', '.join(_DTYPES)}; convert it, "
            'such as with .astype("float32")'
        )
        raise InvalidTypeError(msg)
    return _DTYPES[found.name]
