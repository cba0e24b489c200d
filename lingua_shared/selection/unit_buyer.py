"""Chooses units within one passage, for its own share of the budget. Knows scores and counts; no model."""

from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.recipe import Recipe
from lingua_shared.selection.assembly import Output
from lingua_shared.selection.beginnings import first_words
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.plans import RankedUnits, fitted_plan, rank_units
from lingua_shared.selection.repeats import Repeats
from lingua_shared.selection.turns import Chosen


@dataclass(frozen=True)
class UnitBuyer:
    """Implements `turns.Buy`: chooses units of a passage by their own scores.

    Attributes:
        recipe: what to do.
        output: the text that purchases make.
        forced: what is forced of each passage.
        repeats: units that say what others say; one that another passage keeps already is bought only with what all
            passages left over.
        truncates: whether a passage that has too few tokens for any unit keeps its first words.
    """

    recipe: Recipe
    output: Output
    forced: Chosen
    repeats: Repeats
    truncates: bool

    def __call__(self, candidate: Candidate, tokens: int, chosen: Chosen) -> Sequence[Purchase]:
        """Return purchases of a passage within its tokens: all of it where that fits, byte for byte."""
        cost, first = self.output.cost_of_one, self.forced[candidate.index]
        repeated, comes_again = self._repeated(candidate, chosen), candidate.index in chosen
        whole = [*first, (candidate.whole,)]
        if (comes_again or not repeated) and cost(whole) <= tokens:
            return whole
        ranked = self._ranked(candidate, repeated, with_repeated=comes_again)
        bought = fitted_plan([candidate], ranked, self.recipe, cost, tokens, forced=first)
        if bought or not self.truncates:
            return bought
        words = first_words({candidate.index: candidate}, ranked.units, lambda head: cost([tuple(head)]), tokens)
        return [words] if words else []

    def _ranked(self, candidate: Candidate, repeated: set[Unit], *, with_repeated: bool) -> RankedUnits:
        """Return the units of a passage, those most worth keeping first, and those that repeat others last or never."""
        if self.recipe.unit == "passage":
            return RankedUnits([candidate.whole])
        ranked = rank_units([candidate], [0.0], 0.0)
        new = [unit for unit in ranked.units if unit not in repeated]
        old = [unit for unit in ranked.units if unit in repeated] if with_repeated else []
        return RankedUnits([*new, *old], ranked.cuttable - repeated)

    def _repeated(self, candidate: Candidate, chosen: Chosen) -> set[Unit]:
        """Return the units that say what is kept of another passage already."""
        return {
            unit for unit in candidate.units if any(_is_kept(other, chosen) for other in self.repeats.get(unit, ()))
        }


def _is_kept(unit: Unit, chosen: Chosen) -> bool:
    kept = (one for purchase in chosen.get(unit.passage, ()) for one in purchase)
    return any(one.start <= unit.start and unit.end <= one.end for one in kept)
