"""Return everything unchanged: the upper bound of every measure of the text."""

from typing import Any

from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "full prompt"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = False


def load(_settings: dict[str, Any]) -> Compress:
    """Return the function that joins all passages."""
    return lambda request: {"text": "\n\n".join(request["passages"]), "ranking": None}


if __name__ == "__main__":
    serve(load)
