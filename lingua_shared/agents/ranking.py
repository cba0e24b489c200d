"""Orders passages by how well they answer a question, and cuts none."""

import sys
from collections.abc import Sequence

from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions
from lingua_shared.result import CompressionResult, Passage
from lingua_shared.telemetry.spans import traced


def ranking_options(options: CompressionOptions) -> CompressionOptions:
    """Return options with which every passage is scored and none is cut."""
    said = {name: getattr(options, name) for name in options.model_fields_set}
    amounts = {"rate": None, "target_tokens": sys.maxsize, "score_when_fitting": True, "keep_answer": None}
    return CompressionOptions(**{**said, **amounts, "deadline_ms": None})


def best_first(result: CompressionResult, most: int | None = None) -> list[Passage]:
    """Return the passages of a result with `ranking_options`, the most relevant first; at most so many."""
    passages: list[Passage] = [*result.passages, *result.dropped]
    return sorted(passages, key=lambda one: (-(one.relevance or 0.0), one.index))[:most]


def ranked(
    engine: PromptCompressor, passages: Sequence[str], *, question: str, options: CompressionOptions
) -> list[Passage]:
    """Return passages with their relevance, the most relevant first.

    Args:
        engine: scores.
        passages: the texts.
        question: what is asked.
        options: how to score.

    Raises:
        LinguaError: all that `PromptCompressor.compress` raises.
    """
    with traced("lingua.rank") as note:
        note(passages=len(passages))
        return best_first(engine.compress(passages, question=question, options=ranking_options(options)))
