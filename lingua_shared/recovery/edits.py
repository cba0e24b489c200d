"""Builds the edits of an answer, and records what was restored and what was left alone.

Restored gaps that share a word become one replacement.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lingua_shared.recovery.gap_index import Gap, Kind, kind_of
from lingua_shared.recovery.insertable import insertable, is_plain_word
from lingua_shared.recovery.match_score import Match
from lingua_shared.recovery.names import FullName
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.result import Ambiguity, Replacement
from lingua_shared.recovery.words import Word

_NOWHERE = -2  # no position of a kept word, nor next to one


class Edit(NamedTuple):
    """The new text for two words of the answer and the separator between them."""

    before: str
    between: str
    after: str


def edit_for(match: Match) -> Edit | None:
    """Return the edit that restores a gap; None where its text may not be inserted into an answer."""
    gap, (before, after) = match.gap, match.inner
    between = insertable(gap.text, before=gap.left.text, after=gap.right.text)
    if between is None:
        return None
    return Edit(_form(before.text, gap.left.text), between, _form(after.text, gap.right.text))


class EditLog:
    """What happened to an answer so far, in its order."""

    def __init__(self) -> None:
        """Start at the beginning of an answer."""
        self.replacements: list[Replacement] = []
        self.ambiguous: list[Ambiguity] = []
        self._kinds: dict[Gap, Kind] = {}
        self._last_kept = _NOWHERE  # position of the kept word after the last restored gap

    def kind_of(self, gap: Gap) -> Kind:
        """Return the kind of text that a gap lies in; cached, since an answer may come to the same gap often."""
        if gap not in self._kinds:
            self._kinds[gap] = kind_of(gap)
        return self._kinds[gap]

    def can_follow(self, match: Match) -> bool:
        """Whether a match fits the last replacement: they share no word, or the same word of the source."""
        is_adjacent = bool(self.replacements) and self.replacements[-1].end >= match.inner[0].end
        return not is_adjacent or match.gap.at - 1 == self._last_kept

    def is_restored(self, word: Word) -> bool:
        """Whether a word is part of the last replacement."""
        return bool(self.replacements) and self.replacements[-1].end > word.start

    def add(self, match: Match, kind: Kind, edit: Edit) -> None:
        """Record that a gap is restored."""
        made, after = _replacement(match, kind, edit), match.inner[1]
        last = self.replacements[-1] if self.replacements else None
        self._last_kept = match.gap.at
        if not last or last.end != match.inner[0].end:
            self.replacements.append(made)
        elif len(last.after) < POLICY.max_joined:
            self.replacements[-1] = _joined(last, made, edit, after)
        else:
            self.replacements.append(_without_first_word(made, match, edit))

    def complete(self, name: FullName, words: Sequence[Word]) -> None:
        """Record that a name is completed."""
        before = words[0].text + "".join(word.before + word.text for word in words[1:])
        self.replacements.append(
            Replacement(
                start=words[0].start,
                end=words[-1].end,
                before=before,
                after=name.missing + before,
                passage=name.source.index,
                source_start=name.start,
                source_end=name.end,
                kind="name",
                reason="the end of a name that the sources have once",
                result=name.source.result,
            )
        )
        self._last_kept = _NOWHERE

    def leave(self, choices: Sequence[tuple[Match, Edit]]) -> None:
        """Record that these matches contradict each other; once, although a stream may come to the place again."""
        before, after = choices[0][0].inner
        if self.ambiguous and self.ambiguous[-1].start == before.start:
            return
        self.ambiguous.append(
            Ambiguity(
                start=before.start,
                end=after.end,
                before=before.text + after.before + after.text,
                choices=tuple("".join(edit) for _, edit in choices),
                passages=tuple(match.gap.source.index for match, _ in choices),
            )
        )


def _form(answer: str, source: str) -> str:
    """Return a word as the source writes it; capital letters of the answer stay, and so do unusual characters."""
    return source if is_plain_word(source) and _count_capitals(answer) <= _count_capitals(source) else answer


def _count_capitals(text: str) -> int:
    return sum(character.isupper() for character in text)


def _replacement(match: Match, kind: Kind, edit: Edit) -> Replacement:
    gap, (before, after) = match.gap, match.inner
    words = "1 word" if gap.dropped == 1 else f"{gap.dropped} words"
    return Replacement(
        start=before.start,
        end=after.end,
        before=before.text + after.before + after.text,
        after="".join(edit),
        passage=gap.source.index,
        source_start=gap.left.start,
        source_end=gap.right.end,
        kind=kind,
        reason=f"{words} dropped here; {len(match.before)} before and {len(match.after)} after match",
        result=gap.source.result,
    )


def _without_first_word(made: Replacement, match: Match, edit: Edit) -> Replacement:
    """Return a replacement without its first word, which belongs to the previous replacement."""
    after = match.inner[1]
    return made.model_copy(
        update={
            "start": after.start - len(after.before),
            "before": after.before + after.text,
            "after": edit.between + edit.after,
            "source_start": match.gap.left.end,
        }
    )


def _joined(last: Replacement, made: Replacement, edit: Edit, after: Word) -> Replacement:
    return last.model_copy(
        update={
            "end": made.end,
            "before": last.before + after.before + after.text,
            "after": last.after + edit.between + edit.after,
            "source_end": made.source_end,
            "kind": made.kind if last.kind == "any" else last.kind,
            "reason": f"{last.reason}; then {made.reason}",
        }
    )
