"""llmlingua 0.2.2's `recover`, for the measurement of recovery; no system of the suite.

A request has "original", "compressed" and "answer" instead of passages that matter.
"""

from typing import Any

from _prepare import causal_model, prepare
from _worker import Compress, serve


def load(settings: dict[str, Any]) -> Compress:
    """Load the small model; return the function that answers requests."""
    prepare(settings)
    from llmlingua import PromptCompressor  # noqa: PLC0415 - see serve: a script has that name, too

    compressor = PromptCompressor(causal_model(settings), device_map="cpu")

    def recover(request: dict[str, Any]) -> dict[str, Any]:
        text = compressor.recover(request["original"], request["compressed"], request["answer"])
        return {"text": text, "ranking": None}

    return recover


if __name__ == "__main__":
    serve(load)
