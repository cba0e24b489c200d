"""Finds the gaps in kept text across which an answer may quote, for a place between two words of the answer.

Works on an answer that is still arriving: where the words to come could make a difference, it raises `NeedMoreText`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lingua_shared.recovery.gap_index import Gap, GapIndex
from lingua_shared.recovery.match_score import Match
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.protected_regions import Region
from lingua_shared.recovery.words import (
    Word,
    can_be_replaced,
    ends_sentence,
    is_clause_boundary,
    joins_words,
    normalized_separator,
    significant_part,
    surely_ends_sentence,
)


class NeedMoreText(Exception):  # noqa: N818 - no error: the answer has not arrived far enough
    """The next words of the answer decide."""


@dataclass
class AnswerBuffer:
    """The part of an answer that has arrived.

    Attributes:
        words: the words; decided ones are kept as far back as a match can reach, and one more.
        regions: the region of each word.
        is_complete: whether no word follows.
        separator: what is known of the separator after the last word.
    """

    words: list[Word] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    is_complete: bool = False
    separator: str = ""

    def start_bits(self, at: int) -> float:
        """Return the bits for a quotation that begins at a word."""
        return self._boundary_bits(at, inside=at) if at else POLICY.answer_boundary_bits

    def end_bits(self, at: int) -> float:
        """Return the bits for a quotation that ends before a word, which may not have arrived yet.

        Raises:
            NeedMoreText: the word has not arrived.
        """
        if at < len(self.words):
            return self._boundary_bits(at, inside=at - 1)
        if surely_ends_sentence(self.separator) or (self.is_complete and ends_sentence(self.separator)):
            return POLICY.sentence_boundary_bits  # also at the end: a stream cannot wait for another sentence
        if self.is_complete:
            return POLICY.answer_boundary_bits
        raise NeedMoreText

    def can_continue(self, separator: str) -> bool:
        """Whether the next word, which has not arrived, may come after a separator with this significant part."""
        return not self.is_complete and separator.startswith(significant_part(self.separator))

    def _boundary_bits(self, at: int, *, inside: int) -> float:
        """Return the bits for the separator before a word; `inside` is the neighbouring word of the quotation."""
        separator = self.words[at].before
        if ends_sentence(separator):
            return POLICY.sentence_boundary_bits
        if '"' in separator and self.regions[inside].in_json_string:
            return POLICY.answer_boundary_bits
        return POLICY.clause_boundary_bits if is_clause_boundary(separator) else 0.0


def could_match(index: GapIndex, answer: AnswerBuffer) -> bool:
    """Whether there could be a gap after the last word, whatever follows."""
    last, region = answer.words[-1], answer.regions[-1]
    if answer.is_complete or not last.key or region.is_protected or not can_be_replaced(answer.separator):
        return False
    return any(answer.can_continue(separator) for separator in index.separators_after(last.key))


def matches_at(index: GapIndex, answer: AnswerBuffer, at: int) -> list[Match]:
    """Return a match for each gap that the answer could quote across before a word, in no order.

    Raises:
        NeedMoreText: the words to come decide.
    """
    return [_match(index, answer, at, gap) for gap in _gaps_at(index, answer, at)]


def _gaps_at(index: GapIndex, answer: AnswerBuffer, at: int) -> Iterable[Gap]:
    before, after = answer.words[at - 1], answer.words[at]
    if not (before.key and after.key and can_be_replaced(after.before) and _same_region(answer, at)):
        return []
    size = 1
    if index.is_crowded(before.key, after.key):
        if at + 1 == len(answer.words) and not answer.is_complete:
            raise NeedMoreText
        size = POLICY.core_words
    gaps = index.gaps_between([word.key for word in answer.words[max(0, at - size) : at + size]])
    return [gap for gap in gaps if _is_same_separator(after.before, gap.between)]


def _same_region(answer: AnswerBuffer, at: int) -> bool:
    """Whether the words on both sides are unprotected, and no JSON string ends between them."""
    before, after = answer.regions[at - 1], answer.regions[at]
    ends_string = after.in_json_string and '"' in answer.words[at].before
    return not (before.is_protected or after.is_protected or ends_string)


def _is_same_separator(answer: str, kept: str) -> bool:
    """Whether an answer has the separator that the kept text has at a gap, or white space where that is allowed."""
    answer_form = normalized_separator(answer)
    return answer_form == normalized_separator(kept) or not (answer_form or significant_part(kept))


def _match(index: GapIndex, answer: AnswerBuffer, at: int, gap: Gap) -> Match:
    before, after = _count_before(index, answer, at, gap.at), _count_after(index, answer, at, gap.at)
    keys = [word.key for word in answer.words[at - before : at + after]]
    first, end_bits = at - before, answer.end_bits(at + after)
    following = answer.words[at + after] if at + after < len(answer.words) else None
    start_bits = answer.start_bits(first)
    preceding = answer.words[first - 1] if first and not (start_bits or answer.start_bits(first - 1)) else None
    return Match(
        gap,
        before=keys[:before],
        after=keys[before:],
        boundary_bits=(start_bits, end_bits),
        is_within_word=joins_words(answer.words[first].before) or bool(following and joins_words(following.before)),
        outer=(
            preceding.text if preceding and answer.words[first].before.isspace() else "",
            following.text if following and following.before.isspace() else "",
        ),
        inner=(answer.words[at - 1], answer.words[at]),
        begins_clause=answer.start_bits(at - 1) > 0,
    )


def _count_before(index: GapIndex, answer: AnswerBuffer, at: int, kept: int) -> int:
    """Return how many words before a word of the answer match those before a kept word."""
    count = 1
    while count < min(POLICY.context_words, at):
        separator, word = index.separators[kept - count], answer.words[at - count - 1]
        if separator is None or separator != significant_part(answer.words[at - count].before):
            break
        if word.key != index.keys[kept - count - 1]:
            break
        count += 1
    return count


def _count_after(index: GapIndex, answer: AnswerBuffer, at: int, kept: int) -> int:
    """Return how many words from a word of the answer on match those from a kept word on."""
    count = 1
    while count < POLICY.context_words and kept + count < len(index.keys):
        separator = index.separators[kept + count]
        if separator is None:
            break
        if at + count == len(answer.words):
            if answer.can_continue(separator):
                raise NeedMoreText
            break
        word = answer.words[at + count]
        if separator != significant_part(word.before) or not word.key or word.key != index.keys[kept + count]:
            break
        count += 1
    return count
