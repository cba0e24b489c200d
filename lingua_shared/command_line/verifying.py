"""`lingua verify`: what a model can rebuild of the original, and which names, numbers and sentences are lost."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.table import Table

from lingua_shared.command_line.compressing import Run, one_result, write_page
from lingua_shared.command_line.faults import DONE
from lingua_shared.command_line.flags import (
    Compression,
    CompressionFlags,
    ModelFlags,
    Models,
    compression_options,
    model_options,
)
from lingua_shared.command_line.output import (
    FLAGS,
    Asked,
    File,
    InputFlags,
    OutputFlags,
    Screen,
    as_line,
    print_findings,
)
from lingua_shared.command_line.tasks import Batch, inputs
from lingua_shared.compressor import PromptCompressor
from lingua_shared.report.characters import plain
from lingua_shared.result import CompressionResult

_MOST_LISTED = 20
_LONGEST_LISTED = 100  # characters


def verify(
    *files: File,
    llm: Annotated[str, Parameter(group=FLAGS, help="Name of the model, as its server has it.")],
    llm_url: Annotated[
        str | None, Parameter(group=FLAGS, help="Address of an OpenAI-compatible server. Default: that of OpenAI.")
    ] = None,
    asked: Asked = None,
    line: Annotated[int | None, Parameter(group=FLAGS, help="Take this line only, from 1. Default: all lines.")] = None,
    first: Annotated[int | None, Parameter(group=FLAGS, help="Take the first lines only.")] = None,
    json: Annotated[Path | None, Parameter(group=FLAGS, help="Write everything as JSON to this file.")] = None,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Have a model rebuild the original from the compressed text, and list what is lost.

    Give results that `lingua compress --json` wrote, or whatever `lingua compress` takes. The model is asked once for
    each of them. Its key is taken from OPENAI_API_KEY. Names and numbers count as kept where they stand in the text as
    whole words; a sentence, where most of its words stand in one sentence.
    """
    from lingua_shared.evaluation.rebuilding import Writer  # noqa: PLC0415 - late: it is not always needed
    from lingua_shared.evaluation.rebuilding import verify as rebuild  # noqa: PLC0415

    writer, found = Writer(llm_url, llm), []
    with Screen().working("Compressing, and asking the model ..."):
        for result in islice(_results(files, line, asked or InputFlags(), options, models), first):
            found.append(rebuild(result, writer))  # noqa: PERF401 - what was found stays if the next one fails
    if json is not None:
        write_page(as_line({"llm": llm, "verified": found}).encode() + b"\n", json)
    print_findings(_table(found), _listed(found))
    return DONE


def _results(
    files: tuple[str, ...],
    line: int | None,
    asked: InputFlags,
    options: CompressionFlags | None,
    models: ModelFlags | None,
) -> Iterator[CompressionResult]:
    """Yield the saved results, or those of compressing now; all lines where none is named."""
    given = inputs(files, asked.question, asked.input_form)
    if line is not None:
        yield one_result(files, line, asked, options, models)
    elif given.saved_result(None) is not None:
        yield from given.saved_results()
    else:
        work = given.work()
        run = Run(PromptCompressor(model_options(models)), compression_options(options), OutputFlags())
        tasks = (one.task(work.question) for one in work.lines) if isinstance(work, Batch) else iter([work])
        yield from map(run.result, tasks)


def _table(found: Sequence[Any]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    for name in ("", "in the original", "lost in the compressed text", "lost in the rebuilt text", "invented"):
        table.add_column(name, justify="right" if name else "left")
    for losses in zip(*(one.losses for one in found), strict=True):
        of = sum(loss.of for loss in losses)
        lost = [sum(len(getattr(loss, name)) for loss in losses) for name in ("not_kept", "not_rebuilt")]
        shares = [f"{count} ({count / of:.0%})" if of else "0" for count in lost]
        table.add_row(f"{losses[0].kind}s", str(of), *shares, str(sum(len(loss.invented) for loss in losses)))
    return table


def _listed(found: Sequence[Any]) -> Iterator[str]:
    """Yield what the rebuilt texts lost or invented, kind by kind."""
    for losses in zip(*(one.losses for one in found), strict=True):
        for head, name in (("Lost", "not_rebuilt"), ("Invented", "invented")):
            texts = [text for loss in losses for text in getattr(loss, name)]
            if texts:
                yield f"{head} {losses[0].kind}s:"
                yield from (f"  {_short(text)}" for text in texts[:_MOST_LISTED])
            if len(texts) > _MOST_LISTED:
                yield f"  and {len(texts) - _MOST_LISTED} more; --json lists all"


def _short(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= _LONGEST_LISTED else f"{line[: _LONGEST_LISTED - 3]}..."
