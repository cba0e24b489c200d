"""Makes a plan fit a budget exactly, by counting the finished text. Knows texts and counts, no model."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from lingua_shared.selection.candidates import Piece

ENOUGH = 0.97
"""A plan that uses this share of the budget is not extended further."""

_ROUNDS = 6

Plan = Callable[[int], Sequence[Piece]]
Count = Callable[[Sequence[Piece]], int]
Item = TypeVar("Item")


def fit(plan: Plan, count: Count, budget: int, *, least: int = 0) -> Sequence[Piece]:
    """Return the pieces that use a budget best without going over it.

    Sizes of pieces are estimates, for tokens do not add up over borders; so the plan is made for an allowance, counted
    as finished text, cut back where it is over, and made again for more or less until it uses enough.

    Args:
        plan: from an allowance in tokens to pieces, most important first.
        count: tokens of the text that pieces make.
        budget: tokens that the text may have.
        least: how many pieces at the head of every plan are never cut; they fit the budget.
    """
    best: Sequence[Piece] = ()
    best_count = -1
    allowance = budget
    for _ in range(_ROUNDS):
        pieces = plan(allowance)
        over = count(pieces) - budget
        kept = longest_head(pieces, count, budget, least=least) if over > 0 else pieces
        used = count(kept)
        if used > best_count:
            best, best_count = kept, used
        if best_count >= ENOUGH * budget:
            break
        allowance = max(allowance - over, 0)
    return best


def longest_head(
    items: Sequence[Item], count: Callable[[Sequence[Item]], int], budget: int, *, least: int = 0
) -> Sequence[Item]:
    """Return the longest head of the items whose text is within the budget, found by bisection.

    Args:
        items: pieces, or passages.
        count: tokens of the text that a head makes.
        budget: tokens that the text may have.
        least: items at the head that are never cut; they fit the budget.
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
