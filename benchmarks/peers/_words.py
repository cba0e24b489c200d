"""Words in an order that knows nothing of their meaning, up to the budget: what compressors have to beat."""

from collections.abc import Callable
from typing import Any

from _worker import Compress

Order = Callable[[dict[str, Any], int], list[int]]
"""From a request and the number of words to their numbers, the one to keep first ahead."""


def load_words(order: Order) -> Compress:
    """Load the tokenizer and the word breaker; return the function that answers requests."""
    from lingua_shared.text.token_counting import make_counter  # noqa: PLC0415 - loading is timed
    from lingua_shared.text.words import word_spans  # noqa: PLC0415

    count = make_counter("cl100k_base")

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        text = "\n\n".join(request["passages"])
        words, budget = word_spans(text), request["rate"] * count(text)
        ordered = order(request, len(words))
        fits, over = 0, len(words) + 1
        while over - fits > 1:
            middle = (fits + over) // 2
            kept = _kept(text, words, sorted(ordered[:middle]))
            fits, over = (middle, over) if count(kept) <= budget else (fits, middle)
        return {"text": _kept(text, words, sorted(ordered[:fits])), "ranking": None}

    return compress


def _kept(text: str, words: list[tuple[int, int]], chosen: list[int]) -> str:
    """Return the chosen words; what stands between two neighbours stays, and others are a space apart."""
    parts: list[str] = []
    for before, number in zip([None, *chosen], chosen, strict=False):
        start, end = words[number]
        if before is not None:
            parts.append(text[words[before][1] : start] if before + 1 == number else " ")
        parts.append(text[start:end])
    return "".join(parts)
