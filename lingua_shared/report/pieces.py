"""Takes a result apart for showing: kept and dropped pieces of each passage, places before and after, totals. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lingua_shared.report.characters import one_line
from lingua_shared.report.protocol import (
    ReportedAnswer,
    ReportedKept,
    ReportedPassage,
    ReportedReplacement,
    ReportedResult,
    ReportedSpan,
)

LEVELS = 4
"""Steps of importance that can be told apart, 1 the least; 0 is a piece without a score."""

_LONGEST_TITLE = 90
State = Literal["kept", "dropped", "copy"]


@dataclass(frozen=True)
class Piece:
    """A part of a passage's source.

    Attributes:
        text: its characters.
        is_kept: whether the model reads it.
        level: its importance, from 0 to `LEVELS`.
        importance: the score behind it.
    """

    text: str
    is_kept: bool
    level: int = 0
    importance: float | None = None


@dataclass(frozen=True)
class ShownPassage:
    """A passage with its pieces.

    Attributes:
        passage: the passage of the result.
        state: what became of it.
        place: its place in the text, from 1; None where it is not in the text.
        pieces: they tile the source, or the kept text where the result holds no source.
        tokens: those that are left.
        copy_of: index of the passage that says the same.
        role: what it is in a prompt, such as "instruction"; "" for a retrieved passage.
    """

    passage: ReportedPassage
    state: State
    place: int | None
    pieces: tuple[Piece, ...]
    tokens: int
    copy_of: int | None = None
    role: str = ""

    @property
    def title(self) -> str:
        """Return the beginning of the passage, on one line."""
        whole = "".join(piece.text for piece in self.pieces)
        first = whole.strip().partition("\n")[0]
        return one_line(first, _LONGEST_TITLE) or "(blank)"

    @property
    def share(self) -> float:
        """Return the share of its tokens that is left, in [0, 1]."""
        return min(1.0, self.tokens / self.passage.original_tokens) if self.passage.original_tokens else 0.0


class Pieces:
    """All passages of a result with their pieces: those in the text first, in its order."""

    def __init__(self, result: ReportedResult) -> None:
        """Hold the result."""
        self._result = result

    @cached_property
    def passages(self) -> tuple[ShownPassage, ...]:
        """Return all passages."""
        kept = [
            ShownPassage(one, "kept", place, self._of_kept(one), one.compressed_tokens, role=_role(one))
            for place, one in enumerate(self._result.passages, start=1)
        ]
        dropped = [
            ShownPassage(
                one,
                "dropped" if one.copy_of is None else "copy",
                None,
                (Piece(one.source, is_kept=False),) if one.source else (),
                0,
                one.copy_of,
                _role(one),
            )
            for one in self._result.dropped
        ]
        return (*kept, *dropped)

    @property
    def read(self) -> tuple[tuple[str, int | None], ...]:
        """Return what the model reads, in parts: (text, index of its passage), None for what stands between them."""
        return tuple(_tiled(self._result.text, self._result.passages))

    def _of_kept(self, kept: ReportedKept) -> tuple[Piece, ...]:
        if kept.source is None:
            return (Piece(kept.text, is_kept=True),)
        return tuple(self._cut(kept.source, kept.spans))

    def _cut(self, source: str, spans: Sequence[ReportedSpan]) -> Iterator[Piece]:
        at = 0
        for span in spans:
            if span.start > at:
                yield Piece(source[at : span.start], is_kept=False)
            text = source[span.start : span.end]
            yield Piece(text, is_kept=True, level=self._level(span.importance), importance=span.importance)
            at = span.end
        if at < len(source):
            yield Piece(source[at:], is_kept=False)

    @cached_property
    def _importances(self) -> list[float]:
        spans = (span for passage in self._result.passages for span in passage.spans)
        return sorted({span.importance for span in spans if span.importance is not None})

    def _level(self, importance: float | None) -> int:
        """Return the step of an importance: by its rank among all of them, since scores have no common scale."""
        if importance is None:
            return 0
        rank = bisect_left(self._importances, importance) + 1
        return -(-rank * LEVELS // len(self._importances))


def answer_parts(answer: ReportedAnswer) -> Iterator[tuple[str, ReportedReplacement | None]]:
    """Yield an answer as it is now, in parts, each with what was restored in it; None where nothing was."""
    at = 0
    for replacement in answer.replacements:
        if replacement.start > at:
            yield answer.answer[at : replacement.start], None
        yield replacement.after, replacement
        at = replacement.end
    if at < len(answer.answer):
        yield answer.answer[at:], None


def _role(passage: ReportedPassage) -> str:
    return str(getattr(passage, "role", ""))


def _tiled(text: str, passages: Sequence[ReportedKept]) -> Iterator[tuple[str, int | None]]:
    """Yield the text of the passages, found in their order, and what is around them."""
    at = 0
    for passage in passages:
        start = text.find(passage.text, at) if passage.text else -1
        if start < 0:  # a caller's header changed the text of the passage
            continue
        if start > at:
            yield text[at:start], None
        yield passage.text, passage.index
        at = start + len(passage.text)
    if at < len(text):
        yield text[at:], None
