"""Chooses words of retrieved passages, each within its own share of the budget (LongLLMLingua, section 4.2).

The passages are read in the order of their relevance, segment by segment, each after what was kept before it. Words
that need something else bring it along, such as a row its header; parts of data and code are kept whole or dropped.
Knows scores and counts; no model.
"""

import sys
from collections.abc import Callable, Sequence

import numpy as np

from lingua_shared.prompts.groups import Choice, Hold
from lingua_shared.prompts.iterative import SEGMENT_TOKENS, IterativeSelection
from lingua_shared.scoring.protocol import SegmentReader
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.fitting import longest_head
from lingua_shared.selection.turns import Chosen, Cost
from lingua_shared.text.intervals import Spans
from lingua_shared.text.protected_words import measured_spans, negated_spans
from lingua_shared.text.spans import Interval, merge
from lingua_shared.text.token_counting import Counter


class PassageWords:
    """Implements `turns.Buy`: chooses words of a passage; the model reads each passage once."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        forced: Chosen,
        reader: SegmentReader,
        *,
        count: Counter,
        cost_of_one: Cost,
        named: Callable[[str], Sequence[Interval]],
        by_segments: bool = True,
    ) -> None:
        """Start; nothing is read yet.

        Args:
            candidates: passages, most relevant first.
            forced: what is forced of each of them.
            reader: scores segments of their texts, in the same order.
            count: number of tokens of a text in the target LLM.
            cost_of_one: tokens of purchases of one passage, as the prompt shows them.
            named: finds what stays in a text wherever something of its unit does, since the user names it.
            by_segments: whether each segment of a text keeps about the same share; False compares all of its words.
        """
        self._places = {candidate.index: place for place, candidate in enumerate(candidates)}
        self._forced = forced
        self._cost = cost_of_one
        self._count = count
        self._named = named
        holds = [Hold(together=_Together(candidate)) for candidate in candidates]
        texts = [candidate.text for candidate in candidates]
        segment_tokens = SEGMENT_TOKENS if by_segments else sys.maxsize
        self._selection = IterativeSelection(texts, reader, count, hold=holds, segment_tokens=segment_tokens)
        self._choices: dict[int, Choice] = {}

    def __call__(self, candidate: Candidate, tokens: int, chosen: Chosen) -> Sequence[Purchase]:
        """Return purchases of a passage within its tokens: all of it where that fits, byte for byte."""
        first, place = self._forced[candidate.index], self._places[candidate.index]
        whole = [*first, (candidate.whole,)]
        if self._cost(whole) <= tokens:
            if candidate.index not in chosen:
                self._selection.keep_whole(place)
            return whole
        if place not in self._choices:
            around = candidate.overhead - 1  # what the prompt shows beside the text, without the separator
            self._choices[place] = self._selection.choose(place, max(tokens - around, 0))
        purchases = [*first, *self._purchases(candidate, self._choices[place])]
        return longest_head(purchases, self._cost, tokens, least=len(first))

    def competing(self, candidates: Sequence[Candidate], cost: Cost, budget: int) -> Sequence[Purchase]:
        """Return purchases of all passages, forced ones first, by the scores of words alone, within a budget.

        Args:
            candidates: passages, most relevant first.
            cost: tokens of the whole text that purchases make.
            budget: tokens of the whole text.
        """
        first = [purchase for candidate in candidates for purchase in self._forced[candidate.index]]
        wanted: list[tuple[float, Purchase]] = []
        for candidate in candidates:
            groups, values = self._selection.scored(self._places[candidate.index])
            choice = Choice(candidate.text, groups, np.argsort(-values, kind="stable").tolist(), self._count)
            numbered = self._numbered_purchases(candidate, choice)
            wanted += [(float(values[number]), purchase) for number, purchase in numbered]
        wanted.sort(key=lambda one: -one[0])
        return longest_head([*first, *(purchase for _, purchase in wanted)], cost, budget, least=len(first))

    def _purchases(self, candidate: Candidate, choice: Choice) -> list[Purchase]:
        """Return the words of a passage, those to keep first, each group with what it needs."""
        return [purchase for _, purchase in self._numbered_purchases(candidate, choice)]

    def _numbered_purchases(self, candidate: Candidate, choice: Choice) -> list[tuple[int, Purchase]]:
        """Return the same with the number of the group of each."""
        structure = candidate.segments.structure
        words = [Unit(candidate.index, group.start, group.end) for group in choice.groups]
        units = [structure.units[structure.unit_at(word.start)].start for word in words]
        named = self._named_words(candidate, words, units)
        ordered = (number for number in choice.order if units[number] in named)
        return [(i, (*candidate.needs(words[i]), *named[units[i]], words[i])) for i in ordered]

    def _named_words(self, candidate: Candidate, words: Sequence[Unit], units: Sequence[int]) -> dict[int, list[Unit]]:
        """Return the words that stay in each unit of content wherever something of it does, by its first character."""
        named: dict[int, list[Unit]] = {unit.start: [] for unit in candidate.units}
        spans = [
            (unit.start + start, unit.start + end)
            for unit in candidate.units
            for start, end in self._named(candidate.text_of(unit))
        ]
        hits = Spans(merge(spans))
        for word, unit in zip(words, units, strict=True):
            if unit in named and hits.touch(word.start, word.end):
                named[unit].append(word)
        return named


class _Together:
    """Finds what is kept or dropped as a whole in the text of a passage."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    def __call__(self, text: str) -> list[Interval]:
        whole = [_without_blanks(text, u) for u in self._candidate.units if not self._candidate.can_be_cut(u)]
        return [*measured_spans(text), *negated_spans(text), *whole]


def _without_blanks(text: str, unit: Unit) -> Interval:
    """Return a unit without the white space at its ends, so that it does not touch the next one, such as a line."""
    inside = text[unit.start : unit.end]
    return unit.end - len(inside.lstrip()), unit.start + len(inside.rstrip())
