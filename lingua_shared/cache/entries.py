"""Cache entries: named arrays, their keys, and their form as bytes. Knows nothing of where entries are stored."""

import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeAlias

import numpy as np

from lingua_shared.errors import InvalidTypeError, short

FORMAT_VERSION = 1
"""Increase it whenever values are computed, keyed or stored differently: entries of other versions are never found."""

Entry: TypeAlias = Mapping[str, np.ndarray]
"""Arrays by name, each float16, float32, int32 or int64, of any shape."""

Settings: TypeAlias = Mapping[str, str | int | float | bool]
"""Everything besides model and text that changes a value, such as precision and window."""

_DTYPES: Mapping[str, np.dtype] = MappingProxyType(
    {name: np.dtype(name).newbyteorder("<") for name in ("float16", "float32", "int32", "int64")}
)
_MAGIC = b"LGC" + bytes([FORMAT_VERSION])
_HEAD = struct.Struct("<4sI")  # magic, checksum of all bytes that follow
_SETTING_TYPES = (str, int, float, bool)


class ScoreCache(Protocol):
    """Stores entries under keys of `make_key`. It may drop any entry at any time; threads can share it."""

    def get(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries that are stored, by key; their arrays are read-only."""
        ...

    def put(self, entries: Mapping[str, Entry]) -> None:
        """Store a copy of the entries, and replace those with the same keys.

        Raises:
            InvalidTypeError: an array has a type that cannot be stored.
        """
        ...

    def close(self) -> None:
        """Close files and free memory. A closed cache opens again when it is used."""
        ...


@dataclass(frozen=True)
class KeyedCache:
    """A cache of one kind of value, computed by one model with fixed settings; only the text varies.

    Attributes:
        cache: stores the entries; None stores nothing.
        kind: what the values are, such as "vectors".
        model: returns what identifies the model's weights.
        settings: everything else that changes a value.
    """

    cache: ScoreCache | None
    kind: str
    model: Callable[[], str]
    settings: Settings = field(default_factory=dict)

    def values(self, texts: Sequence[str], compute: Callable[[list[int]], Sequence[Entry]]) -> list[Entry]:
        """Return the entry of each text.

        Args:
            texts: the texts; equal ones are computed once.
            compute: returns the entries of the texts with these indices; called at most once, for the missing ones.
        """
        if self.cache is None:
            return list(compute(list(range(len(texts)))))
        model = self.model()
        keys = [make_key(self.kind, model, self.settings, text) for text in texts]
        found = dict(self.cache.get(list(dict.fromkeys(keys))))
        first_indices = {key: i for i, key in reversed(list(enumerate(keys)))}
        missing = sorted(i for key, i in first_indices.items() if key not in found)
        if missing:
            fresh = {keys[i]: entry for i, entry in zip(missing, compute(missing), strict=True)}
            if self.model() == model:  # else other weights were loaded meanwhile, to which these keys do not belong
                self.cache.put(fresh)
            found |= fresh
        return [found[key] for key in keys]


def make_key(kind: str, model: str, settings: Settings, text: str) -> str:
    """Return the key of a value: a SHA-256 in hexadecimal, the same in every process.

    Args:
        kind: what the value is, such as "likelihoods".
        model: identifies the weights; it must differ between models and between versions of a model.
        settings: everything else that changes the value; their order does not matter, but their types do (1, 1.0, True
            and "1" are four values).
        text: the text that was read.

    Raises:
        InvalidTypeError: a setting is none of str, int, float, bool.
    """
    digest = hashlib.sha256()
    for part in (str(FORMAT_VERSION), kind, model, *_parts(settings), text):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))  # so that no two lists of parts give the same bytes
        digest.update(data)
    return digest.hexdigest()


def read_only_copy(entry: Entry) -> dict[str, np.ndarray]:
    """Return a copy whose arrays are read-only.

    Raises:
        InvalidTypeError: an array has a type that cannot be stored.
    """
    copies = {name: np.array(array, dtype=_dtype(name, array), order="C") for name, array in entry.items()}
    for array in copies.values():
        array.setflags(write=False)
    return copies


def encode(entry: Entry) -> bytes:
    """Return an entry as bytes: a checksum, one line of JSON with names, types and shapes, then the arrays.

    Raises:
        InvalidTypeError: an array has a type that cannot be stored.
    """
    arrays = {name: np.asarray(array, dtype=_dtype(name, array)) for name, array in entry.items()}
    header = [(name, array.dtype.name, array.shape) for name, array in arrays.items()]
    body = b"".join([json.dumps(header).encode(), b"\n", *(array.tobytes() for array in arrays.values())])
    return _HEAD.pack(_MAGIC, zlib.crc32(body)) + body


def decode(blob: bytes) -> dict[str, np.ndarray] | None:
    """Return the entry that `encode` wrote, read-only; None if the bytes are damaged or of another version."""
    if len(blob) < _HEAD.size:
        return None
    magic, checksum = _HEAD.unpack_from(blob)
    body = blob[_HEAD.size :]
    if magic != _MAGIC or checksum != zlib.crc32(body):
        return None
    try:
        return _arrays(body)
    except (ValueError, KeyError, TypeError, OverflowError, MemoryError, RecursionError):
        return None


def _parts(settings: Settings) -> Iterator[str]:
    for name, value in sorted(settings.items()):
        if type(value) not in _SETTING_TYPES:
            msg = (
                f"setting {name!r} of a cache key is {short(value)}, a {type(value).__name__}; allowed are str, "
                "int, float and bool; convert it"
            )
            raise InvalidTypeError(msg)
        yield from (name, f"{type(value).__name__}:{value}")


def _arrays(body: bytes) -> dict[str, np.ndarray]:
    offset = body.index(b"\n") + 1
    views = {}
    for name, dtype, shape in json.loads(body[:offset]):
        views[name] = np.ndarray(tuple(shape), dtype=_DTYPES[dtype], buffer=body, offset=offset)
        offset += views[name].nbytes
    return read_only_copy(views)  # a copy, because arrays may be unaligned in the body


def _dtype(name: str, array: np.ndarray) -> np.dtype:
    found = np.asarray(array).dtype
    if found.name not in _DTYPES:
        msg = (
            f"array {name!r} of a cache entry is of type {found.name}; allowed are {', '.join(_DTYPES)}; convert it, "
            'such as with .astype("float32")'
        )
        raise InvalidTypeError(msg)
    return _DTYPES[found.name]
