"""Lets passages spend the budget one after the other, each its own share. Knows units and counts; no model.

What a passage leaves over goes to the next one, and what is left at the end to the first ones again, so that no token
of the budget is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lingua_shared.selection.candidates import Candidate, Purchase
from lingua_shared.selection.fitting import longest_head
from lingua_shared.selection.policy import POLICY

Chosen = Mapping[int, Sequence[Purchase]]
"""What is bought of each passage, by its index."""

Buy = Callable[[Candidate, int, Chosen], Sequence[Purchase]]
"""Gives purchases of one passage, what is forced in it first, whose text has at most so many tokens.

It is told what was bought of others. The passages come in their order; one that comes again has more tokens.
"""

Cost = Callable[[Sequence[Purchase]], int]


@dataclass(frozen=True)
class Turns:
    """The passages of a request, in the order in which they spend.

    Attributes:
        candidates: most relevant first.
        forced: what is forced of each passage; all of it fits the budget.
        buy: chooses within one passage.
        cost_of_one: tokens of purchases of one passage, as the prompt shows them.
        cost: tokens of the whole text that purchases make.
        between: tokens that a passage costs beside its text, such as the separator.
    """

    candidates: Sequence[Candidate]
    forced: Chosen
    buy: Buy
    cost_of_one: Cost
    cost: Cost
    between: int = 0

    def spend(self, shares: Sequence[int], budget: int, *, carries: bool) -> list[Purchase]:
        """Return purchases, forced ones first, whose text has at most `budget` tokens.

        Args:
            shares: tokens of each candidate, with what is forced in it and what stands between two passages.
            budget: tokens of the whole text.
            carries: whether what a passage leaves over goes to the others.
        """
        chosen: dict[int, Sequence[Purchase]] = {}
        left = 0
        for candidate, share in zip(self.candidates, shares, strict=True):
            left = share + (left if carries else 0)
            chosen[candidate.index] = self._of_one(candidate, left - self.between, chosen)
            left -= self._paid(chosen[candidate.index])
        purchases = self._within(chosen, budget)
        return self._with_rest(chosen, purchases, budget) if carries else purchases

    def _of_one(self, candidate: Candidate, tokens: int, chosen: Chosen) -> Sequence[Purchase]:
        return self.buy(candidate, tokens, chosen) if tokens > 0 else self.forced[candidate.index]

    def _paid(self, purchases: Sequence[Purchase]) -> int:
        return self.cost_of_one(purchases) + self.between if purchases else 0

    def _within(self, chosen: Chosen, budget: int) -> list[Purchase]:
        """Return all purchases, without the last ones where tokens did not add up and the text is too long."""
        parts = [(self.forced[one.index], chosen[one.index]) for one in self.candidates]
        first = [purchase for forced, _ in parts for purchase in forced]
        rest = [purchase for forced, of_one in parts for purchase in of_one[len(forced) :]]
        return list(longest_head([*first, *rest], self.cost, budget, least=len(first)))

    def _with_rest(
        self, chosen: dict[int, Sequence[Purchase]], purchases: list[Purchase], budget: int
    ) -> list[Purchase]:
        """Let the first passages spend what is left at the end, as long as there is something left."""
        left, tries = budget - self.cost(purchases), POLICY.fit_rounds
        for candidate in self.candidates:
            if left <= (1 - POLICY.fill_target) * budget or not tries:
                break
            before = chosen[candidate.index]
            more = self._of_one(candidate, self._paid(before) + left - self.between, chosen)
            if list(more) == list(before):
                continue
            tried = self._within({**chosen, candidate.index: more}, budget)
            if (now := budget - self.cost(tried)) < left:
                left, purchases = now, tried
                chosen[candidate.index] = more
            else:
                tries -= 1
        return purchases
