"""Reads files and standard input: as text, or line by line. Knows nothing of what they hold."""

import glob
import gzip
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, cast
from zlib import error as ZlibError  # noqa: N812 - a class

from lingua_shared.command_line.faults import WRONG_USE, CommandError

STDIN = "-"
LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")

_BINARY = (".pdf", ".docx", ".doc", ".pptx", ".xlsx", ".odt", ".epub", ".png", ".jpg", ".jpeg", ".zip")


@dataclass
class Source:
    """A file or standard input.

    Attributes:
        name: path, or "-".
        size: bytes of a file that was opened; None where that says nothing of its lines.
        read: bytes of its lines that were read so far.
    """

    name: str
    size: int | None = None
    read: int = 0

    @property
    def place(self) -> str:
        """Return how messages call it."""
        return "standard input" if self.name == STDIN else self.name

    def text(self) -> str:
        """Return all of its text.

        Raises:
            CommandError: it cannot be read, or is no text in UTF-8.
        """
        if self.name.lower().endswith(_BINARY):
            msg = f"{self.name} is no text file; turn it into text first, for example with markitdown"
            raise CommandError(msg)
        with self._opened() as file:
            return self._decoded(file.read())

    def lines(self) -> Iterator[str]:
        """Yield its lines one by one, without white space around them.

        Raises:
            CommandError: it cannot be read, or is no text in UTF-8.
        """
        with self._opened() as file:
            for line in file:
                self.read += len(line)
                yield self._decoded(line).strip()

    def beginning(self) -> bytes:
        """Return the first bytes of standard input, without taking them."""
        peek = getattr(sys.stdin.buffer, "peek", None) if self.name == STDIN else None
        return peek(1) if peek else b""

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if self.name == STDIN:
            yield sys.stdin.buffer
            return
        is_packed = self.name.endswith(".gz")
        try:
            with Path(self.name).open("rb") as raw:
                self.size = None if is_packed else Path(self.name).stat().st_size
                if is_packed:
                    with gzip.open(raw) as unpacked:
                        yield cast("IO[bytes]", unpacked)
                else:
                    yield raw
        except (OSError, EOFError, ZlibError) as error:
            msg = f"cannot read {self.name}: {getattr(error, 'strerror', None) or error}"
            raise CommandError(msg) from error

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            msg = f"{self.place} is no text in UTF-8 (byte {error.start}); convert it first, for example with iconv"
            raise CommandError(msg) from error


def sources(names: Sequence[str]) -> list[Source]:
    """Return the files that names and patterns stand for; without names, standard input.

    Raises:
        CommandError: a file is not there, a name is that of a folder, or nobody pipes anything in.
    """
    unknown = [name for name in names if name.startswith("-") and name != STDIN and not Path(name).exists()]
    if unknown:
        msg = f"there is no option {unknown[0]}; --help shows those that there are"
        raise CommandError(msg, code=WRONG_USE)
    if not names and sys.stdin.isatty():
        msg = "nothing to read: give files, or pipe text in"
        raise CommandError(msg, code=WRONG_USE)
    return [Source(name) for name in chain.from_iterable(map(_matching, names or (STDIN,)))]


def _matching(name: str) -> list[str]:
    if name == STDIN:
        return [name]
    if Path(name).is_dir():
        msg = f"{name} is a folder; name its files with a pattern, such as '{name.rstrip('/')}/**/*.md'"
        raise CommandError(msg, code=WRONG_USE)
    if Path(name).exists():
        return [name]
    found = sorted(one for one in glob.glob(name, recursive=True) if Path(one).is_file())  # noqa: PTH207 - keeps "./"
    if not found:
        msg = f"there is no file {name}"
        raise CommandError(msg)
    return found
