"""Chooses which words of a text to keep, segment by segment (LLMLingua, arXiv 2310.05736, algorithm 2).

Each segment is scored after what was kept of those before it. The threshold of a segment comes from its own scores, so
that all segments keep about the same share and the budget is met; the finished text is counted. Knows texts, scores and
counts; no model.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lingua_shared.scoring.protocol import SegmentReader, TokenScores
from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Interval, join, merge, trim
from lingua_shared.text.token_counting import Counter
from lingua_shared.text.words import is_spaceless

SEGMENT_TOKENS = 200
"""Tokens of a segment in the model's tokenizer, at most. The paper has 100, its published code 200."""

Finder = Callable[[str], Sequence[Interval]]
"""Finds spans of characters in a text."""


@dataclass(frozen=True)
class Hold:
    """What the choice of words is bound to.

    Attributes:
        always: finds spans whose words stay; they are paid for before anything else.
        together: finds spans whose words are kept or dropped as a whole.
    """

    always: Finder = lambda _: ()
    together: Finder = lambda _: ()


@dataclass(frozen=True)
class _Group:
    """Words that are kept or dropped together: their characters, model tokens, and tokens of the target LLM."""

    start: int
    end: int
    first: int
    last: int
    cost: int
    is_held: bool


class IterativeSelection:
    """Chooses the words of the texts of one reader, in the reader's order."""

    def __init__(
        self,
        texts: Sequence[str],
        reader: SegmentReader,
        count: Counter,
        *,
        segment_tokens: int = SEGMENT_TOKENS,
        hold: Hold | None = None,
    ) -> None:
        """Start; nothing is read yet.

        Args:
            texts: the texts of the reader.
            reader: scores segments of them.
            count: number of tokens of a text in the target LLM.
            segment_tokens: tokens of a segment in the model's tokenizer, at most.
            hold: what always stays, and what stays together; None holds nothing.
        """
        self._texts = texts
        self._reader = reader
        self._count = count
        self._segment_tokens = segment_tokens
        self._hold = hold or Hold()
        self._costs: dict[str, int] = {}

    def keep_whole(self, index: int) -> list[Interval]:
        """Keep a text as it is, so that later ones are read after it."""
        starts, _ = self._reader.tokens(index)
        self._reader.keep(index, range(len(starts)))
        return [(0, len(self._texts[index]))] if self._texts[index] else []

    def select(self, index: int, budget: int) -> list[Interval]:
        """Return the spans to keep of a text, whose joined text has at most `budget` tokens of the target LLM.

        A text that fits is kept as it is, without a score. What is held may exceed the budget: then the best of it
        stays.

        Args:
            index: of the text.
            budget: tokens of the target LLM.
        """
        text = self._texts[index]
        if self._count(text) <= budget:
            return self.keep_whole(index)
        groups = self._groups(index)
        ranks = self._ranks(index, groups, budget)
        order = sorted(range(len(groups)), key=lambda i: ranks[i])

        def cost(head: Sequence[int]) -> int:
            return self._count(join(text, _spans(text, groups, head)))

        return _spans(text, groups, longest_head(order, cost, budget))

    def _ranks(self, index: int, groups: Sequence[_Group], budget: int) -> list[float]:
        """Return the place of each group in the order of what is kept; 0 for what is held, at most 1 for what fits.

        A group's rank is what it and the better ones of its segment cost, as a share of the segment's budget.
        """
        ranks = [0.0] * len(groups)
        left = budget - sum(group.cost for group in groups if group.is_held)
        open_cost = sum(group.cost for group in groups if not group.is_held)
        for part in self._segments(groups):
            of_part = [i for i in part if not groups[i].is_held]
            scores = self._scores(index, groups, part)
            share = sum(groups[i].cost for i in of_part)
            budget_of_part = max(left, 0) * share / max(open_cost, 1)
            spent = 0
            for i in sorted(of_part, key=lambda i: -scores[i - part.start]):
                spent += groups[i].cost
                ranks[i] = spent / budget_of_part if budget_of_part else float("inf")
            kept = [i for i in part if ranks[i] <= 1]
            left -= sum(groups[i].cost for i in kept if not groups[i].is_held)
            open_cost -= share
            self._reader.keep(index, [token for i in kept for token in range(groups[i].first, groups[i].last)])
        return ranks

    def _scores(self, index: int, groups: Sequence[_Group], part: range) -> np.ndarray:
        """Return the mean score of the tokens of each group of a segment, shape (groups,).

        A group whose tokens have no score gets the mean of the segment.
        """
        first, last = groups[part.start].first, groups[part.stop - 1].last
        if first == last:
            return np.zeros(len(part))
        tokens: TokenScores = self._reader.scores(index, first, last)
        values = tokens.values.astype(np.float64)
        known = values[~np.isnan(values)]
        default = float(known.mean()) if len(known) else 0.0
        return np.asarray([_mean(values[groups[i].first - first : groups[i].last - first], default) for i in part])

    def _segments(self, groups: Sequence[_Group]) -> Iterator[range]:
        """Cut groups into as few segments as possible of about the same number of tokens; the last one is like any."""
        tokens = groups[-1].last
        parts = max(-(-tokens // self._segment_tokens), 1)
        begin, number = 0, 1
        for i, group in enumerate(groups):
            is_last = i == len(groups) - 1
            if is_last or group.last * parts >= tokens * number:
                yield range(begin, i + 1)
                begin = i + 1
                number = group.last * parts // max(tokens, 1) + 1

    def _groups(self, index: int) -> list[_Group]:
        """Return the words of a text, with those in one group that are held together."""
        text = self._texts[index]
        always, together = self._hold.always(text), self._hold.together(text)
        runs = _runs(list(pairwise(segment(text).words)), together)
        _, ends = self._reader.tokens(index)
        # A token belongs to the group that holds its last character.
        lasts = np.searchsorted(ends, [end for _, end in runs], side="right")
        lasts[-1:] = len(ends)
        firsts = [0, *lasts[:-1]]
        is_held = _touched(runs, always)
        return [
            _Group(start, end, int(first), int(last), self._cost(text[start:end]), held)
            for (start, end), first, last, held in zip(runs, firsts, lasts, is_held, strict=True)
        ]

    def _cost(self, piece: str) -> int:
        """Return the tokens that a piece adds to running text: an estimate, since tokens do not add up."""
        if piece not in self._costs:
            words = piece.strip()
            lead = " " if words and not is_spaceless(words[0]) else ""
            self._costs[piece] = self._count(
                f"{lead}{words}\n" if "\n" in piece[len(piece.rstrip()) :] else lead + words
            )
        return self._costs[piece]


def _mean(values: np.ndarray, default: float) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else default


def _spans(text: str, groups: Sequence[_Group], chosen: Sequence[int]) -> list[Interval]:
    return trim(text, merge((groups[i].start, groups[i].end) for i in chosen))


def _runs(words: Sequence[Interval], together: Sequence[Interval]) -> list[Interval]:
    """Return words, with those merged that one span covers."""
    runs: list[Interval] = []
    spans = iter([*merge(together), (words[-1][1], words[-1][1])] if words else ())
    span = next(spans, (0, 0))
    reach = 0
    for start, end in words:
        if runs and start < reach:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
        while span[0] < end and span[1] > span[0]:
            reach = max(reach, span[1])
            span = next(spans)
    return runs


def _touched(runs: Sequence[Interval], spans: Sequence[Interval]) -> list[bool]:
    """Return of each run whether a span has a character in common with it."""
    merged = merge(spans)
    ends = [end for _, end in merged]
    at = np.searchsorted(ends, [start for start, _ in runs], side="right")
    return [bool(i < len(merged) and merged[i][0] < end) for i, (_, end) in zip(at, runs, strict=True)]
