"""`lingua recover`: restores in an answer the words that compression dropped from what the answer quotes."""

import sys
from typing import Annotated

from cyclopts import Parameter

from lingua_shared.command_line.explaining import OfLine
from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Recovery, recovery_options
from lingua_shared.command_line.output import FLAGS, Screen, as_line, opened, write_line
from lingua_shared.command_line.reading import STDIN, Source
from lingua_shared.command_line.tasks import inputs
from lingua_shared.recovery.recoverer import Recoverer

_CHUNK = 4096


def recover(
    result: Annotated[str, Parameter(help="File that `lingua compress --json` wrote.")],
    answer_file: Annotated[
        str, Parameter(allow_leading_hyphen=True, help='File with the answer; "-", or nothing, is standard input.')
    ] = STDIN,
    /,
    *,
    answer: Annotated[str | None, Parameter(name=("--answer", "-a"), group=FLAGS, help="The answer itself.")] = None,
    line: OfLine = None,
    diff: Annotated[bool, Parameter(negative="", group=FLAGS, help="Show [-removed-] and {+inserted+} text.")] = False,
    json: Annotated[
        bool, Parameter(negative="", group=FLAGS, help="Write the whole record of what was restored as JSON.")
    ] = False,
    options: Recovery = None,
) -> int:
    """Restore an answer to a compressed prompt from its sources.

    An answer on standard input is restored while it comes in.
    """
    saved = inputs([result]).saved_result(line)
    if saved is None:
        msg = f"{result} holds no result; give a .jsonl or .json file that `lingua compress --json` wrote"
        raise CommandError(msg, code=WRONG_USE)
    recoverer = Recoverer(saved, options=recovery_options(options))
    if answer is None and answer_file == STDIN and not (diff or json):
        return _stream(recoverer)
    whole = Source(answer_file).text().rstrip("\n") if answer is None else answer
    restored = recoverer.recover(whole)
    with opened(None) as file:
        write_line(file, as_line(restored) if json else restored.diff() if diff else restored.text)
    Screen().say(f"restored {len(restored.replacements)} places")
    return DONE


def _stream(recoverer: Recoverer) -> int:
    if sys.stdin.isatty():
        Screen().say("type the answer; end it with Ctrl-D")
    stream = recoverer.stream()
    while chunk := sys.stdin.readline(_CHUNK):
        sys.stdout.write(stream.feed(chunk))
        sys.stdout.flush()
    sys.stdout.write(stream.finish())
    Screen().say(f"restored {len(stream.replacements)} places")
    return DONE
