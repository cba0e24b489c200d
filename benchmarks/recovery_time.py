"""Seconds that recovery takes for its index of the sources and for an answer, as the context grows."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.recovery_cases import masked
from benchmarks.sets import Split, read_set
from lingua_shared import Recoverer
from lingua_shared.text.segments import clear_cache, segment

_CONTEXTS = (12_500, 25_000, 50_000, 100_000, 200_000, 400_000)
_ANSWER = 2000
_REPEATS = 3
_RATE = 0.4


def time_lines(data: Path, split: Split) -> Iterator[dict[str, Any]]:
    """Yield a line for each size of the context, in characters.

    One pass is what splitting the text into sentences and words takes, which a compression does once.
    """
    questions = read_set(data, "nq20", split=split, count=60)
    passages = list(dict.fromkeys(passage for question in questions for passage in question.passages))
    for size in _CONTEXTS:
        chosen = list(_up_to(passages, size))
        result = masked(replace(questions[0], passages=tuple(chosen)), _RATE, random.Random(0), atoms=True)
        answer = result.text[:_ANSWER]
        recoverer = Recoverer(result)
        taken = {
            "pass_ms": _milliseconds(partial(_cut, chosen)),
            "index_ms": _milliseconds(partial(Recoverer, result)),
            "answer_ms": _milliseconds(partial(recoverer.recover, answer)),
        }
        multiple = round((taken["index_ms"] + taken["answer_ms"]) / taken["pass_ms"], 2)
        count = sum(map(len, chosen))
        yield {"measure": "time", "context": count, "answer": len(answer), **taken, "passes": multiple}


def _up_to(passages: list[str], size: int) -> Iterator[str]:
    taken = 0
    for passage in passages:
        if taken >= size:
            return
        taken += len(passage)
        yield passage


def _cut(texts: list[str]) -> None:
    for text in texts:
        segment(text)


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_REPEATS):
        clear_cache()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return round(1000 * median(taken), 2)
