"""Keeps the first words of the best unit, where the budget is too small for any whole unit. Knows texts and counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.cutting import whole_borders
from lingua_shared.selection.fitting import longest_head


def first_words(
    candidates: Mapping[int, Candidate],
    best_first: Iterable[Unit],
    cost: Callable[[Sequence[Unit]], int],
    budget: int,
) -> Purchase:
    """Return the first words of the best unit that can be cut; none where there is no such unit, or no word fits.

    Args:
        candidates: the passages that units are from, by their indices.
        best_first: units, those most worth keeping first.
        cost: tokens of the text that words of one unit make.
        budget: tokens that this text may have.
    """
    # The first words of data, or of what needs something else, say nothing, or something false.
    fit = (unit for unit in best_first if _stands_alone(candidates[unit.passage], unit))
    best = next((unit for unit in fit if candidates[unit.passage].text_of(unit).strip()), None)
    if best is None:
        return ()
    borders = whole_borders(candidates[best.passage].text_of(best))
    words = [Unit(best.passage, best.start + a, best.start + b) for a, b in pairwise(borders)]
    return tuple(longest_head(words, cost, budget))


def _stands_alone(candidate: Candidate, unit: Unit) -> bool:
    return candidate.can_be_cut(unit) and not candidate.needs(unit)
