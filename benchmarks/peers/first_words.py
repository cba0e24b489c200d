"""The first words, up to the budget: the beginning of a text often says what it is about."""

from typing import Any

from _words import load_words
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "first words"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(_settings: dict[str, Any]) -> Compress:
    """Load the tokenizer; return the function that answers requests."""
    return load_words(lambda _request, count: list(range(count)))


if __name__ == "__main__":
    serve(load)
