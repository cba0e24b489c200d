"""Keys of cache entries: a hash of everything that a value was computed from."""

import hashlib
from collections.abc import Iterator, Mapping

from lingua_shared.cache.entries import FORMAT_VERSION
from lingua_shared.errors import InvalidTypeError

_TYPES = (str, int, float, bool)


def make_key(kind: str, model: str, settings: Mapping[str, str | int | float | bool], text: str) -> str:
    """Return the key of a value: 64 hexadecimal digits of SHA-256, the same in every process.

    Args:
        kind: what the value is, such as "token_likelihoods".
        model: what its weights are known by; it must differ between models and between their revisions.
        settings: all else that changes the value, such as precision and window; their order does not matter, their
            types do (1, 1.0, True and "1" are four values).
        text: the text that was scored.

    Raises:
        InvalidTypeError: a setting is none of str, int, float, bool.
    """
    digest = hashlib.sha256()
    for part in (str(FORMAT_VERSION), kind, model, *_written(settings), text):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))  # no two lists of parts run together into the same bytes
        digest.update(data)
    return digest.hexdigest()


def _written(settings: Mapping[str, str | int | float | bool]) -> Iterator[str]:
    for name, value in sorted(settings.items()):
        if type(value) not in _TYPES:
            msg = (
                f"setting {name!r} of a cache key is {value!r}, a {type(value).__name__}; allowed are str, int, float "
                "and bool; convert it"
            )
            raise InvalidTypeError(msg)
        yield from (name, f"{type(value).__name__}:{value}")
