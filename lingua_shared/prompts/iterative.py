"""Chooses which words of a text to keep, segment by segment (LLMLingua, arXiv 2310.05736, algorithm 2).

Each segment is scored after what was kept of those before it. The threshold of a segment comes from its own scores, so
that all segments keep about the same share and the budget is met; the finished text is counted. Knows texts, scores and
counts; no model.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from lingua_shared.prompts.groups import Choice, Group, Hold, make_groups
from lingua_shared.scoring.protocol import SegmentReader, TokenScores
from lingua_shared.text.spans import Interval, join
from lingua_shared.text.token_counting import Counter

SEGMENT_TOKENS = 200
"""Tokens of a segment in the model's tokenizer, at most. The paper has 100, its published code 200."""

Before = Literal["kept", "original"]
"""What a segment is read after: what was kept of the text before it, or all of it, as in one plain pass."""


class IterativeSelection:
    """Chooses the words of the texts of one reader, in the reader's order."""

    def __init__(
        self,
        texts: Sequence[str],
        reader: SegmentReader,
        count: Counter,
        *,
        segment_tokens: int = SEGMENT_TOKENS,
        hold: Hold | Sequence[Hold] | None = None,
        before: Before = "kept",
    ) -> None:
        """Start; nothing is read yet.

        Args:
            texts: the texts of the reader.
            reader: scores segments of them.
            count: number of tokens of a text in the target LLM.
            segment_tokens: tokens of a segment in the model's tokenizer, at most.
            hold: what stays, and what stays together, for all texts or for each; None holds nothing.
            before: what a segment is read after.
        """
        self._texts = texts
        self._reader = reader
        self._count = count
        self._segment_tokens = segment_tokens
        self._holds = [hold or Hold()] * len(texts) if isinstance(hold, Hold | None) else list(hold)
        self._costs: dict[str, int] = {}
        self._groups_of: dict[int, list[Group]] = {}
        self._before = before

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
        if self._count(self._texts[index]) <= budget:
            return self.keep_whole(index)
        return self.choose(index, budget).spans(budget)

    def choose(self, index: int, budget: int) -> Choice:
        """Score a text for a budget, and return its groups in the order in which they are kept."""
        groups = self._groups(index)
        ranks = self._ranks(index, groups, budget)
        order = sorted(range(len(groups)), key=lambda i: ranks[i])
        return Choice(self._texts[index], groups, order, self._count)

    def scored(self, index: int) -> tuple[Sequence[Group], np.ndarray]:
        """Return the groups of a text and the score of each, for a reader whose scores do not depend on what is kept.

        Where no token of a group has a score, it gets the mean of the text.
        """
        groups = self._groups(index)
        return groups, self._scores(index, groups, range(len(groups))) if groups else np.zeros(0)

    def least(self, index: int) -> int:
        """Return the tokens of what always stays of a text, with its labels."""
        groups = self._groups(index)
        ranks = [0.0 if group.is_held else 1.0 for group in groups]
        bound = _bound(self._texts[index], groups, ranks, self._holds[index])
        held = [number for number, rank in enumerate(bound) if not rank]
        return self._count(join(self._texts[index], Choice(self._texts[index], groups, held, self._count).all_spans))

    def _groups(self, index: int) -> list[Group]:
        if index not in self._groups_of:
            text, ends = self._texts[index], self._reader.tokens(index)[1]
            self._groups_of[index] = make_groups(text, ends, self._holds[index], self._count, costs=self._costs)
        return self._groups_of[index]

    def _ranks(self, index: int, groups: Sequence[Group], budget: int) -> list[float]:
        """Return the place of each group in the order of what is kept; 0 for what is held, at most 1 for what fits.

        A group's rank is what it and the better ones of its segment cost, as a share of the segment's budget.
        """
        ranks = [0.0] * len(groups)
        left = budget - sum(group.cost for group in groups if group.is_held)
        open_cost = sum(group.cost for group in groups if not group.is_held)
        for part in self._segments(groups):
            of_part = [i for i in part if not groups[i].is_held]
            share = sum(groups[i].cost for i in of_part)
            of_segment = max(left, 0) * share / max(open_cost, 1)
            self._rank_segment(index, groups, part, ranks, of_segment)
            kept = [i for i in part if ranks[i] <= 1]
            left -= sum(groups[i].cost for i in kept if not groups[i].is_held)
            open_cost -= share
            read_on = part if self._before == "original" else kept
            self._reader.keep(index, [token for i in read_on for token in range(groups[i].first, groups[i].last)])
        return _bound(self._texts[index], groups, ranks, self._holds[index])

    def _rank_segment(
        self, index: int, groups: Sequence[Group], part: range, ranks: list[float], budget: float
    ) -> None:
        """Set the ranks of the groups of a segment that are not held."""
        scores = self._scores(index, groups, part)
        spent = 0
        for i in sorted((i for i in part if not groups[i].is_held), key=lambda i: -scores[i - part.start]):
            spent += groups[i].cost
            ranks[i] = spent / budget if budget else 1.0 + spent

    def _scores(self, index: int, groups: Sequence[Group], part: range) -> np.ndarray:
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

    def _segments(self, groups: Sequence[Group]) -> Iterator[range]:
        """Cut groups into as few segments as possible of about the same number of tokens; the last one is like any."""
        tokens = groups[-1].last if groups else 0
        parts = max(-(-tokens // self._segment_tokens), 1)
        begin, number = 0, 1
        for i, group in enumerate(groups):
            is_last = i == len(groups) - 1
            if is_last or group.last * parts >= tokens * number:
                yield range(begin, i + 1)
                begin = i + 1
                number = group.last * parts // max(tokens, 1) + 1


def _bound(text: str, groups: Sequence[Group], ranks: list[float], hold: Hold) -> list[float]:
    """Return ranks with which labels come with what they belong to."""
    starts = [group.start for group in groups]

    def inside(start: int, end: int) -> range:
        return range(*np.searchsorted(starts, [start, end]).tolist())

    bound = list(ranks)
    for label, body in hold.labels(text):
        least = min((bound[i] for i in inside(*body)), default=0.0)
        for i in inside(*label):
            bound[i] = min(bound[i], least)
    return bound


def _mean(values: np.ndarray, default: float) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else default
