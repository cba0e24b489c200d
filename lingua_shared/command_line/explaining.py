"""`lingua explain`: shows what was kept, what was dropped and why, in the terminal, as a page, or in the browser."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from lingua_shared.command_line.compressing import one_result, write_page
from lingua_shared.command_line.faults import DONE
from lingua_shared.command_line.flags import Compression, Models
from lingua_shared.command_line.output import FLAGS, Asked, File, InputFlags, Screen, opened, write_line
from lingua_shared.recovery.recoverer import recover
from lingua_shared.report.characters import plain

OfLine = Annotated[
    int | None,
    Parameter(group=FLAGS, help="Line that holds the result or the question, from 1. Default: the first one."),
]


def explain(
    *files: File,
    asked: Asked = None,
    line: OfLine = None,
    answer: Annotated[
        str | None,
        Parameter(
            name=("--answer", "-a"), group=FLAGS, help="An answer of your LLM: shows what is restored in it, too"
        ),
    ] = None,
    html: Annotated[Path | None, Parameter(group=FLAGS, help="Write the report as a page to this file.")] = None,
    browser: Annotated[
        bool, Parameter(name=("--open",), negative="", group=FLAGS, help="Open the report in the browser.")
    ] = False,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Show what is kept of each passage, what is dropped, and the figures behind it.

    Give results that `lingua compress --json` wrote, or whatever `lingua compress` takes.
    """
    from lingua_shared.report.showing import encoded, open_in_browser  # noqa: PLC0415 - late: it loads Jinja

    screen = Screen()
    with screen.working("Compressing ..."):
        result = one_result(files, line, asked or InputFlags(), options, models)
    restored = None if answer is None else recover(answer, result)
    if html is not None:
        write_page(encoded(result.to_html(answer=restored)), html)
        screen.say(f"wrote {html}")
    if browser and not open_in_browser(result.to_html(answer=restored)):
        screen.fail("there is no browser here; write the report to a file with --html")
    if html is None and not browser:
        with opened(None) as file:
            write_line(file, result.render())
            if restored is not None:
                write_line(file, f"Restored  {plain(restored.diff())}")
    return DONE
