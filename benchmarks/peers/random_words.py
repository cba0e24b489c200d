"""Random words in their original order, up to the budget: what every compressor of words has to beat."""

import random
from typing import Any

from _words import load_words
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "random words"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(_settings: dict[str, Any]) -> Compress:
    """Load the tokenizer; return the function that answers requests."""
    return load_words(_drawn)


def _drawn(request: dict[str, Any], count: int) -> list[int]:
    """Return all words in an order drawn for the request."""
    return random.Random(f"{request['seed']}-{request['id']}").sample(range(count), count)


if __name__ == "__main__":
    serve(load)
