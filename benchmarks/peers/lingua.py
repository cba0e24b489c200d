"""Lingua through its public API; without a question it uses the method `surprisal`."""

import time
from typing import Any

from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "Lingua"
NEEDS_QUESTION = False
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Build the compressor and load its models, so that no question pays for that."""
    import torch  # noqa: PLC0415 - loading is timed

    from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor  # noqa: PLC0415

    torch.set_num_threads(settings["threads"])
    model_options = settings["options"].get("model_options", {})
    compression_options = settings["options"].get("compression_options", {})
    compressor = PromptCompressor(ModelOptions(**{"local_files_only": True, **model_options}))

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        method = {} if request["question"] else {"method": "surprisal"}
        options = CompressionOptions(**{"rate": request["rate"], **method, **compression_options})
        if settings["options"].get("prepare"):  # as at indexing time: it does not count
            compressor.prepare(request["passages"], options=options)
        started = time.perf_counter()
        result = compressor.compress(request["passages"], question=request["question"], options=options)
        seconds = time.perf_counter() - started
        return {"text": result.text, "ranking": _ranking([*result.passages, *result.dropped]), "seconds": seconds}

    compress({"passages": ["A tower stood here. It fell."] * 2, "question": "What stood here?", "rate": 0.5})
    return compress


def _ranking(passages: list[Any]) -> list[int] | None:
    """Passages by relevance, best first; None where all came back unchanged, and nothing was scored."""
    if all(passage.relevance is None for passage in passages):
        return None
    unscored = float("-inf")  # an empty passage
    relevance = {p.index: unscored if p.relevance is None else p.relevance for p in passages}
    return sorted(relevance, key=lambda index: (-relevance[index], index))


if __name__ == "__main__":
    serve(load)
