"""Rank whole passages by the cosine of a bi-encoder and cut at the budget, as a vector store's order would."""

from typing import Any

from _truncate import load_rank_and_cut
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "embedding, then cut"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the ranker; return the function that answers requests."""
    return load_rank_and_cut(settings, "embedding")


if __name__ == "__main__":
    serve(load)
