"""Divides a budget of tokens among texts: each gets the same share of its size, times its weight."""

from collections.abc import Sequence

_STEPS = 60  # halvings of the interval in which the share is looked for; enough for any float


def allocate(sizes: Sequence[int], weights: Sequence[float], room: int, floors: Sequence[int] = ()) -> list[int]:
    """Return a budget for each text; their sum is at most the room, unless the floors alone exceed it.

    A text gets `share * weight * size` tokens, at least its floor and at most its size; the share is the largest that
    the room allows. What rounding leaves goes to the texts with the largest weights.

    Args:
        sizes: tokens of each text.
        weights: how much of a text is kept, compared with others; positive.
        room: tokens for all texts together.
        floors: tokens that each text needs at least, at most its size; () is none.
    """
    floors = floors or [0] * len(sizes)
    triples = list(zip(sizes, weights, floors, strict=True))
    if sum(sizes) <= room:
        return list(sizes)

    def budgets(share: float) -> list[int]:
        return [min(max(int(share * weight * size), floor), size) for size, weight, floor in triples]

    low, high = 0.0, 1.0 / min(weights)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(budgets(middle)) <= room else (low, middle)
    found = budgets(low)
    left = room - sum(found)
    for index in sorted(range(len(sizes)), key=lambda i: -weights[i]):
        extra = min(max(left, 0), sizes[index] - found[index])
        found[index] += extra
        left -= extra
    return found
