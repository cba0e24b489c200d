"""Lingua through its public API; without a question it uses the method `surprisal`."""
# A question that is repeated at another rate, which is not timed, is not read by the models again.

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
    from lingua_shared.scoring.signals import ModelScoring  # noqa: PLC0415

    torch.set_num_threads(settings["threads"])
    model_options = settings["options"].get("model_options", {})
    compression_options = settings["options"].get("compression_options", {})
    models = ModelOptions(**{"local_files_only": True, **model_options})
    scoring = LastScores(ModelScoring(models))
    compressor = PromptCompressor(models, scoring=scoring)

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        method = {} if request["question"] else {"method": "surprisal"}
        options = CompressionOptions(**{"rate": request["rate"], **method, **compression_options})
        if settings["options"].get("prepare"):  # as at indexing time: it does not count
            compressor.prepare(request["passages"], options=options)
        if not request.get("repeated"):
            scoring.forget()
        started = time.perf_counter()
        result = compressor.compress(request["passages"], question=request["question"], options=options)
        seconds = time.perf_counter() - started
        return {"text": result.text, "ranking": _ranking(result), "seconds": seconds}

    compress({"passages": ["A tower stood here. It fell."] * 2, "question": "What stood here?", "rate": 0.5})
    return compress


class LastScores:
    """The engine's scoring, which keeps the scores of the last request for the next one if that is the same."""

    def __init__(self, scoring: Any) -> None:
        """Wrap the engine's own scoring."""
        self._scoring = scoring
        self._last: tuple[Any, Any] | None = None

    @property
    def device_name(self) -> str | None:
        """Return where the models run."""
        return self._scoring.device_name

    def open(self, request: Any) -> Any:
        """Return the scores of a request."""
        if self._last is None or self._last[0] != request:
            self._last = request, self._scoring.open(request)
        return self._last[1]

    def forget(self) -> None:
        """Keep no scores."""
        self._last = None

    def read_segments(self, request: Any) -> Any:
        """Start to read texts segment by segment; of these scores nothing is kept."""
        return self._scoring.read_segments(request)

    def prepare(self, *texts_and_signals: Any) -> None:
        """Compute and cache what does not depend on the question."""
        self._scoring.prepare(*texts_and_signals)


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
