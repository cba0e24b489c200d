"""Decides whether an answer quotes kept text across a gap, or has the same words by chance.

Words that are rare in the sources tell; "of" on one side and "the" on the other do not. Knows counts, no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.recovering.index import CORE, Gap, KeptIndex
from lingua_shared.recovering.kinds import Kind
from lingua_shared.segments import is_spaceless

_SHORTEST_TELLING = 4  # characters
_LEAST_SHARE = 200  # a telling word is at most one in so many
_MOST_OFTEN = 2  # in short sources a word may stand so often and tell
_STRONG = 8  # so many words on one side need none that tells on the other


@dataclass(frozen=True)
class Match:
    """A gap in kept text, and how much of the text around it stands in the answer.

    Attributes:
        gap: where words were dropped.
        before: the matching words before the gap, as they are compared.
        after: the matching words behind it.
        begins: whether the quotation begins where the match does: at an edge of the answer, a clause or a quotation.
        ends: the same for its end.
        next_word: the word of the answer that follows the match in the same clause; "" without one.
    """

    gap: Gap
    before: Sequence[str]
    after: Sequence[str]
    begins: bool
    ends: bool
    next_word: str

    @property
    def words(self) -> int:
        """How many words match."""
        return len(self.before) + len(self.after)

    @property
    def order(self) -> tuple[int, int, int]:
        """What the best match has least of: the longest, then of the shortest span, then of the best passage."""
        return -self.words, self.gap.length, self.gap.source.rank


def stands(match: Match, kind: Kind, index: KeptIndex, *, complete_names: bool) -> bool:
    """Whether the words beside the gap stand in a source or a question as the answer has them."""
    if kind in ("any", "quote"):
        return index.stands([*match.before[-CORE:], *match.after[:CORE]])
    if kind == "name" and complete_names:
        return False
    return index.stands([match.before[-1], match.after[0]])


def is_enough(match: Match, kind: Kind, index: KeptIndex, min_match: int) -> bool:
    """Whether so much matches that the answer quotes the source here."""
    if kind == "name" and len(match.after) == 1 and match.next_word[:1].isupper():
        return False  # the answer's name goes on: it is another one
    if kind not in ("any", "quote"):
        return True
    if match.words + match.begins + match.ends < min_match:
        return False
    tells_before = any(_tells(key, index) for key in match.before)
    tells_behind = any(_tells(key, index) for key in match.after)
    if tells_before and tells_behind:
        return True
    carried_before = match.begins or len(match.after) >= _STRONG
    carried_behind = match.ends or len(match.before) >= _STRONG
    return (tells_before and carried_behind) or (tells_behind and carried_before)


def _tells(key: str, index: KeptIndex) -> bool:
    if len(key) < _SHORTEST_TELLING and not (is_spaceless(key[0]) or key.isdigit()):
        return False
    return index.counts[key] <= max(_MOST_OFTEN, index.total / _LEAST_SHARE)
