"""Rank and cut, the plain way to fit a budget: whole passages, best first; the last one ends at the end of a word."""

from collections.abc import Callable, Sequence

from lingua_shared.text.segments import segment
from lingua_shared.text.token_counting import Counter

SEPARATOR = "\n\n"


def cut(passages: Sequence[str], budget: int, count: Counter) -> str:
    """Join passages from the first on, as many as the budget holds, and the head of the next one up to a word's end."""

    def join(whole: int, head: str = "") -> str:
        return SEPARATOR.join([*passages[:whole], *([head] if head else [])])

    whole = _most(len(passages), lambda number: count(join(number)) <= budget)
    if whole == len(passages):
        return join(whole)
    next_one = passages[whole]
    heads = [next_one[:border].rstrip() for border in segment(next_one).words]
    best = _most(len(heads) - 1, lambda i: count(join(whole, heads[i])) <= budget)
    return join(whole, heads[best])


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to a limit that fits, found by halving; only 0 is taken without being tried."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
