"""Decides which passages take part in the selection of sentences, and in which order the output has them.

Knows the texts of passages and their sizes; no model.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from lingua_shared.text.words import normalized_text


def choose_passages(
    order: Sequence[int], sizes: Sequence[int], limit: float, *, keep: AbstractSet[int], most: int | None
) -> list[int]:
    """Return the passages that take part in the selection, most relevant first.

    Passages are taken in rank order until their sizes reach the limit; the one that reaches it is taken. Passages to
    keep are always taken, and count towards both bounds.

    Args:
        order: indices, most relevant first.
        sizes: tokens of each passage.
        limit: tokens at which to stop.
        keep: indices that are taken whatever their rank.
        most: largest number of passages; None is no bound.
    """
    taken = set(keep)
    total = sum(sizes[i] for i in keep)
    for index in order:
        if total >= limit or (most is not None and len(taken) >= most):
            break
        if index not in taken:
            taken.add(index)
            total += sizes[index]
    return [index for index in order if index in taken]


def arrange(order: Sequence[int], output_order: str) -> list[int]:
    """Put ranked passages into the order of the output.

    Args:
        order: indices, most relevant first.
        output_order: "original" (as handed in), "relevance" (most relevant first) or "edges" (best first, second best
            last, the rest towards the middle).
    """
    if output_order == "original":
        return sorted(order)
    if output_order == "edges":
        return [*order[::2], *reversed(order[1::2])]
    return list(order)


def blank_passages(passages: Sequence[str], keep: AbstractSet[int]) -> list[int]:
    """Return the passages without any text, which say nothing; none where all passages are blank.

    Args:
        passages: texts.
        keep: indices that are kept whatever they say.
    """
    blank = [index for index, text in enumerate(passages) if not text.strip() and index not in keep]
    return [] if len(blank) == len(passages) else blank


def find_copies(passages: Sequence[str], titles: Sequence[str], keep: AbstractSet[int]) -> dict[int, int]:
    """Return the passages that say exactly what another one says, with the index of that other one.

    Two passages are copies if they have the same title and the same text, apart from case and white space. Of copies
    the first one stays, or else one that is to be kept; blank passages have no copies.

    Args:
        passages: texts.
        titles: of each passage, "" for none; or empty.
        keep: indices that are never counted as copies.
    """
    first: dict[tuple[str, str], int] = {}
    copies: dict[int, int] = {}
    for index in sorted(range(len(passages)), key=lambda i: i not in keep):
        text = normalized_text(passages[index])
        original = first.setdefault((titles[index] if titles else "", text), index)
        if text and original != index and index not in keep:
            copies[index] = original
    return copies
