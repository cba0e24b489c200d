"""Groups of words of a text that are kept or dropped together, and the text that chosen groups make.

Knows texts, spans and counts; no scores, no model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.intervals import Spans, runs_of
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Interval, join, merge, trim
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import is_spaceless

Finder = Callable[[str], Sequence[Interval]]
"""Finds spans of characters in a text."""


def find_nothing(_: str) -> tuple[()]:
    """Find no spans."""
    return ()


@dataclass(frozen=True)
class Hold:
    """What the choice of words is bound to.

    Attributes:
        always: finds spans whose words stay; they are paid for before anything else.
        together: finds spans whose words are kept or dropped as a whole.
        labels: finds pairs of spans, a label and what it belongs to, such as a speaker's name and what is said: the
            label stays where something of the other stays.
        breaks: finds white space between paragraphs that stays where something is kept before and behind it.
    """

    always: Finder = find_nothing
    together: Finder = find_nothing
    labels: Callable[[str], Sequence[tuple[Interval, Interval]]] = find_nothing
    breaks: Finder = find_nothing


@dataclass(frozen=True)
class Group:
    """Words that are kept or dropped together.

    Attributes:
        start: first character.
        end: one behind the last character.
        first: number of the first of its tokens in the model's tokenizer; a token belongs to the group that holds its
            last character.
        last: one behind the number of the last one.
        cost: tokens of the target LLM, estimated.
        is_held: whether it always stays.
        is_break: whether it is white space between paragraphs.
    """

    start: int
    end: int
    first: int
    last: int
    cost: int
    is_held: bool = False
    is_break: bool = False


@dataclass(frozen=True)
class Choice:
    """The groups of a text in the order in which they are kept, so that any budget can be met without another score.

    Attributes:
        text: the text.
        groups: all of it, in order.
        order: numbers of groups, those to keep first.
        count: number of tokens of a text in the target LLM.
    """

    text: str
    groups: Sequence[Group]
    order: Sequence[int]
    count: Counter

    def spans(self, budget: int) -> list[Interval]:
        """Return the spans to keep; their joined text has at most `budget` tokens. A text that fits stays whole."""
        if not self.text or self.count(self.text) <= budget:
            return [(0, len(self.text))] if self.text else []
        head = longest_head(self.order, lambda chosen: self.count(join(self.text, self._spans(chosen))), budget)
        return self._spans(head)

    @property
    def all_spans(self) -> list[Interval]:
        """The spans of all groups of the order."""
        return self._spans(self.order)

    def _spans(self, chosen: Sequence[int]) -> list[Interval]:
        groups = [self.groups[i] for i in sorted(chosen)]
        words = trim(self.text, merge((group.start, group.end) for group in groups if not group.is_break))
        if not words:
            return []
        start, end = words[0][0], words[-1][1]
        breaks: list[Interval] = []
        last_word = start
        for group in groups:
            if not group.is_break:
                last_word = group.end
            elif start < group.start < end and last_word > (breaks[-1][1] if breaks else start):
                breaks.append((group.start, group.end))  # the first one of several in a row
        return merge([*words, *breaks])


def make_groups(
    text: str, token_ends: np.ndarray, hold: Hold, count: Counter, *, costs: dict[str, int] | None = None
) -> list[Group]:
    """Return the groups of a text; they tile it.

    Args:
        text: the text.
        token_ends: one behind the last character of each token of the model.
        hold: what stays, and what stays together.
        count: number of tokens of a text in the target LLM.
        costs: costs of words, which come again; filled by this function.
    """
    costs = {} if costs is None else costs
    breaks = list(hold.breaks(text))
    borders = sorted({*segment(text).words, *(border for span in breaks for border in span)})
    words = list(pairwise(borders))
    runs = [(words[run.start][0], words[run.stop - 1][1]) for run in runs_of(words, _merged(hold.together(text)))]
    lasts = np.searchsorted(token_ends, [end for _, end in runs], side="right")
    lasts[-1:] = len(token_ends)
    held = Spans(_merged(hold.always(text)))
    parted = set(breaks)
    groups = []
    for run, first, last in zip(runs, [0, *lasts][: len(runs)], lasts, strict=True):
        piece = text[slice(*run)]
        if piece not in costs:
            costs[piece] = _cost(piece, count)
        is_break = run in parted
        groups.append(Group(*run, int(first), int(last), costs[piece], held.touch(*run) or is_break, is_break))
    return groups


def _cost(piece: str, count: Counter) -> int:
    """Return the tokens that a piece adds to running text: an estimate, since tokens do not add up."""
    words = piece.strip()
    lead = " " if words and not is_spaceless(words[0]) else ""
    is_end_of_line = "\n" in piece[len(piece.rstrip()) :]
    return count(f"{lead}{words}\n" if is_end_of_line else lead + words)


def _merged(spans: Sequence[Interval]) -> list[Interval]:
    return merge((start, end) for start, end in spans if end > start)
