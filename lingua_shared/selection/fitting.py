"""Makes a plan fit a budget exactly, by counting the finished text. Knows units and counts; no model."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from lingua_shared.selection.candidates import Purchase
from lingua_shared.selection.policy import POLICY

Plan = Callable[[int], Sequence[Purchase]]
Count = Callable[[Sequence[Purchase]], int]
Item = TypeVar("Item")


def fit(plan: Plan, count: Count, budget: int, *, least: int = 0) -> Sequence[Purchase]:
    """Return the purchases that use a budget best without exceeding it.

    Sizes of units are estimates, since tokens do not add up across borders. So a plan is made for an allowance, counted
    as finished text, cut back where it is over the budget, and made again for another allowance until it uses enough.

    Args:
        plan: from an allowance in tokens to purchases, most important first.
        count: tokens of the text that purchases make.
        budget: tokens that the text may have.
        least: how many purchases at the beginning of every plan are never cut; they fit the budget.
    """
    best: Sequence[Purchase] = ()
    best_count = -1
    allowance = budget
    before: Sequence[Purchase] | None = None
    for _ in range(POLICY.fit_rounds):
        purchases = plan(allowance)
        if purchases == before:  # what is left buys nothing more
            break
        before = purchases
        over = count(purchases) - budget
        kept = longest_head(purchases, count, budget, least=least) if over > 0 else purchases
        used = count(kept) if over > 0 else budget + over
        if used > best_count:
            best, best_count = kept, used
        if best_count >= POLICY.fill_target * budget:
            break
        allowance = max(allowance - over, 0)
    return best


def fit_beside(plan: Plan, first: Sequence[Purchase], count: Count, budget: int) -> Sequence[Purchase]:
    """Return what `fit` does for plans that begin with purchases that are paid for already.

    Args:
        plan: from tokens for everything else to purchases, these first.
        first: they fit the budget, or nothing else is bought.
        count: tokens of the text that purchases make.
        budget: tokens that the text may have.
    """
    paid = count(first)
    return fit(lambda allowance: plan(max(allowance - paid, 0)), count, budget, least=len(first))


def longest_head(
    items: Sequence[Item], count: Callable[[Sequence[Item]], int], budget: int, *, least: int = 0
) -> Sequence[Item]:
    """Return the longest head of the items whose text is within the budget, found by bisection.

    Args:
        items: purchases, or passages.
        count: tokens of the text that a head makes.
        budget: tokens that the text may have.
        least: items at the beginning that are never cut; they fit the budget.
    """
    if count(items) <= budget:
        return items
    fits, over = least, len(items)
    while over - fits > 1:
        middle = (fits + over) // 2
        if count(items[:middle]) <= budget:
            fits = middle
        else:
            over = middle
    return items[:fits]
