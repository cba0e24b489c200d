"""The custom event about a compression, for LangChain: counts and names only, never the text of a document."""

from typing import Any

from langchain_core.callbacks import CallbackManager, Callbacks

from lingua_shared import CompressionResult

EVENT_NAME = "lingua_compression"


def send_event(callbacks: Callbacks | None, result: CompressionResult) -> None:
    """Send the event to the handlers of the surrounding run; without a surrounding run nothing is sent."""
    manager = CallbackManager.configure(inheritable_callbacks=callbacks)
    if manager.parent_run_id is not None:
        manager.on_custom_event(EVENT_NAME, _data(result), run_id=manager.parent_run_id)


def _data(result: CompressionResult) -> dict[str, Any]:
    return {
        "passages_in": len(result.passages) + len(result.dropped),
        "passages_out": len(result.passages),
        "original_tokens": result.original_tokens,
        "compressed_tokens": result.compressed_tokens,
        "rate": result.rate,
        "seconds": sum(result.seconds.values()),
        "method": result.method,
        "model": result.model,
    }
