"""Decides whether an answer quotes kept text across a gap, or has the same words by chance.

Evidence is counted in bits: a word that is one in a thousand of the sources counts 10, "the" counts 4. Knows counts and
the words that match, no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from lingua_shared.recovery.gap_index import CORE, Gap, KeptIndex
from lingua_shared.recovery.kinds import Kind
from lingua_shared.recovery.words import Word
from lingua_shared.text.segments import is_spaceless

END_OF_ANSWER = 9.0
"""Bits of evidence where the match begins or ends with the answer: a quotation does, a coincidence seldom."""
END_OF_SENTENCE = 6.0
"""The same at the end of a sentence; also of the last, for a stream cannot wait to see whether another follows."""
END_OF_CLAUSE = 3.0
"""The same at a quotation mark, a parenthesis, a line break or what else parts clauses."""
LEAST_OF_SIDE = 0.75
"""Evidence on either side of a gap, as a share of what a word counts that the sources have once: one common word amid a
sentence says nothing, however much matches on the other side."""
LEAST_SPACELESS_SIDE, LEAST_SPACELESS = 2, 5
"""Characters on either side, and on both, of a gap in a script without spaces: few are often a part of a word."""
_WHOLE = frozenset(("name", "date", "number", "identifier"))


@dataclass(frozen=True)
class Match:
    """A gap in kept text, and how much of the text around it stands in the answer.

    Attributes:
        gap: where words were dropped.
        before: the matching words before the gap, as they are compared.
        after: the matching words behind it.
        ends: bits of evidence in where the match begins and where it ends.
        is_part: whether the first or last word that matches is a part of a longer one in the answer.
        beside: the words of the answer before and behind the match in the same clause; "" without one, or where the
            one before begins a sentence.
        inner: the words of the answer before and behind the gap.
        is_first: whether the one before it begins a sentence or a clause.
    """

    gap: Gap
    before: Sequence[str]
    after: Sequence[str]
    ends: tuple[float, float]
    is_part: bool
    beside: tuple[str, str]
    inner: tuple[Word, Word]
    is_first: bool

    @property
    def order(self) -> tuple[int, int, int]:
        """What the best match has least of: the longest, then of the shortest span, then of the best passage."""
        return -len(self.before) - len(self.after), self.gap.length, self.gap.source.rank


def stands(match: Match, index: KeptIndex) -> bool:
    """Whether the two words on each side of the gap stand in a source or a question as the answer has them."""
    return index.stands([*match.before[-CORE:], *match.after[:CORE]])


def is_enough(match: Match, kind: Kind, index: KeptIndex, min_match: float) -> bool:
    """Whether so much matches that the answer quotes the source here."""
    if match.is_part or _is_within_word(match):
        return False
    if _is_within_one(match, kind):
        return not index.stands([match.before[-1], match.after[0]]) and not _goes_on(match, kind)
    sides = [
        bits + sum(log2(index.total / index.counts[key]) for key in side)
        for bits, side in zip(match.ends, (match.before, match.after), strict=True)
    ]
    most = log2(index.total)
    if min(sides) < min(LEAST_OF_SIDE * most, min_match) or _has_more_capitals(match):
        return False
    return sum(sides) >= min_match + most


def is_shorter_name(match: Match, kind: Kind, index: KeptIndex) -> bool:
    """Whether the answer has a name without its middle, in a form that stands in a source."""
    is_name = kind == "name" and _is_within_one(match, kind) and not _goes_on(match, kind)
    return is_name and index.stands([match.before[-1], match.after[0]])


def _goes_on(match: Match, kind: Kind) -> bool:
    """Whether the name or number in the answer goes on around the match: then it is another one."""
    sides = zip(match.beside, (match.before, match.after), strict=True)
    is_longer = any(len(side) == 1 and word[:1].isupper() for word, side in sides)
    return match.is_part or (kind == "name" and is_longer)


def _is_within_word(match: Match) -> bool:
    """Whether the gap may stand within a word of the answer, in a script that does not tell."""
    if not all(is_spaceless(word.text[0]) for word in match.inner):
        return False
    sizes = len(match.before), len(match.after)
    return min(sizes) < LEAST_SPACELESS_SIDE or sum(sizes) < LEAST_SPACELESS


def _has_more_capitals(match: Match) -> bool:
    """Whether the answer has a name ("New York") where the source has common words ("a new ferry from York")."""
    pairs = list(zip(match.inner, (match.gap.left, match.gap.right), strict=True))
    more = [ours.text[0].isupper() and theirs.text[0].islower() for ours, theirs in pairs]
    begins_sentence = match.is_first and not match.inner[1].text[0].isupper()
    return more[1] or (more[0] and not begins_sentence)


def _is_within_one(match: Match, kind: Kind) -> bool:
    """Whether the words on both sides are parts of one name, date, number or identifier: they need no more evidence."""
    outer = (match.gap.left, match.gap.right, *match.inner)
    return kind in _WHOLE and (kind != "name" or not any(word.text[0].islower() for word in outer))
