"""Shows what changed in an answer, as plain text and as HTML, grapheme by grapheme. Knows changes, no sources."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import NamedTuple

import regex as re

_GRAPHEME = re.compile(r"\X")
_LONGEST = 2000  # graphemes that are compared one by one; the time grows with the square


class Change(NamedTuple):
    """Characters start to end of a text became another text; the note says why."""

    start: int
    end: int
    after: str
    note: str


class _Part(NamedTuple):
    taken: str
    put: str
    note: str


def plain_diff(text: str, changes: Sequence[Change]) -> str:
    """Return the text with its changes as [-taken out-] and {+put in+}."""
    parts = (
        part
        if isinstance(part, str)
        else (f"[-{part.taken}-]" if part.taken else "") + (f"{{+{part.put}+}}" if part.put else "")
        for part in _parts(text, changes)
    )
    return "".join(parts)


def html_diff(text: str, changes: Sequence[Change]) -> str:
    """Return the text with its changes as HTML that keeps white space and the direction of the text."""
    parts = (escape(part) if isinstance(part, str) else _marked(part) for part in _parts(text, changes))
    return f'<div class="lingua-recovered" dir="auto" style="white-space: pre-wrap">{"".join(parts)}</div>'


def _marked(part: _Part) -> str:
    taken = f"<del>{escape(part.taken)}</del>" if part.taken else ""
    put = f'<ins title="{escape(part.note)}">{escape(part.put)}</ins>' if part.put else ""
    return taken + put


def _parts(text: str, changes: Sequence[Change]) -> Iterator[str | _Part]:
    at = 0
    for change in changes:
        yield text[at : change.start]
        yield from _compared(text[change.start : change.end], change)
        at = change.end
    yield text[at:]


def _compared(before: str, change: Change) -> Iterator[str | _Part]:
    old, new = _GRAPHEME.findall(before), _GRAPHEME.findall(change.after)
    if len(old) + len(new) > _LONGEST:
        yield _Part(before, change.after, change.note)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "".join(old[a:b])
        else:
            yield _Part("".join(old[a:b]), "".join(new[c:d]), change.note)
