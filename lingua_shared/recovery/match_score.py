"""Decides whether an answer quotes kept text across a gap or has the same words by chance.

The match score is in bits: a word with a frequency of one in a thousand in the sources counts 10, "the" counts about 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from lingua_shared.recovery.gap_index import Gap, GapIndex, Kind
from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.words import Word
from lingua_shared.text.words import is_spaceless

_ENTITIES = frozenset(("name", "date", "number", "identifier"))


@dataclass(frozen=True)
class Match:
    """A gap, and how much of the text around it stands in the answer.

    Attributes:
        gap: where words were dropped.
        before: keys of the matching words before the gap.
        after: keys of the matching words after the gap.
        boundary_bits: bits for the place where the match begins and for the place where it ends.
        is_within_word: whether the first or last matching word is part of a longer word of the answer.
        outer: the words of the answer before and after the match in the same clause; "" where there is none, or where
            the one before begins a sentence.
        inner: the words of the answer before and after the gap.
        begins_clause: whether the inner word before the gap begins a sentence or clause.
    """

    gap: Gap
    before: Sequence[str]
    after: Sequence[str]
    boundary_bits: tuple[float, float]
    is_within_word: bool
    outer: tuple[str, str]
    inner: tuple[Word, Word]
    begins_clause: bool

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key, best first: the longest match, then the shortest span of the source, then the best passage."""
        return -len(self.before) - len(self.after), self.gap.length, self.gap.source.rank


def occurs_in_sources(match: Match, index: GapIndex) -> bool:
    """Whether a source or question has the two words on each side of the gap as the answer has them."""
    core = POLICY.core_words
    return index.occurs([*match.before[-core:], *match.after[:core]])


def is_quotation(match: Match, kind: Kind, index: GapIndex, min_match: float) -> bool:
    """Whether enough matches to say that the answer quotes the source here.

    Args:
        match: what matches.
        kind: the kind of text that the gap lies in.
        index: the sources; gives the frequencies of words.
        min_match: bits above chance that are needed.
    """
    if match.is_within_word or _may_split_word(match):
        return False
    if _is_within_entity(match, kind):
        return not index.occurs([match.before[-1], match.after[0]]) and not _continues(match, kind)
    sides = [
        bits + sum(log2(index.total / index.counts[key]) for key in side)
        for bits, side in zip(match.boundary_bits, (match.before, match.after), strict=True)
    ]
    bits_of_rare_word = log2(index.total)
    if min(sides) < min(POLICY.min_side_share * bits_of_rare_word, min_match) or _adds_capitals(match):
        return False
    return sum(sides) >= min_match + bits_of_rare_word


def is_shorter_name(match: Match, kind: Kind, index: GapIndex) -> bool:
    """Whether the answer has a name without its middle, in a form that occurs in a source."""
    is_name = kind == "name" and _is_within_entity(match, kind) and not _continues(match, kind)
    return is_name and index.occurs([match.before[-1], match.after[0]])


def _continues(match: Match, kind: Kind) -> bool:
    """Whether the name or number of the answer goes on beyond the match; then it is a different one."""
    sides = zip(match.outer, (match.before, match.after), strict=True)
    is_longer = any(len(side) == 1 and word[:1].isupper() for word, side in sides)
    return match.is_within_word or (kind == "name" and is_longer)


def _may_split_word(match: Match) -> bool:
    """Whether the gap may lie within a word of the answer, in a script that does not separate words."""
    if not all(is_spaceless(word.text[0]) for word in match.inner):
        return False
    sizes = len(match.before), len(match.after)
    return min(sizes) < POLICY.min_spaceless_side or sum(sizes) < POLICY.min_spaceless_match


def _adds_capitals(match: Match) -> bool:
    """Whether the answer has a name ("New York") where the source has common words ("a new ferry from York")."""
    pairs = zip(match.inner, (match.gap.left, match.gap.right), strict=True)
    before, after = (answer.text[0].isupper() and source.text[0].islower() for answer, source in pairs)
    begins_sentence = match.begins_clause and not match.inner[1].text[0].isupper()
    return after or (before and not begins_sentence)


def _is_within_entity(match: Match, kind: Kind) -> bool:
    """Whether the words on both sides are parts of one name, date, number or identifier, which is evidence enough."""
    words = (match.gap.left, match.gap.right, *match.inner)
    return kind in _ENTITIES and (kind != "name" or not any(word.text[0].islower() for word in words))
