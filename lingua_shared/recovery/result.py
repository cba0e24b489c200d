"""What recovery returns: the answer, each place that was changed or left alone, and views of the changes.

The models are frozen and the same after a round trip through JSON.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import NamedTuple

import regex as re
from pydantic import BaseModel, ConfigDict, field_serializer

from lingua_shared.recovery.gap_index import Kind
from lingua_shared.recovery.policy import POLICY

_GRAPHEME = re.compile(r"\X")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Replacement(BaseModel):
    """A part of the answer that was restored.

    Attributes:
        start: offset in the original answer.
        end: offset of the end in the original answer.
        before: the part in the original answer: the words on both sides of what was dropped.
        after: the part now: the text of the source on one line. Capital letters that the answer has and the source has
            not stay.
        passage: index of the passage.
        source_start: offset of the part in the passage.
        source_end: offset of its end in the passage.
        kind: what was damaged; of several gaps, the first that is not "any".
        reason: why it was restored, for people.
        result: number of the result that the passage belongs to, from 0.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    before: str
    after: str
    passage: int
    source_start: int
    source_end: int
    kind: Kind
    reason: str
    result: int = 0


class Ambiguity(BaseModel):
    """A part of the answer that was left alone, because sources differ in what was dropped there.

    Attributes:
        start: offset in the original answer.
        end: offset of the end in the original answer.
        before: the part.
        choices: what it could have become.
        passages: index of the passage of each choice.
    """

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    before: str
    choices: tuple[str, ...]
    passages: tuple[int, ...]


class RecoveredAnswer(BaseModel):
    """An answer with what compression had damaged restored.

    Attributes:
        text: the answer now.
        answer: the original answer.
        replacements: what was restored, in the order of the answer.
        ambiguous: what could have been restored in more than one way, and was left alone.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    answer: str
    replacements: tuple[Replacement, ...]
    ambiguous: tuple[Ambiguity, ...]

    @field_serializer("text", "answer", when_used="json")
    def _valid_unicode(self, text: str) -> str:
        """Write a lone surrogate, which JSON in UTF-8 cannot hold, as U+FFFD; offsets stay the same."""
        return _LONE_SURROGATE.sub("\ufffd", text)

    def diff(self) -> str:
        """Return the changes as plain text: [-removed-] and {+inserted+}, grapheme by grapheme."""
        return plain_diff(self.answer, self._changes())

    def to_html(self) -> str:
        """Return the changes as HTML: <del>, and <ins> with the source as its title; all text is escaped."""
        return html_diff(self.answer, self._changes())

    def _changes(self) -> list["Change"]:
        return [
            Change(r.start, r.end, r.after, f"passage {r.passage}, {r.source_start}-{r.source_end}: {r.reason}")
            for r in self.replacements
        ]


class Change(NamedTuple):
    """The characters from start to end of a text became another text; the note says why."""

    start: int
    end: int
    after: str
    note: str


class _Difference(NamedTuple):
    removed: str
    inserted: str
    note: str


def plain_diff(text: str, changes: Sequence[Change]) -> str:
    """Return the text with its changes as [-removed-] and {+inserted+}."""
    parts = (
        part
        if isinstance(part, str)
        else (f"[-{part.removed}-]" if part.removed else "") + (f"{{+{part.inserted}+}}" if part.inserted else "")
        for part in _parts(text, changes)
    )
    return "".join(parts)


def html_diff(text: str, changes: Sequence[Change]) -> str:
    """Return the text with its changes as HTML that keeps white space and the direction of the text."""
    parts = (escape(part) if isinstance(part, str) else _marked(part) for part in _parts(text, changes))
    return f'<div class="lingua-recovered" dir="auto" style="white-space: pre-wrap">{"".join(parts)}</div>'


def _marked(part: _Difference) -> str:
    removed = f"<del>{escape(part.removed)}</del>" if part.removed else ""
    inserted = f'<ins title="{escape(part.note)}">{escape(part.inserted)}</ins>' if part.inserted else ""
    return removed + inserted


def _parts(text: str, changes: Sequence[Change]) -> Iterator[str | _Difference]:
    at = 0
    for change in changes:
        yield text[at : change.start]
        yield from _compared(text[change.start : change.end], change)
        at = change.end
    yield text[at:]


def _compared(before: str, change: Change) -> Iterator[str | _Difference]:
    old, new = _GRAPHEME.findall(before), _GRAPHEME.findall(change.after)
    if len(old) + len(new) > POLICY.max_compared:
        yield _Difference(before, change.after, change.note)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "".join(old[a:b])
        else:
            yield _Difference("".join(old[a:b]), "".join(new[c:d]), change.note)
