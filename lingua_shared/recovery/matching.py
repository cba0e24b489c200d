"""Finds, for the place between two words of an answer, the gap in kept text that the answer quotes across.

Reads as far as it can: where the words to come could still make a difference, it says so. Changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lingua_shared.recovery.gap_index import CORE, REACH, Gap, KeptIndex
from lingua_shared.recovery.match_score import END_OF_ANSWER, END_OF_CLAUSE, END_OF_SENTENCE, Match
from lingua_shared.recovery.protected_regions import Place
from lingua_shared.recovery.separators import (
    ends_sentence,
    hard,
    is_edge,
    is_joint,
    is_open,
    is_sure_end,
    shape,
)
from lingua_shared.recovery.words import Word


class NotYet(Exception):  # noqa: N818 - no error: the answer has not come far enough
    """What comes next in the answer decides."""


@dataclass
class Heard:
    """The part of an answer that was read: its words, and what is known of those to come.

    Attributes:
        words: the words; of those that are decided as many are left as a match can reach back, and one more.
        places: where each of them stands.
        is_ended: whether no word follows.
        separator: what is known of the separator behind the last word.
    """

    words: list[Word] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    is_ended: bool = False
    separator: str = ""

    def begins(self, at: int) -> float:
        """Bits of evidence that a quotation begins at a word."""
        return self._edge(at, inside=at) if at else END_OF_ANSWER

    def ends(self, at: int) -> float:
        """Bits of evidence that a quotation ends before a word, which may be still to come.

        Raises:
            NotYet: the word has not come.
        """
        if at < len(self.words):
            return self._edge(at, inside=at - 1)
        if is_sure_end(self.separator) or (self.is_ended and ends_sentence(self.separator)):
            return END_OF_SENTENCE
        if self.is_ended:
            return END_OF_ANSWER
        raise NotYet

    def _edge(self, at: int, *, inside: int) -> float:
        """Bits of evidence in the separator before a word; `inside` is the word next to it that a quotation has."""
        separator = self.words[at].before
        if ends_sentence(separator):
            return END_OF_SENTENCE
        if '"' in separator and self.places[inside].is_json:
            return END_OF_ANSWER
        return END_OF_CLAUSE if is_edge(separator) else 0.0

    def may_go_on(self, seam: str) -> bool:
        """Whether the next word, which has not come, may stand behind such a separator."""
        return not self.is_ended and seam.startswith(hard(self.separator))


def could_match(index: KeptIndex, heard: Heard) -> bool:
    """Whether a gap could turn up behind the last word, whatever comes."""
    last, place = heard.words[-1], heard.places[-1]
    if heard.is_ended or not last.key or place.is_guarded or not is_open(heard.separator):
        return False
    return any(heard.may_go_on(seam) for seam in index.seams_behind(last.key))


def matches_at(index: KeptIndex, heard: Heard, at: int) -> list[Match]:
    """Return what the answer could quote across the place before a word, in no order.

    Raises:
        NotYet: the words to come decide.
    """
    return [_match(index, heard, at, gap) for gap in _gaps_at(index, heard, at)]


def _gaps_at(index: KeptIndex, heard: Heard, at: int) -> Iterable[Gap]:
    before, after = heard.words[at - 1], heard.words[at]
    if not (before.key and after.key and is_open(after.before) and _is_one_place(heard, at)):
        return []
    size = 1
    if index.is_crowded(before.key, after.key):
        if at + 1 == len(heard.words) and not heard.is_ended:
            raise NotYet
        size = CORE
    gaps = index.gaps_between([word.key for word in heard.words[max(0, at - size) : at + size]])
    return [gap for gap in gaps if _is_like(after.before, gap.between)]


def _is_one_place(heard: Heard, at: int) -> bool:
    """Whether the words on both sides stand in the same text: neither is guarded, and no JSON string ends there."""
    before, after = heard.places[at - 1], heard.places[at]
    ends_string = after.is_json and '"' in heard.words[at].before
    return not (before.is_guarded or after.is_guarded or ends_string)


def _is_like(answer: str, kept: str) -> bool:
    """Whether an answer has the separator that the kept text has at a gap, or white space alone for a soft one."""
    return shape(answer) == shape(kept) or not (shape(answer) or hard(kept))


def _match(index: KeptIndex, heard: Heard, at: int, gap: Gap) -> Match:
    before, after = _reach_back(index, heard, at, gap.at), _reach_on(index, heard, at, gap.at)
    keys = [word.key for word in heard.words[at - before : at + after]]
    first, ends = at - before, heard.ends(at + after)
    following = heard.words[at + after] if at + after < len(heard.words) else None
    edge = heard.begins(first)
    preceding = heard.words[first - 1] if first and not (edge or heard.begins(first - 1)) else None
    return Match(
        gap,
        before=keys[:before],
        after=keys[before:],
        ends=(edge, ends),
        is_part=is_joint(heard.words[first].before) or bool(following and is_joint(following.before)),
        beside=(
            preceding.text if preceding and heard.words[first].before.isspace() else "",
            following.text if following and following.before.isspace() else "",
        ),
        inner=(heard.words[at - 1], heard.words[at]),
        is_first=heard.begins(at - 1) > 0,
    )


def _reach_back(index: KeptIndex, heard: Heard, at: int, kept: int) -> int:
    """How many words before a place of the answer match those before a place of the kept text."""
    count = 1
    while count < min(REACH, at):
        seam, word = index.seams[kept - count], heard.words[at - count - 1]
        if seam is None or seam != hard(heard.words[at - count].before) or word.key != index.keys[kept - count - 1]:
            break
        count += 1
    return count


def _reach_on(index: KeptIndex, heard: Heard, at: int, kept: int) -> int:
    """How many words behind a place of the answer match those behind a place of the kept text."""
    count = 1
    while count < REACH and kept + count < len(index.keys):
        seam = index.seams[kept + count]
        if seam is None:
            break
        if at + count == len(heard.words):
            if heard.may_go_on(seam):
                raise NotYet
            break
        word = heard.words[at + count]
        if seam != hard(word.before) or not word.key or word.key != index.keys[kept + count]:
            break
        count += 1
    return count
