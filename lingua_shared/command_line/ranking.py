"""`lingua rank`: orders passages by how well they answer a question, and shortens none."""

import sys
from typing import IO, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lingua_shared.command_line.compressing import Run, Totals
from lingua_shared.command_line.faults import DONE, FAILED, CommandError
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
    opened,
    write_line,
)
from lingua_shared.command_line.records import Task
from lingua_shared.command_line.tasks import Batch, inputs
from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import LinguaError
from lingua_shared.report.characters import one_line

_SHORTEST_BEGINNING = 12
_WIDTH_OF_NUMBERS = 36  # of the columns with numbers, and what is between columns
_LONGEST_NAME = 100
Top = Annotated[int | None, Parameter(name=("--top", "-n"), group=FLAGS, help="Show the best ones only.")]


def rank(
    *files: File,
    asked: Asked = None,
    written: Written = None,
    top: Top = None,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Order passages by their relevance to the question; nothing is left out of them.

    In a terminal this is a table; else a line for each passage with relevance, number and name, divided by tabs.
    """
    asked, written = asked or InputFlags(), written or OutputFlags()
    # Everything fits such a budget, so all passages are scored and none is cut.
    chosen = compression_options(options, rate=None, target_tokens=sys.maxsize, score_when_fitting=True)
    run = Run(PromptCompressor(model_options(models)), chosen, written)
    work = inputs(files, asked.question, asked.input_form).work()
    return _one(run, work, top) if isinstance(work, Task) else _batch(run, work, top)


def _one(run: Run, task: Task, top: int | None) -> int:
    with Screen(quiet=run.written.quiet).working("Ranking ..."):
        ranked = _ranked(run, task)[:top]
    with opened(run.written.output) as file:
        if run.written.json:
            for row in ranked:
                write_line(file, as_line(row))
        elif file.isatty():
            console = Console(file=file, highlight=False, emoji=False, markup=False)
            console.print(_table(ranked, console.width))
        else:
            for row in ranked:
                write_line(
                    file, f"{row['relevance']:.4f}\t{row['passage']}\t{one_line(row['name'] or row['text'], 80)}"
                )
    return DONE


def _batch(run: Run, batch: Batch, top: int | None) -> int:
    totals, screen = Totals(), Screen(quiet=run.written.quiet)
    with opened(run.written.output) as file, screen.counting(batch, "Ranking") as count:
        for line in batch.lines:
            try:
                task = line.task(batch.question)
                _write(file, task, _ranked(run, task)[:top])
                totals.done += 1
            except (LinguaError, CommandError) as error:
                totals.failed += 1
                write_line(file, as_line({"line": line.number, "error": str(error)}))
            count(f"{totals.done:,}")
    screen.say(
        f"ranked the passages of {totals.done:,} questions" + (f"; {totals.failed} failed" * bool(totals.failed))
    )
    return FAILED if totals.failed else DONE


def _write(file: IO[str], task: Task, ranked: list[dict[str, Any]]) -> None:
    columns = {name: [row[key] for row in ranked] for name, key in (("order", "passage"), ("relevance", "relevance"))}
    write_line(file, as_line({**task.labels, "question": task.question, **columns}))


def _ranked(run: Run, task: Task) -> list[dict[str, Any]]:
    result = run.result(task)
    best_first = sorted(result.passages, key=lambda one: (-(one.relevance or 0.0), one.index))
    return [
        {
            "passage": one.index,
            "relevance": one.relevance or 0.0,
            "name": task.passages[one.index].name,
            "tokens": one.original_tokens,
            "signals": one.signals,
            "text": task.passages[one.index].text,
        }
        for one in best_first
    ]


def _table(ranked: list[dict[str, Any]], width: int) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    names = [one_line(row["name"], width // 2) for row in ranked]
    left = width - max(map(len, names), default=0) - _WIDTH_OF_NUMBERS
    for name, justify in (("relevance", "right"), ("no.", "right"), ("name", "left"), ("tokens", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("begins with", no_wrap=True)
    for row, name in zip(ranked, names, strict=True):
        beginning = Text(one_line(row["text"], max(_SHORTEST_BEGINNING, left)), "dim")
        cells = (f"{row['relevance']:.3f}", str(row["passage"]), name, f"{row['tokens']:,}")
        table.add_row(*map(Text, cells), beginning)
    return table
