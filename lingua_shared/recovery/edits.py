"""Keeps what was restored and what was left alone, and joins restored pieces that touch."""

from collections.abc import Sequence
from typing import NamedTuple

from lingua_shared.recovery.gap_index import Gap
from lingua_shared.recovery.kinds import Kind, kind_of
from lingua_shared.recovery.match_score import Match
from lingua_shared.recovery.names import FullName
from lingua_shared.recovery.result import Ambiguity, Replacement
from lingua_shared.recovery.separators import on_one_line
from lingua_shared.recovery.words import Word

_NOWHERE = -2  # no place in the kept text, nor next to one
_LONGEST = 500  # characters of a piece that another is joined to


class Piece(NamedTuple):
    """What stands now for two words of the answer and what was between them."""

    before: str
    between: str
    after: str


def restored(match: Match, before: Word, after: Word) -> Piece:
    """Return the source's text for two words of the answer with a gap between them."""
    gap = match.gap
    return Piece(_form(before.text, gap.left.text), on_one_line(gap.text), _form(after.text, gap.right.text))


class Record:
    """What happened to an answer so far, in its order."""

    def __init__(self) -> None:
        """Nothing happened yet."""
        self.replacements: list[Replacement] = []
        self.ambiguous: list[Ambiguity] = []
        self._kinds: dict[Gap, Kind] = {}
        self._last_kept = _NOWHERE  # place in the kept text of the last word restored

    def kind_of(self, gap: Gap) -> Kind:
        """Return the kind of what a gap lies in; an answer may come to the same gap often."""
        if gap not in self._kinds:
            self._kinds[gap] = kind_of(gap)
        return self._kinds[gap]

    def goes_on(self, match: Match, before: Word) -> bool:
        """Whether a match can be restored next to the last one: they share no word, or the same word of the source."""
        touches = bool(self.replacements) and self.replacements[-1].end >= before.end
        return not touches or match.gap.at - 1 == self._last_kept

    def add(self, match: Match, kind: Kind, before: Word, after: Word) -> Piece:
        """Note that a match is restored between two words of the answer, and return what stands there now."""
        piece, made = restored(match, before, after), _replacement(match, kind, before, after)
        last = self.replacements[-1] if self.replacements else None
        self._last_kept = match.gap.at
        if not last or last.end != before.end:
            self.replacements.append(made)
        elif len(last.after) < _LONGEST:
            self.replacements[-1] = _joined(last, made, piece, after)
        else:
            self.replacements.append(_behind(made, match, piece, after))
        return piece

    def is_restored(self, word: Word) -> bool:
        """Whether a word is part of the last piece that was restored."""
        return bool(self.replacements) and self.replacements[-1].end > word.start

    def complete(self, name: FullName, words: Sequence[Word]) -> None:
        """Note that a name was completed."""
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

    def leave(self, matches: list[Match], before: Word, after: Word) -> None:
        """Note that these matches speak against each other; once, though a stream may come to the place again."""
        if self.ambiguous and self.ambiguous[-1].start == before.start:
            return
        self.ambiguous.append(
            Ambiguity(
                start=before.start,
                end=after.end,
                before=before.text + after.before + after.text,
                choices=tuple("".join(restored(match, before, after)) for match in matches),
                passages=tuple(match.gap.source.index for match in matches),
            )
        )


def _form(answer: str, source: str) -> str:
    """Return a word as the source writes it; but a capital letter of the answer stays."""
    return answer if _capitals(answer) > _capitals(source) else source


def _capitals(text: str) -> int:
    return sum(character.isupper() for character in text)


def _replacement(match: Match, kind: Kind, before: Word, after: Word) -> Replacement:
    gap = match.gap
    return Replacement(
        start=before.start,
        end=after.end,
        before=before.text + after.before + after.text,
        after="".join(restored(match, before, after)),
        passage=gap.source.index,
        source_start=gap.left.start,
        source_end=gap.right.end,
        kind=kind,
        reason=f"{_words(gap.dropped)} dropped here; {len(match.before)} before and {len(match.after)} after match",
        result=gap.source.result,
    )


def _behind(made: Replacement, match: Match, piece: Piece, after: Word) -> Replacement:
    """Return a replacement without its first word, which the one before it holds."""
    return made.model_copy(
        update={
            "start": after.start - len(after.before),
            "before": after.before + after.text,
            "after": piece.between + piece.after,
            "source_start": match.gap.left.end,
        }
    )


def _joined(last: Replacement, made: Replacement, piece: Piece, after: Word) -> Replacement:
    return last.model_copy(
        update={
            "end": made.end,
            "before": last.before + after.before + after.text,
            "after": last.after + piece.between + piece.after,
            "source_end": made.source_end,
            "kind": made.kind if last.kind == "any" else last.kind,
            "reason": f"{last.reason}; then {made.reason}",
        }
    )


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"
