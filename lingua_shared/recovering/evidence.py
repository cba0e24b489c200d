"""Decides whether an answer quotes kept text across a gap, or has the same words by chance.

Evidence is counted in bits: a word that is one in a thousand of the sources counts 10, "the" counts 4. Knows counts and
the words that match, no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from lingua_shared.recovering.index import CORE, Gap, KeptIndex
from lingua_shared.recovering.kinds import Kind

END_OF_ANSWER = 9.0
"""Bits of evidence where the match begins or ends with the answer: a quotation does, a coincidence seldom."""
END_OF_SENTENCE = 6.0
"""The same at the end of a sentence; also of the last, for a stream cannot wait to see whether another follows."""
END_OF_CLAUSE = 3.0
"""The same at a quotation mark, a parenthesis, a line break or what else parts clauses."""
_WHOLE = frozenset(("name", "date", "number", "identifier"))


@dataclass(frozen=True)
class Match:
    """A gap in kept text, and how much of the text around it stands in the answer.

    Attributes:
        gap: where words were dropped.
        before: the matching words before the gap, as they are compared.
        after: the matching words behind it.
        ends: bits of evidence in where the match begins and ends.
        is_part: whether the first or last word that matches is a part of a longer one in the answer.
        next_word: the word of the answer that follows the match in the same clause; "" without one.
    """

    gap: Gap
    before: Sequence[str]
    after: Sequence[str]
    ends: float
    is_part: bool
    next_word: str

    @property
    def order(self) -> tuple[int, int, int]:
        """What the best match has least of: the longest, then of the shortest span, then of the best passage."""
        return -len(self.before) - len(self.after), self.gap.length, self.gap.source.rank


def stands(match: Match, index: KeptIndex) -> bool:
    """Whether the two words on each side of the gap stand in a source or a question as the answer has them."""
    return index.stands([*match.before[-CORE:], *match.after[:CORE]])


def is_enough(match: Match, kind: Kind, index: KeptIndex, min_match: float) -> bool:
    """Whether so much matches that the answer quotes the source here."""
    if _is_within_one(match, kind):
        return not index.stands([match.before[-1], match.after[0]]) and not _goes_on(match, kind)
    bits = sum(log2(index.total / index.counts[key]) for key in (*match.before, *match.after))
    return bits + match.ends >= min_match + log2(index.total)


def is_shorter_name(match: Match, kind: Kind, index: KeptIndex) -> bool:
    """Whether the answer has a name without its middle, in a form that stands in a source."""
    is_name = kind == "name" and _is_within_one(match, kind) and not _goes_on(match, kind)
    return is_name and index.stands([match.before[-1], match.after[0]])


def _goes_on(match: Match, kind: Kind) -> bool:
    """Whether the name or number in the answer goes on around the match: then it is another one."""
    return match.is_part or (kind == "name" and len(match.after) == 1 and match.next_word[:1].isupper())


def _is_within_one(match: Match, kind: Kind) -> bool:
    """Whether the words on both sides are parts of one name, date, number or identifier: they need no more evidence."""
    outer = (match.gap.left.text, match.gap.right.text)
    return kind in _WHOLE and (kind != "name" or not any(word[0].islower() for word in outer))
