"""Rank whole passages by BM25 and cut at the budget: the oldest way to shorten a context."""

from typing import Any

from _truncate import load_rank_and_cut
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "BM25, then cut"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the ranker; return the function that answers requests."""
    return load_rank_and_cut(settings, "bm25")


if __name__ == "__main__":
    serve(load)
