"""Random whole sentences in their original order, up to the budget: what every compressor has to beat."""

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "random sentences"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(_settings: dict[str, Any]) -> Compress:
    """Load the tokenizer and the sentence breaker."""
    from lingua_shared.text.segments import segment  # noqa: PLC0415
    from lingua_shared.text.token_counting import make_counter  # noqa: PLC0415 - loading is timed

    count = make_counter("cl100k_base")

    def cut(passage: str) -> list[str]:
        borders = segment(passage).sentences
        return [passage[start:end] for start, end in pairwise(borders)]

    return lambda request: {"text": _drawn(request, cut, count), "ranking": None}


def _drawn(request: dict[str, Any], cut: Callable[[str], list[str]], count: Callable[[str], int]) -> str:
    """Add sentences in an order drawn for the request, leaving out each that would exceed the budget."""
    sentences = [(number, text) for number, passage in enumerate(request["passages"]) for text in cut(passage)]
    budget = request["rate"] * count("\n\n".join(request["passages"]))
    order = list(range(len(sentences)))
    random.Random(f"{request['seed']}-{request['id']}").shuffle(order)
    kept: set[int] = set()
    used = 0
    for place in order:
        used_with = used + count(sentences[place][1])
        if used_with <= budget:
            used = used_with
            kept.add(place)
    while count(_joined(sentences, kept)) > budget:  # the joints cost tokens, too
        kept.remove(next(place for place in reversed(order) if place in kept))
    return _joined(sentences, kept)


def _joined(sentences: list[tuple[int, str]], kept: set[int]) -> str:
    passages: dict[int, str] = {}
    for place in sorted(kept):
        number, text = sentences[place]
        passages[number] = passages.get(number, "") + text
    return "\n\n".join(text.strip() for text in passages.values())


if __name__ == "__main__":
    serve(load)
