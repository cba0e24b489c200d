"""Identifies a local model by the content of its files, so that a model that was trained again is another model."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

WHOLE_BYTES = 512 * 1024 * 1024
"""Files up to this size are hashed completely; SHA-256 reads about 1 GB a second on a current CPU."""

SAMPLES, SAMPLE_BYTES = 64, 1024 * 1024
"""Of a larger file so many blocks of that size, evenly spaced, are hashed, with its size and time of change."""

_SETTLED_NS = 2_000_000_000
"""A file that changed less than this many nanoseconds ago may change again without a visible change of its time."""

_ENCODER_FILES = ("config.json", "evidence.json", "model.safetensors", "tokenizer.json")
_SHORT = 16

_known: dict[tuple[str, int, int, int, int], bytes] = {}


def fingerprint(path: Path) -> str:
    """Return a hash of a file, or of all files of a folder and its subfolders, with their relative paths.

    A file is read once per process, as long as its size and its times do not change. Hidden files and folders do not
    count. The result does not depend on where the folder is.

    Raises:
        OSError: a file cannot be read.
    """
    files = [(path.name, path)] if path.is_file() else sorted(_files(path))
    digest = hashlib.sha256()
    for name, file in files:
        digest.update(f"{len(name)}:{name}".encode("utf-8", "surrogateescape"))
        digest.update(_content(file))
    return digest.hexdigest()


def encoder_fingerprint(folder: Path) -> str:
    """Return the first characters of a hash of what an encoder computes with: weights, vocabulary and calibration.

    The name of the folder, its documents and its history of training do not count.
    """
    digest = hashlib.sha256()
    for name in _ENCODER_FILES:
        file = folder / name
        digest.update(_content(file) if file.exists() else b"")
    return digest.hexdigest()[:_SHORT]


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    seen = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if (real := os.path.realpath(parent)) in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            file = Path(parent, name)
            if not name.startswith(".") and file.is_file():
                yield file.relative_to(folder).as_posix(), file


def _content(file: Path) -> bytes:
    state = file.stat()
    key = (os.path.realpath(file), state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    if key not in _known:
        digest = _hashed(file, state)
        if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) < _SETTLED_NS:
            return digest
        _known[key] = digest
    return _known[key]


def _hashed(file: Path, state: os.stat_result) -> bytes:
    with file.open("rb") as stream:
        if state.st_size <= WHOLE_BYTES:
            return hashlib.file_digest(stream, "sha256").digest()
        digest = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns}".encode())
        for i in range(SAMPLES):
            stream.seek(i * (state.st_size - SAMPLE_BYTES) // (SAMPLES - 1))
            digest.update(stream.read(SAMPLE_BYTES))
        return digest.digest()
