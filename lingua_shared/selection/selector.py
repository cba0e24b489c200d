"""Chooses what is kept of the passages within the budget: all passages compete for it, or each has its own share.

Knows scores and counts; no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.recipe import Recipe
from lingua_shared.scoring.protocol import AnswerSigns
from lingua_shared.selection.assembly import Output
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.fitting import longest_head
from lingua_shared.selection.forced import affordable, forced_purchases
from lingua_shared.selection.heads import Heads, make_heads
from lingua_shared.selection.plans import RankedUnits, best_passage_first, fitted_plan, rank_units
from lingua_shared.selection.repeats import Repeats, find_repeats
from lingua_shared.selection.turns import Buy, Chosen, Turns


@dataclass(frozen=True)
class Selector:
    """The selection of one request.

    Attributes:
        recipe: what to do.
        output: the text that purchases make.
        budget: tokens that the text may have.
        relevances: of all passages, by their index; higher is more relevant.
    """

    recipe: Recipe
    output: Output
    budget: int
    relevances: Sequence[float]

    def forced(self, candidates: Sequence[Candidate]) -> Chosen:
        """Return what is forced, without the last passages where it does not fit the budget.

        Raises:
            BudgetError: what is forced in the passages to keep, or in the best passage, exceeds the budget.
        """
        forced = {candidate.index: forced_purchases(candidate, self.recipe) for candidate in candidates}
        keep = self.recipe.keep_passages
        within = affordable(candidates, forced, self.output.cost, budget=self.budget, keep=keep)
        return {candidate.index: forced[candidate.index] for candidate in within}

    def compete(self, candidates: Sequence[Candidate], forced: Chosen) -> Sequence[Purchase]:
        """Let the units of all passages compete for the whole budget.

        Args:
            candidates: passages, most relevant first.
            forced: by `forced`.
        """
        ranked = self.ranked(candidates)
        if self.recipe.unit != "passage":
            ranked = best_passage_first(candidates, ranked, share=self.recipe.whole_share, budget=self.budget)
        return self._planned(candidates, ranked, _in_order(forced, candidates), find_repeats(candidates))

    def heads(self, candidates: Sequence[Candidate], forced: Chosen, signs: AnswerSigns) -> Heads:
        """Return the texts that `keep_answer` chooses from.

        Args:
            candidates: passages, most relevant first.
            forced: by `forced`.
            signs: of the candidates, in this order.
        """
        ranked, first = self.ranked(candidates), _in_order(forced, candidates)
        return make_heads(candidates, ranked, signs, forced=first, repeats=find_repeats(candidates))

    def filled(
        self, candidates: Sequence[Candidate], purchases: Sequence[Purchase], units: Sequence[Unit], *, least: int
    ) -> Sequence[Purchase]:
        """Return the longest beginning of purchases that fits the budget, and what else fits of some units.

        Args:
            candidates: passages, most relevant first.
            purchases: forced ones first, which fit.
            units: all that are wanted, those most worth keeping first.
            least: number of forced purchases.
        """
        first = longest_head(purchases, self.output.cost, self.budget, least=least)
        ranked = self.ranked(candidates)
        wanted = RankedUnits(units, ranked.cuttable)
        return self._planned(candidates, wanted, first, {})

    def in_turn(
        self, candidates: Sequence[Candidate], forced: Chosen, shares: Sequence[int], *, carries: bool, buy: Buy
    ) -> Sequence[Purchase]:
        """Let each passage spend its own share of the budget, the most relevant one first.

        Args:
            candidates: passages, most relevant first.
            forced: by `forced`.
            shares: tokens of each of them, as the prompt shows it.
            carries: whether what a passage leaves over goes to the others.
            buy: chooses within a passage.
        """
        between = self.output.tokens_between if carries else 0
        turns = Turns(candidates, forced, buy, self.output.cost_of_one, self.output.cost, between)
        return turns.spend([share + between for share in shares], self.budget, carries=carries)

    def ranked(self, candidates: Sequence[Candidate]) -> RankedUnits:
        """Return passages or units, those most worth keeping first."""
        if self.recipe.unit == "passage":
            return RankedUnits([candidate.whole for candidate in candidates])
        relevances = [self.relevances[candidate.index] for candidate in candidates]
        return rank_units(candidates, relevances, self.recipe.budget_strength)

    def _planned(
        self, candidates: Sequence[Candidate], ranked: RankedUnits, first: Sequence[Purchase], repeats: Repeats
    ) -> Sequence[Purchase]:
        """Return purchases, some first, and behind them the units that fit."""
        return fitted_plan(
            candidates, ranked, self.recipe, self.output.cost, self.budget, forced=first, repeats=repeats
        )


def _in_order(forced: Chosen, candidates: Sequence[Candidate]) -> list[Purchase]:
    """Return what is forced, in the order of the candidates."""
    return [purchase for candidate in candidates for purchase in forced[candidate.index]]
