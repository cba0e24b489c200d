"""What reading several requests in the same batches of the encoder would be worth, and whether it changes results.

Requests are read one by one, together, and one by one again, and processor seconds are compared, so that other programs
matter less.
"""

from collections.abc import Callable, Sequence
from time import process_time

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.sets import Question
from lingua_shared import ModelOptions, PromptCompressor
from lingua_shared.methods import ENCODER
from lingua_shared.scoring.encoder.pairs import Pair
from lingua_shared.scoring.encoder.reader import EncoderReader
from lingua_shared.scoring.loading import Models

_PASSAGES = (10, 3, 1)  # of a request

Outputs = list[tuple[float, np.ndarray]]


def report_together(questions: Sequence[Question], together: int) -> None:
    """Print the figures for requests of ten passages, three and one.

    Args:
        questions: with their passages.
        together: requests that are read in the same batches.

    Raises:
        UsageError: there are fewer questions than that.
    """
    if not 2 <= together <= len(questions):
        msg = f"--together {together}: give a number from 2 to that of the questions, {len(questions)}"
        raise UsageError(msg)
    reader = Models(ModelOptions()).encoder(str(PromptCompressor().recipe().models[ENCODER]))
    for passages in _PASSAGES:
        requests = [_pairs(reader, one, passages) for one in questions]
        _read(reader, requests[0])
        groups = [requests[i : i + together] for i in range(0, len(requests) - together + 1, together)]
        made = [_compared(reader, group) for group in groups]
        ratios = [ratio for ratio, _, _ in made]
        differing, count = (sum(one[place] for one in made) for place in (1, 2))
        spread = f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        say(f"{together} requests of {passages} passages: throughput together through one by one {spread}; "
            f"outputs that differ {differing} of {count}")  # fmt: skip


def _pairs(reader: EncoderReader, question: Question, passages: int) -> list[Pair]:
    windows = reader._tokenizer.pairs(str(question.question), list(question.passages)[:passages], ())  # noqa: SLF001
    return [pair for of_passage in windows for pair in of_passage]


def _read(reader: EncoderReader, pairs: Sequence[Pair]) -> Outputs:
    return reader._read(pairs)  # noqa: SLF001


def _compared(reader: EncoderReader, group: Sequence[list[Pair]]) -> tuple[float, int, int]:
    """Return the seconds of one by one through those of together, and how many outputs differ, of how many."""
    every = [pair for pairs in group for pair in pairs]

    def one_by_one() -> Outputs:
        return [output for pairs in group for output in _read(reader, pairs)]

    first, alone = _timed(one_by_one)
    second, joined = _timed(lambda: _read(reader, every))
    third, _ = _timed(one_by_one)
    same = [a[0] == b[0] and np.array_equal(a[1], b[1]) for a, b in zip(alone, joined, strict=True)]
    return (first + third) / 2 / second, same.count(False), len(same)


def _timed(work: Callable[[], Outputs]) -> tuple[float, Outputs]:
    start = process_time()
    made = work()
    return process_time() - start, made
