"""llmlingua 0.2.2 with the small model of these benchmarks, for the two systems that use it with different options."""

from collections.abc import Callable
from typing import Any

from _prepare import causal_model, prepare


def load_llmlingua(settings: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Load the model on a CPU and return a function from passages, rate and options to a worker's answer."""
    prepare(settings)
    from llmlingua import PromptCompressor  # noqa: PLC0415 - see serve: a script has that name, too

    compressor = PromptCompressor(causal_model(settings), device_map="cpu")

    def compress(passages: list[str], rate: float, **options: Any) -> dict[str, Any]:
        compressor.context_idxs.clear()  # it grows with every call, and not at all for a single passage
        result = compressor.compress_prompt(passages, rate=rate, **options)
        return {"text": result["compressed_prompt"], "ranking": [*compressor.context_idxs, [0]][0]}

    return compress
