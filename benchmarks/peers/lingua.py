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
        return {"text": result.text, "ranking": _ranking(result), "seconds": seconds}

    compress({"passages": ["A tower stood here. It fell."] * 2, "question": "What stood here?", "rate": 0.5})
    return compress


def _ranking(result: Any) -> list[int] | None:
    """Return the passages as the engine ranked them, best first; None where all fitted and nothing was scored."""
    import numpy as np  # noqa: PLC0415 - loading is timed

    from lingua_shared.scoring.fusion import fuse, rank  # noqa: PLC0415

    passages = sorted([*result.passages, *result.dropped], key=lambda passage: passage.index)
    if any(not passage.signals for passage in passages):
        return None
    weights = result.recipe.ranker_weights
    values = {name: [passage.signals[name] for passage in passages] for name in weights}
    return rank(fuse({name: np.array(of_all, dtype=np.float64) for name, of_all in values.items()}, weights))


if __name__ == "__main__":
    serve(load)
