"""The custom event about a compression: counts and names only, never text of a document."""

from typing import Any

from langchain_core.callbacks import CallbackManager, Callbacks

from lingua_shared import CompressionResult

EVENT_NAME = "lingua_compression"


def send_event(callbacks: Callbacks | None, result: CompressionResult) -> None:
    """Tell the handlers of the surrounding run what was done; without such a run there is no one to tell."""
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
