"""`lingua compress`: keeps what answers a question, of files, standard input, or JSON lines of any number."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import IO, Annotated, Any

from cyclopts import Parameter

from lingua_shared.command_line.faults import DONE, FAILED, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Compression, Models, compression_options, model_options
from lingua_shared.command_line.output import (
    FLAGS,
    Asked,
    File,
    InputFlags,
    OutputFlags,
    Screen,
    Written,
    as_line,
    check_resumable,
    finished_lines,
    opened,
    write_line,
)
from lingua_shared.command_line.records import Task
from lingua_shared.command_line.tasks import Batch, Line, inputs
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import LinguaError
from lingua_shared.options import CompressionOptions
from lingua_shared.result import CompressionResult

Resume = Annotated[
    bool,
    Parameter(negative="", group=FLAGS, help="Go on behind the last line of --output, after a batch was stopped."),
]


def compress(
    *files: File,
    asked: Asked = None,
    written: Written = None,
    resume: Resume = False,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Keep what answers the question, within the budget.

    Text files are passages of one question, and so are JSON lines that hold a passage each. JSON lines that hold a
    question with its passages each give a line of output each; damaged ones give a line with "error".
    """
    asked, written = asked or InputFlags(), written or OutputFlags()
    check_resumable(written.output, resume=resume)
    work = inputs(files, asked.question, asked.input_form).work()
    run = Run(PromptCompressor(model_options(models)), compression_options(options), written)
    return run.one(work) if isinstance(work, Task) else run.batch(work, resume=resume)


@dataclass
class Run:
    """Compresses tasks and writes what came of them.

    Attributes:
        compressor: the engine.
        options: what to keep.
        written: where the output goes.
    """

    compressor: PromptCompressor
    options: CompressionOptions
    written: OutputFlags

    def result(self, task: Task) -> CompressionResult:
        """Return what is kept of a task's passages."""
        return self.compressor.compress(task.texts, question=task.question, options=self.options)

    def one(self, task: Task) -> int:
        """Compress one task, and write its text or its whole result."""
        screen = Screen(quiet=self.written.quiet)
        with screen.working("Compressing ..."):
            result = self.result(task)
        with opened(self.written.output) as file:
            write_line(file, as_line(result) if self.written.json else result.text)
        screen.say(summary(result))
        for note in result.notes:
            screen.say(f"note: {note}")
        return DONE

    def batch(self, batch: Batch, *, resume: bool = False) -> int:
        """Compress the task of each line, and write a line for each."""
        screen, totals = Screen(quiet=self.written.quiet), Totals()
        path = self.written.output
        done = finished_lines(path) if resume and path else 0
        if done:
            screen.say(f"{path} has {done} lines; going on behind them")
        with opened(path, append=resume) as file, screen.counting(batch, "Compressing") as count:
            for line in islice(batch.lines, done, None):
                self._line(line, batch.question, file, totals)
                count(totals.text)
        screen.say(totals.text)
        return FAILED if totals.failed else DONE

    def _line(self, line: Line, question: str | None, file: IO[str], totals: "Totals") -> None:
        try:
            task = line.task(question)
            result = self.result(task)
        except (LinguaError, CommandError) as error:
            totals.failed += 1
            write_line(file, as_line({"line": line.number, "error": str(error)}))
            return
        totals.add(result)
        shown = result.model_dump(mode="json") if self.written.json else _short(result)
        write_line(file, as_line({**task.labels, **shown}))


class Totals:
    """What a batch came to."""

    def __init__(self) -> None:
        """Begin to count."""
        self.done = self.failed = 0
        self._original = self._compressed = 0
        self._since = perf_counter()

    def add(self, result: CompressionResult) -> None:
        """Count a result."""
        self.done += 1
        self._original += result.original_tokens
        self._compressed += result.compressed_tokens

    @property
    def text(self) -> str:
        """Return the counts on one line."""
        rate = f" ({self._compressed / self._original:.1%})" if self._original else ""
        failed = f"; {self.failed} failed" if self.failed else ""
        return (
            f"{self.done:,} questions: kept {self._compressed:,} of {self._original:,} tokens{rate} in "
            f"{perf_counter() - self._since:.1f} s{failed}"
        )


def summary(result: CompressionResult) -> str:
    """Return the counts of a result on one line."""
    count = len(result.passages) + len(result.dropped)
    answerable = "" if result.answerability is None else f"; answerable with probability {result.answerability:.2f}"
    return (
        f"kept {result.compressed_tokens:,} of {result.original_tokens:,} tokens ({result.rate:.1%}), in "
        f"{len(result.passages)} of {count} passages, {sum(result.seconds.values()):.1f} s{answerable}"
    )


def _short(result: CompressionResult) -> dict[str, Any]:
    return {
        "question": result.question,
        "text": result.text,
        "original_tokens": result.original_tokens,
        "compressed_tokens": result.compressed_tokens,
        "kept_passages": [passage.index for passage in result.passages],
        "answerability": result.answerability,
        "notes": result.notes,
    }


def one_result(
    files: tuple[str, ...],
    line: int | None,
    asked: InputFlags,
    options: Compression,
    models: Models,
) -> CompressionResult:
    """Return a saved result, or compress what the files hold.

    Args:
        files: a file that holds results, or what `compress` takes.
        line: number of the line that holds the result or the question; None is the first.
        asked: what is asked, and how the files are written.
        options: what to keep.
        models: which models.

    Raises:
        CommandError: there is no such line, or a question for a result that is there.
    """
    given = inputs(files, asked.question, asked.input_form)
    saved = given.saved_result(line)
    if saved is None:
        run = Run(PromptCompressor(model_options(models)), compression_options(options), OutputFlags())
        return run.result(given.one(line))
    if asked.question is not None:
        msg = f"{files[0]} holds a result, which has its question; leave --question out"
        raise CommandError(msg, code=WRONG_USE)
    return saved


def write_page(html: bytes, path: Path) -> None:
    """Write a page.

    Raises:
        CommandError: it cannot be written.
    """
    try:
        path.write_bytes(html)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise CommandError(msg) from error
