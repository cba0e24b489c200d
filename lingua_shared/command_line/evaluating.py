"""`lingua evaluate`: whether answers survive compression on questions of one's own, and what it saves."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter
from rich.table import Table

from lingua_shared.command_line.compressing import write_page
from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Compression, Models, compression_options, model_options
from lingua_shared.command_line.output import FLAGS, Screen, as_line, print_findings
from lingua_shared.command_line.records import Task
from lingua_shared.command_line.tasks import Batch, inputs
from lingua_shared.compressor import PromptCompressor

READER = Group("A model that answers", sort_key=2)

_FORM = '{"question": ..., "passages": [...], "answers": [...]}'

Questions = Annotated[str, Parameter(help=f"File of JSON lines: {_FORM}.")]


def evaluate(
    questions: Questions,
    /,
    *,
    acceptable_loss: Annotated[
        float, Parameter(group=FLAGS, help="Share of answers that may be lost against all passages. Default: 0.05.")
    ] = 0.05,
    first: Annotated[int | None, Parameter(group=FLAGS, help="Take the first questions only.")] = None,
    reader_url: Annotated[
        str | None, Parameter(group=READER, help="Address of an OpenAI-compatible server, up to and with /v1.")
    ] = None,
    reader_model: Annotated[str | None, Parameter(group=READER, help="Name of the model there.")] = None,
    reader_answers: Annotated[
        Path | None,
        Parameter(group=READER, help="File that keeps its answers. Default: FILE.answers.sqlite beside the questions."),
    ] = None,
    reader_timeout: Annotated[
        float, Parameter(group=READER, help="Seconds that one answer may take. Default: 120.")
    ] = 120.0,
    reader_attempts: Annotated[
        int, Parameter(group=READER, help="How often a request is sent at most. Default: 4.")
    ] = 4,
    html: Annotated[Path | None, Parameter(group=FLAGS, help="Write the findings as a page to this file.")] = None,
    json: Annotated[Path | None, Parameter(group=FLAGS, help="Write everything as JSON to this file.")] = None,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Measure on your own questions whether the answers survive, the tokens and the seconds.

    Lingua is compared with all passages, with ranking and cutting at the same budget, and with itself. All differences
    are paired and have 95 % intervals. Questions whose passages hold no accepted answer, and
    those that are answered by yes or no, do not count.

    With --reader-url a model answers from each text, and its answers are counted: right ones, or, where no line has
    accepted answers, those that are the same as from all passages. Its key is taken from READER_API_KEY or
    OPENAI_API_KEY. What it answered is kept, so that the same command goes on where it was stopped.
    """
    from lingua_shared.evaluation.arms import Arms  # noqa: PLC0415 - late: it loads scipy
    from lingua_shared.evaluation.page import page  # noqa: PLC0415
    from lingua_shared.evaluation.trial import measure_of, trial  # noqa: PLC0415
    from lingua_shared.evaluation.verdict import verdict  # noqa: PLC0415
    from lingua_shared.report.showing import encoded  # noqa: PLC0415

    if not 0 <= acceptable_loss < 1:
        msg = f"--acceptable-loss is {acceptable_loss}; give a share from 0 to less than 1"
        raise CommandError(msg, code=WRONG_USE)
    settings = _reader_settings(questions, reader_url, reader_model, reader_answers, reader_timeout, reader_attempts)
    batch, screen, chosen, rows = questions_batch(questions), Screen(), compression_options(options), []
    arms = Arms(PromptCompressor(model_options(models)), chosen)
    cases: list[Any] = []
    with _opened_reader(settings) as reader, screen.counting(batch, "Evaluating") as count:
        for row in trial(_noted(questions_cases(batch, first, need_answers=reader is None), cases), arms, reader):
            rows.append(row)
            count(f"{len(rows)} questions")
    measure = measure_of(cases, with_reader=settings is not None)
    found = verdict(rows, acceptable_loss=acceptable_loss, measure=measure)
    if html is not None:
        content = page(found, rows, source=questions, options=str(chosen), reader=reader_model or "")
        write_page(encoded(content), html)
    if json is not None:
        whole = {**found.as_json(), "options": chosen, "file": questions, "rows": [asdict(row) for row in rows]}
        write_page(as_line({**whole, "reader": reader_model}).encode() + b"\n", json)
    print_findings(_table(found) if found.arms else None, found.sentences)
    return DONE


def _reader_settings(
    questions: str, url: str | None, model: str | None, answers: Path | None, timeout: float, attempts: int
) -> Any:
    """Return how the reader is asked; None where none is."""
    from lingua_shared.evaluation.reading import ReaderSettings  # noqa: PLC0415 - late: it loads scipy

    if (url is None) != (model is None):
        msg = "--reader-url and --reader-model belong together; give both"
        raise CommandError(msg, code=WRONG_USE)
    if timeout <= 0 or attempts < 1:
        msg = f"--reader-timeout is {timeout:g} and --reader-attempts {attempts}; give more than 0"
        raise CommandError(msg, code=WRONG_USE)
    if url is None or model is None:
        return None
    return ReaderSettings(url, model, answers or Path(f"{questions}.answers.sqlite"), timeout, attempts)


def _opened_reader(settings: Any) -> Any:
    from lingua_shared.evaluation.reading import Reader  # noqa: PLC0415

    return Reader(settings) if settings else nullcontext()


def _noted(cases: Iterator[Any], noted: list[Any]) -> Iterator[Any]:
    """Yield cases, and add each to a list."""
    for case in cases:
        noted.append(case)
        yield case


def questions_batch(questions: str) -> Batch:
    """Return the lines of a file of questions.

    Raises:
        CommandError: it holds none.
    """
    work = inputs([questions], form="jsonl").work()
    if isinstance(work, Task):
        msg = f"{questions} holds no questions with their passages; each line holds {_FORM}"
        raise CommandError(msg)
    return work


def questions_cases(batch: Batch, first: int | None, *, need_answers: bool = True) -> Iterator[Any]:
    """Yield the questions of a file with their passages and accepted answers.

    Args:
        batch: lines of the file.
        first: how many of them; None is all.
        need_answers: refuse lines without accepted answers.

    Raises:
        CommandError: a line has no question, or no answers.
    """
    from lingua_shared.evaluation.trial import Case  # noqa: PLC0415 - late: it loads scipy

    for line in islice(batch.lines, first):
        task = line.task(None)
        if not task.question or (need_answers and not task.answers):
            msg = f"{line.place} has no {'answers' if task.question else 'question'}; each line holds {_FORM}"
            msg += "; without answers, name a reader with --reader-url" if task.question else ""
            raise CommandError(msg)
        yield Case(str(task.id or line.number), task.question, tuple(task.texts), task.answers)


def _table(found: Any) -> Table:
    from lingua_shared.evaluation.measures import MEASURES  # noqa: PLC0415 - late, as its neighbours

    measure = MEASURES[found.measure]
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    for name in ("text", measure.label, "tokens", "seconds", "Lingua minus it"):
        table.add_column(name, justify="left" if name == "text" else "right", overflow="fold")
    for arm in found.arms:
        kept, difference = arm.means[measure.name], arm.differences.get(measure.name)
        table.add_row(
            arm.label,
            f"{kept.estimate:.1%} [{kept.low:.1%}, {kept.high:.1%}]",
            f"{arm.means['tokens'].estimate:,.0f}",
            f"{arm.means['seconds'].estimate:.3f}",
            f"{difference.estimate:+.1%} [{difference.low:+.1%}, {difference.high:+.1%}]" if difference else "",
        )
    return table
