"""Shows a report where the user is: under a notebook's cell, in a browser, or in the terminal."""

import sys
import tempfile
import webbrowser
from pathlib import Path

from lingua_shared.report.html import frame, page
from lingua_shared.report.protocol import ReportedResult
from lingua_shared.report.terminal import render


def show(result: ReportedResult) -> None:
    """Show the report of a result.

    In a notebook it appears under the cell. Elsewhere it opens in a browser, from a file in the folder of temporary
    files; where there is no browser, its form for terminals is printed.
    """
    if _is_in_notebook():
        from IPython.display import HTML, display  # noqa: PLC0415 - there in a notebook

        display(HTML(frame(result)))  # type: ignore[no-untyped-call]
    elif not open_in_browser(page(result)):
        sys.stdout.write(render(result) + "\n")


def open_in_browser(html: str) -> bool:
    """Open a page in the browser, and tell whether there is one."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    with tempfile.NamedTemporaryFile("wb", prefix="lingua-", suffix=".html", delete=False) as file:
        file.write(encoded(html))
    return webbrowser.open(Path(file.name).as_uri())


def encoded(html: str) -> bytes:
    """Return a page as bytes; a lone surrogate, which is no character, becomes a question mark."""
    return html.encode("utf-8", "replace")


def _is_in_notebook() -> bool:
    """Whether the code runs in a kernel, which can show HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})
