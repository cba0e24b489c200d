"""Keeps the first words of the best unit, where the budget is too small for any whole unit. Knows texts and counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.cutting import whole_borders
from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.protected_words import has_condition_or_source, protected_spans


def first_words(
    candidates: Mapping[int, Candidate],
    best_first: Iterable[Unit],
    cost: Callable[[Sequence[Unit]], int],
    budget: int,
) -> Purchase:
    """Return the first words of the best unit that can be cut; none where there is no such unit, or no word fits.

    A unit is passed over whose rest could limit what its first words say: one with a negation, a limit or a condition.

    Args:
        candidates: the passages that units are from, by their indices.
        best_first: units, those most worth keeping first.
        cost: tokens of the text that words of one unit make.
        budget: tokens that this text may have.
    """
    best = next((unit for unit in best_first if _may_be_cut_off(candidates[unit.passage], unit)), None)
    if best is None:
        return ()
    borders = whole_borders(candidates[best.passage].text_of(best))
    words = [Unit(best.passage, best.start + a, best.start + b) for a, b in pairwise(borders)]
    return tuple(longest_head(words, cost, budget))


def _may_be_cut_off(candidate: Candidate, unit: Unit) -> bool:
    """Whether the first words of a unit say something true; those of data, or of what needs something else, do not."""
    text = candidate.text_of(unit)
    is_limited = bool(protected_spans(text)) or has_condition_or_source(text)
    return bool(text.strip()) and not is_limited and candidate.can_be_cut(unit) and not candidate.needs(unit)
