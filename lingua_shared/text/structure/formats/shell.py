"""Sessions in a shell or in an interpreter: what was typed behind a prompt, and what came out.

A command with a short output is one unit. Of a longer output, each part needs the command.
"""

from collections.abc import Sequence

import regex as re

from lingua_shared.text.structure.part import Line, Part

MAX_LINES = 6
"""Lines of a command with its output that is one unit."""

_PROMPT = re.compile(
    r"[ \t]{0,12}(?:\([\w.\-]{1,30}\) ?)?(?:"
    r"[$❯➜] (?=\S)|>>> ?|In \[\d{1,4}\]: |PS [A-Z]:\\[^>\n]{0,80}> ?|[A-Z]:\\[^>\n]{0,80}>"
    r"|\[?[\w.\-]{1,32}@[\w.\-]{1,40}[:\] ~][^$#%>\n]{0,60}[$#%>] ?"
    r"|(?:sqlite|mysql|MariaDB|postgres|psql|irb|pry|redis|ftp|gdb|\(gdb\)|\(Pdb\)|iex|ghci|scala|julia)"
    r"[^>#\n]{0,30}[>#]+ "
    r")"
)
_CONTINUED = re.compile(r"[ \t]{0,12}(?:\.\.\.(?: |$)|\.\.\.>|> |   \.\.\.: )")


def parse_shell(part: Part) -> bool:
    """Add the commands of a session. It begins with a prompt, or every fourth line has one."""
    lines = part.lines()
    prompts = [number for number, line in enumerate(lines) if _PROMPT.match(line.text)]
    filled = [number for number, line in enumerate(lines) if not line.is_blank]
    if not prompts or (prompts[0] != filled[0] and 4 * len(prompts) < len(filled)):
        return False
    if len(prompts) == 1 and "\n\n" in part.text.strip():
        return False
    starts = [_with_comment(lines, number) for number in prompts]
    if starts[0] > filled[0]:
        part.inner(part.start, lines[starts[0]].start).parse()
    for first, prompt, last in zip(starts, prompts, [*starts[1:], len(lines)], strict=True):
        _add_command(part, lines[first:last], prompt - first)
    return True


def _with_comment(lines: Sequence[Line], at: int) -> int:
    """Return where a command begins with the comment line above it."""
    return at - 1 if at and lines[at - 1].text.lstrip().startswith("# ") else at


def _add_command(part: Part, lines: Sequence[Line], prompt: int) -> None:
    while lines[-1].is_blank:
        lines = lines[:-1]
    output = prompt + 1
    while output < len(lines) and (
        _CONTINUED.match(lines[output].text) or lines[output - 1].text.rstrip().endswith("\\")
    ):
        output += 1
    if len(lines) <= MAX_LINES or output == len(lines):
        part.add(lines[0].start, lines[-1].end, "code_line")
        return
    command = part.add(lines[0].start, lines[output - 1].end, "code_line")
    part.inner(lines[output].start, lines[-1].end, needs=(command,)).parse()
