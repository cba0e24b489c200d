"""`lingua doctor`: says what is installed, what is missing, and the command that mends it."""

from rich.console import Console
from rich.text import Text

from lingua_shared.command_line.checks import Finding, findings
from lingua_shared.command_line.faults import DONE, FAILED
from lingua_shared.command_line.output import JsonLines, Screen, as_line, opened, write_line

_MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "broken": ("broken", "bold red")}
_NAME_WIDTH = 22


def doctor(*, json: JsonLines = False) -> int:
    """Check the installation: versions, device, models, tokenizer, and a compression.

    Each finding that is not "ok" names the command that mends it. The exit code is 1 where something is broken.
    """
    found = []
    with opened(None) as file, Screen().working("Checking ..."):
        console = Console(file=file, highlight=False, emoji=False, markup=False)
        area = ""
        for finding in findings():
            found.append(finding)
            if json:
                write_line(file, as_line(finding))
                continue
            if finding.area != area:
                console.print(Text(finding.area, "bold"))
                area = finding.area
            console.print(_shown(finding), soft_wrap=True)
        broken = [finding for finding in found if finding.state == "broken"]
        if not json:
            console.print(_conclusion(found, len(broken)))
    return FAILED if broken else DONE


def _shown(finding: Finding) -> Text:
    mark, style = _MARKS[finding.state]
    text = Text.assemble("  ", (f"{mark:<8}", style), f"{finding.name:<{_NAME_WIDTH}} ", finding.detail)
    if finding.mend:
        text.append(f"\n{'':>11}to mend: ", "dim").append(finding.mend, "cyan")
    return text


def _conclusion(found: list[Finding], broken: int) -> Text:
    if broken:
        return Text(f"{broken} of {len(found)} checks found something broken", "bold red")
    notes = sum(finding.state == "note" for finding in found)
    return Text("everything works" + (f"; {notes} notes on what is not needed by everyone" * bool(notes)), "bold green")
