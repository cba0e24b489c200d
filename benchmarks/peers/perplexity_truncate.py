"""Rank whole passages by LongLLMLingua's document score and cut at the budget, without the paper's other steps."""

from typing import Any

from _truncate import load_rank_and_cut
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "perplexity, then cut"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the ranker; return the function that answers requests."""
    return load_rank_and_cut(settings, "perplexity")


if __name__ == "__main__":
    serve(load)
