"""`lingua evaluate`: whether answers survive compression on questions of one's own, and what it saves."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.table import Table

from lingua_shared.command_line.compressing import write_page
from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Compression, Models, compression_options, model_options
from lingua_shared.command_line.output import FLAGS, Screen, as_line, print_findings
from lingua_shared.command_line.records import Task
from lingua_shared.command_line.tasks import Batch, inputs
from lingua_shared.compressor import PromptCompressor

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
    html: Annotated[Path | None, Parameter(group=FLAGS, help="Write the findings as a page to this file.")] = None,
    json: Annotated[Path | None, Parameter(group=FLAGS, help="Write everything as JSON to this file.")] = None,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Measure on your own questions whether the answers survive, the tokens and the seconds.

    Lingua is compared with all passages, with ranking and cutting at the same budget, and with itself. All differences
    are paired and have 95 % intervals. Questions whose passages hold no accepted answer, and
    those that are answered by yes or no, do not count.
    """
    from lingua_shared.evaluation.arms import Arms  # noqa: PLC0415 - late: it loads scipy
    from lingua_shared.evaluation.page import page  # noqa: PLC0415
    from lingua_shared.evaluation.trial import trial  # noqa: PLC0415
    from lingua_shared.evaluation.verdict import verdict  # noqa: PLC0415
    from lingua_shared.report.showing import encoded  # noqa: PLC0415

    if not 0 <= acceptable_loss < 1:
        msg = f"--acceptable-loss is {acceptable_loss}; give a share from 0 to less than 1"
        raise CommandError(msg, code=WRONG_USE)
    batch, screen, chosen, rows = questions_batch(questions), Screen(), compression_options(options), []
    arms = Arms(PromptCompressor(model_options(models)), chosen)
    with screen.counting(batch, "Evaluating") as count:
        for row in trial(questions_cases(batch, first), arms):
            rows.append(row)
            count(f"{len(rows)} questions")
    found = verdict(rows, acceptable_loss=acceptable_loss)
    if html is not None:
        write_page(encoded(page(found, rows, source=questions, options=str(chosen))), html)
    if json is not None:
        whole = {**found.as_json(), "options": chosen, "file": questions, "rows": [asdict(row) for row in rows]}
        write_page(as_line(whole).encode() + b"\n", json)
    print_findings(_table(found) if found.arms else None, found.sentences)
    return DONE


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


def questions_cases(batch: Batch, first: int | None) -> Iterator[Any]:
    """Yield the questions of a file with their passages and accepted answers.

    Args:
        batch: lines of the file.
        first: how many of them; None is all.

    Raises:
        CommandError: a line has no question, or no answers.
    """
    from lingua_shared.evaluation.trial import Case  # noqa: PLC0415 - late: it loads scipy

    for line in islice(batch.lines, first):
        task = line.task(None)
        if not task.question or not task.answers:
            msg = f"{line.place} has no {'answers' if task.question else 'question'}; each line holds {_FORM}"
            raise CommandError(msg)
        yield Case(str(task.id or line.number), task.question, tuple(task.texts), task.answers)


def _table(found: Any) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    for name in ("text", "answer kept", "tokens", "seconds", "Lingua minus it"):
        table.add_column(name, justify="left" if name == "text" else "right", overflow="fold")
    for arm in found.arms:
        kept, difference = arm.means["survived"], arm.differences.get("survived")
        table.add_row(
            arm.label,
            f"{kept.estimate:.1%} [{kept.low:.1%}, {kept.high:.1%}]",
            f"{arm.means['tokens'].estimate:,.0f}",
            f"{arm.means['seconds'].estimate:.3f}",
            f"{difference.estimate:+.1%} [{difference.low:+.1%}, {difference.high:+.1%}]" if difference else "",
        )
    return table
