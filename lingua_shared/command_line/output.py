"""Writes what a command has to say: results to standard output or a file, everything else to standard error."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Protocol

from cyclopts import Group, Parameter
from pydantic_core import to_json
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from lingua_shared.command_line.faults import WRONG_USE, CommandError
from lingua_shared.command_line.tasks import Batch, Form
from lingua_shared.report.characters import plain

FLAGS = Group("Input and output", sort_key=1)

_WIDTH_OF_FILES = 140
"""Characters of a line of a table that goes to a file or a pipe."""


@dataclass(kw_only=True)
class InputFlags:
    """What is asked, and how the input is written."""

    question: Annotated[
        str | None, Parameter(name=("--question", "-q"), help="What is asked, where the input does not say.")
    ] = None
    input_form: Annotated[
        Form,
        Parameter(
            name="--input",
            help='How the input is written. "auto": JSON lines in files that end in .jsonl or .ndjson (.gz too) and '
            "where standard input begins with a record, else text: each file is a passage.",
        ),
    ] = "auto"


@dataclass(kw_only=True)
class OutputFlags:
    """Where the output goes."""

    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="File to write, in place of the screen.")
    ] = None
    json: Annotated[
        bool, Parameter(negative="", help="Write the whole result as JSON, one line for each question.")
    ] = False
    quiet: Annotated[bool, Parameter(negative="", help="Say nothing but the result and errors.")] = False


File = Annotated[
    str,
    Parameter(
        allow_leading_hyphen=True,  # for "-"; other names that begin so are refused when they are opened
        help="Files or patterns such as 'docs/**/*.md'; \"-\", or nothing, is standard input.",
    ),
]
JsonLines = Annotated[bool, Parameter(name="--json", negative="", help="Write a line of JSON for each of them.")]
Asked = Annotated[InputFlags | None, Parameter(name="*", group=FLAGS)]
Written = Annotated[OutputFlags | None, Parameter(name="*", group=FLAGS)]


class Counted(Protocol):
    """Is told what was done, for the line of progress."""

    def __call__(self, text: str) -> None:
        """Show that one more is done, and a text beside it."""
        ...


class Screen:
    """Standard error: progress, summaries and errors. Colours are off where it is no terminal, or NO_COLOR is set."""

    def __init__(self, *, quiet: bool = False) -> None:
        """Say everything, or errors only."""
        self.console = Console(stderr=True, highlight=False, emoji=False, markup=False)
        self._quiet = quiet

    def say(self, text: str) -> None:
        """Write a line, unless nothing shall be said."""
        if not self._quiet:
            self.console.print(Text(plain(text)), soft_wrap=True)

    def fail(self, text: str) -> None:
        """Write a line about an error."""
        self.console.print(Text.assemble(("Error: ", "bold red"), plain(text)), soft_wrap=True)

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show that something is going on, in a terminal."""
        is_shown = self.console.is_terminal and not self._quiet
        with self.console.status(text) if is_shown else nullcontext():
            yield

    @contextmanager
    def counting(self, batch: Batch, what: str) -> Iterator[Counted]:
        """Show how much of a batch is done, in a terminal."""
        columns = (
            SpinnerColumn(),
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[beside]}", markup=False),
        )
        bar = Progress(
            *columns[:3], *columns[4:], console=self.console, transient=True, disable=not self.console.is_terminal
        )
        with bar if not self._quiet else nullcontext():
            task = bar.add_task(what, total=None, beside="")

            def count(text: str) -> None:
                sizes = [source.size for source in batch.sources]
                total = None if None in sizes else sum(size or 0 for size in sizes)
                bar.update(task, completed=sum(source.read for source in batch.sources), total=total, beside=text)

            yield count


@contextmanager
def opened(path: Path | None, *, append: bool = False) -> Iterator[IO[str]]:
    """Open a file for writing text; None is standard output.

    Raises:
        CommandError: it cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("a" if append else "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise CommandError(msg) from error


def print_findings(table: RenderableType | None, sentences: Iterable[str]) -> None:
    """Write what was found to standard output: a table, if there is one, a blank line, and sentences."""
    with opened(None) as file:
        width = None if file.isatty() else _WIDTH_OF_FILES
        console = Console(file=file, width=width, highlight=False, emoji=False, markup=False)
        if table is not None:
            console.print(table, "")
        console.print(*sentences, sep="\n", soft_wrap=True)


def write_line(file: IO[str], text: str) -> None:
    """Write a line at once, so that what reads it need not wait."""
    file.write(text + "\n")
    file.flush()


def as_line(value: Any) -> str:
    """Return a value as a line of JSON."""
    return to_json(value, inf_nan_mode="null").decode()


def finished_lines(path: Path) -> int:
    """Return how many lines of a file were finished; the beginning of another one is cut off.

    Raises:
        CommandError: the file cannot be read.
    """
    if not path.exists():
        return 0
    count, end = 0, 0
    try:
        with path.open("r+b") as file:
            for line in file:
                if line.endswith(b"\n"):
                    count, end = count + 1, end + len(line)
            file.truncate(end)
    except OSError as error:
        msg = f"cannot go on with {path}: {error.strerror or error}"
        raise CommandError(msg) from error
    return count


def check_resumable(path: Path | None, *, resume: bool) -> None:
    """Raise where a command shall go on with a file that is not named.

    Raises:
        CommandError: there is no file.
    """
    if resume and path is None:
        msg = "--resume goes on with a file; name it with --output"
        raise CommandError(msg, code=WRONG_USE)
