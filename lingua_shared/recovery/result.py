"""What recovery gives back: the answer, and each place that was changed or left alone, with its source.

Frozen, and the same after a round trip through JSON.
"""

from pydantic import BaseModel, ConfigDict

from lingua_shared.recovery.diff import Change, html_diff, plain_diff
from lingua_shared.recovery.kinds import Kind


class Replacement(BaseModel):
    """A piece of the answer that was restored.

    Attributes:
        start: where it begins in the answer handed in.
        end: where it ends there.
        before: the piece as handed in: the words on both sides of what was dropped.
        after: what stands there now: the source from start to end, with line breaks as spaces; a capital letter that
            the answer has more than the source stays.
        passage: index of the passage.
        source_start: where the piece begins in the passage.
        source_end: where it ends there.
        kind: what was damaged; of several gaps in a piece the first that is not "any".
        reason: why it was restored, for people.
        result: which of several results the passage belongs to, from 0.
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
    """A piece of the answer that was left alone, because sources differ in what was dropped there.

    Attributes:
        start: where it begins in the answer handed in.
        end: where it ends there.
        before: the piece.
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
        answer: the answer as handed in.
        replacements: what was restored, in the order of the answer.
        ambiguous: what could have been restored in two ways, and was left alone.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    answer: str
    replacements: tuple[Replacement, ...]
    ambiguous: tuple[Ambiguity, ...]

    def diff(self) -> str:
        """Return what changed as plain text: [-taken out-] and {+put in+}, character by character."""
        return plain_diff(self.answer, self._changes())

    def to_html(self) -> str:
        """Return what changed as HTML: <del> and <ins>, the latter with its source as a title; all text is escaped."""
        return html_diff(self.answer, self._changes())

    def _changes(self) -> list[Change]:
        return [
            Change(r.start, r.end, r.after, f"passage {r.passage}, {r.source_start}-{r.source_end}: {r.reason}")
            for r in self.replacements
        ]
