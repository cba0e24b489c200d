"""Every number that steers the selection of what is kept, with its meaning and where it comes from.

The numbers that depend on the method (`budget_strength`, `coarse_ratio`, `whole_share`) are in `methods.METHODS`.
Knows numbers only.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SelectionPolicy:
    """Numbers of the selection.

    Attributes:
        min_unused_for_words: with `unit="word"`, words are taken only where more than this share of the budget is
            unused.
            By judgement: less is not worth a fragment.
        cut_margin: a unit that does not fit is cut, rather than left out, only where it is worth at most this much less
            than the best one, in z-scores. By judgement: the answer is nearly as often in the second unit.
        shortest_repeat: characters of a sentence that counts as a repeat of another one. By judgement: shorter ones,
            such as "Yes, I do.", may well be said twice.
        alignments_tried: places at which two chunks are compared for an overlap, at most. By judgement: real chunks
            overlap in one way; more places are found only where a chunk says the same many times.
        fill_target: a plan that uses this share of the budget is not extended further. By judgement: each further round
            counts the whole text again.
        fit_rounds: plans that are made, at most, for one request. By judgement: later rounds changed nothing.
    """

    min_unused_for_words: float = 0.03
    cut_margin: float = 1.0
    shortest_repeat: int = 20
    alignments_tried: int = 8
    fill_target: float = 0.97
    fit_rounds: int = 6


POLICY = SelectionPolicy()
