"""Return the gold passages alone, unshortened: what a perfect choice of passages would keep."""

from typing import Any

from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "gold passages only"
NEEDS_QUESTION = False
NEEDS_GOLD = True
RATES = False


def load(_settings: dict[str, Any]) -> Compress:
    """Return the function that joins the gold passages."""
    return _gold


def _gold(request: dict[str, Any]) -> dict[str, Any]:
    return {"text": "\n\n".join(request["passages"][index] for index in request["gold"]), "ranking": None}


if __name__ == "__main__":
    serve(load)
