"""Chooses what is kept of the passages within the budget: all passages compete for it, or each has its own share.

Knows scores and counts; no model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from lingua_shared.methods import Recipe
from lingua_shared.selection.assembly import Output
from lingua_shared.selection.beginnings import first_words
from lingua_shared.selection.budgets import PassageBudgets
from lingua_shared.selection.candidates import Candidate, Purchase
from lingua_shared.selection.fitting import fit
from lingua_shared.selection.forced import affordable, forced_purchases, protection
from lingua_shared.selection.plans import RankedUnits, best_passage_first, plan, rank_units
from lingua_shared.selection.repeats import find_repeats
from lingua_shared.selection.turns import Turns

Forced = Mapping[int, Sequence[Purchase]]
"""What is forced of each passage, by its index."""


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

    def forced(self, candidates: Sequence[Candidate]) -> Forced:
        """Return what is forced, without the last passages where it does not fit the budget.

        Raises:
            BudgetError: what is forced in the passages to keep, or in the best passage, exceeds the budget.
        """
        forced = {candidate.index: forced_purchases(candidate, self.recipe) for candidate in candidates}
        keep = self.recipe.keep_passages
        within = affordable(candidates, forced, self.output.cost, budget=self.budget, keep=keep)
        return {candidate.index: forced[candidate.index] for candidate in within}

    def compete(self, candidates: Sequence[Candidate], forced: Forced) -> Sequence[Purchase]:
        """Let the units of all passages compete for the whole budget.

        Args:
            candidates: passages, most relevant first.
            forced: by `forced`.
        """
        first = [purchase for candidate in candidates for purchase in forced[candidate.index]]
        ranked = self.ranked(candidates)
        if self.recipe.unit != "passage":
            ranked = best_passage_first(candidates, ranked, share=self.recipe.whole_share, budget=self.budget)
        plan_for = partial(self._plan(), candidates, ranked, forced=first, repeats=find_repeats(candidates))
        return _fitted(plan_for, first, self.output.cost, self.budget)

    def in_turn(
        self, candidates: Sequence[Candidate], forced: Forced, shares: Sequence[int], budgets: PassageBudgets
    ) -> Sequence[Purchase]:
        """Let each passage spend its own share of the budget, the most relevant one first.

        Args:
            candidates: passages, most relevant first.
            forced: by `forced`.
            shares: tokens of each of them.
            budgets: where these come from.
        """
        truncates = self.recipe.on_empty == "truncate" and not budgets.carries
        cost, make_plan = self.output.cost_of_one, self._plan()

        def buy(candidate: Candidate, tokens: int) -> Sequence[Purchase]:
            first, ranked = forced[candidate.index], self.ranked([candidate])
            bought = _fitted(partial(make_plan, [candidate], ranked, forced=first), first, cost, tokens)
            if bought or not truncates:
                return bought
            head = first_words({candidate.index: candidate}, ranked.units, lambda words: cost([tuple(words)]), tokens)
            return [head] if head else []

        between = self.output.tokens_between if budgets.carries else 0
        turns = Turns(candidates, forced, buy, cost, self.output.cost, between)
        return turns.spend([share + between for share in shares], self.budget, carries=budgets.carries)

    def ranked(self, candidates: Sequence[Candidate]) -> RankedUnits:
        """Return passages or units, those most worth keeping first."""
        if self.recipe.unit == "passage":
            return RankedUnits([candidate.whole for candidate in candidates])
        relevances = [self.relevances[candidate.index] for candidate in candidates]
        return rank_units(candidates, relevances, self.recipe.budget_strength)

    def _plan(self) -> Callable[..., list[Purchase]]:
        return partial(plan, protection=protection(self.recipe), with_words=self.recipe.unit == "word")


def _fitted(
    plan_for: Callable[[int], Sequence[Purchase]],
    first: Sequence[Purchase],
    cost: Callable[[Sequence[Purchase]], int],
    budget: int,
) -> Sequence[Purchase]:
    """Return the purchases, those forced first, that use a budget best."""
    paid = cost(first)
    return fit(lambda allowance: plan_for(max(allowance - paid, 0)), cost, budget, least=len(first))
