"""What a worker does with its settings before it loads its system. Standard library only, as `_worker.py`."""

import os
from importlib.util import find_spec
from typing import Any


def prepare(settings: dict[str, Any]) -> None:
    """Say where tiktoken's files are, and set the number of threads.

    Args:
        settings: the worker's settings; "threads" and "tiktoken_cache", a folder with tiktoken's files, are read.
    """
    if settings.get("tiktoken_cache"):
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", settings["tiktoken_cache"])
    if settings.get("threads") and find_spec("torch"):
        import torch  # noqa: PLC0415 - not every environment has it

        torch.set_num_threads(settings["threads"])


def causal_model(settings: dict[str, Any]) -> str:
    """Return the folder of the causal model.

    Raises:
        ValueError: none was handed in.
    """
    if not settings.get("model"):
        msg = "this system needs the folder of a causal model; `python -m benchmarks peers` writes one to work/smollm2"
        raise ValueError(msg)
    return str(settings["model"])
