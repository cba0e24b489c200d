"""Time and memory as the input grows: number and length of passages, length of the question, rate, threads.

Each axis varies one part of a request and holds the others; every axis of every system has a worker of its own, so its
memory is its own, and points go from small to large. Nothing is remembered from one request to the next.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.asking import make_request
from benchmarks.circumstances import circumstances
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.records import RESULTS, read_lines, write_lines
from benchmarks.sets import Question, read_set
from benchmarks.systems import OURS, System, choose_systems, find_systems, make_client
from lingua_shared.text.token_counting import make_counter

RATE = 0.25
PASSAGES = 20
_NO_CACHE = {"model_options": {"memory_cache_mb": 0}}
_POOL = 60
_CAUSAL_PARAMETERS = 106_203_456
"""Weights of SmolLM2-135M that every token is multiplied with, the embeddings left out."""

_ENCODER_PARAMETERS = 14_155_776
"""The same of the encoder: eight layers, 384 wide."""

_GEMM = (1024, 576, 1536)


@dataclass(frozen=True)
class Point:
    """A request at one place of an axis."""

    x: float
    question: Question
    rate: float = RATE
    threads: int | None = None


Axis = Callable[[Sequence[Question]], Iterator[Point]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the files of the sets")
    parser.add_argument("--axes", nargs="+", default=list(AXES), choices=list(AXES))
    parser.add_argument("--systems", nargs="+", default=[OURS, f"{OURS}:longllmlingua"])
    parser.add_argument("--most-passages", type=int, default=1000, help="end of the axis of passages")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each point; the median counts")
    parser.add_argument("--model", type=Path, help="folder of a causal model, for systems that take one")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=900, metavar="SECONDS", help="for one request")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")


def run(arguments: argparse.Namespace) -> None:
    """Measure the axes and write a line of `cost.jsonl` for each."""
    pool = read_set(arguments.data, "nq20", count=_POOL)
    gemm_rate = measure_gemm_rate(arguments.threads)
    for name in arguments.axes:
        points = [point for point in AXES[name](pool) if name != "passages" or point.x <= arguments.most_passages]
        for system in choose_systems(find_systems(), arguments.systems):
            if not system.is_built():
                msg = f"the environment of {system.name} is not built; `python -m benchmarks peers` builds it"
                raise UsageError(msg)
            system = replace(system, options={**system.options, **_NO_CACHE}) if _is_ours(system) else system
            measured = [point for point in _measured(system, points, arguments, gemm_rate) if point["seconds"]]
            line = {
                "kind": "cost",
                "axis": name,
                "system": system.name,
                "rate": RATE,
                "points": measured,
                "exponent": exponent(measured),
                "gemm_flops_per_second": round(gemm_rate),
                **circumstances(arguments.threads),
                "code": system.fingerprint(),
            }
            _write(arguments.results / "cost.jsonl", line)


def passages(pool: Sequence[Question]) -> Iterator[Point]:
    """More passages of about 100 words."""
    texts = [text for question in pool for text in question.passages]
    for count in (5, 10, 20, 50, 100, 200, 500, 1000):
        yield Point(count, _asking(pool[0], texts[:count]))


def passage_tokens(pool: Sequence[Question]) -> Iterator[Point]:
    """Ten longer passages, each made of whole texts and the head of one more."""
    texts = [text for question in pool for text in question.passages]
    share = len(texts) // 10
    for tokens in (50, 100, 200, 400, 800, 1600):
        longer = ["\n".join(texts[i * share : (i + 1) * share]) for i in range(10)]
        yield Point(tokens, _asking(pool[0], [_head(text, tokens) for text in longer]))


def question_tokens(pool: Sequence[Question]) -> Iterator[Point]:
    """A longer question: the questions of other records in a row."""
    asked = " ".join(f"{question.question}?" for question in pool)
    for tokens in (10, 25, 50, 100, 200, 400):
        question = replace(pool[0], question=_head(asked, tokens))
        yield Point(tokens, _asking(question, question.passages))


def rate(pool: Sequence[Question]) -> Iterator[Point]:
    """A larger share of the tokens kept."""
    for value in (0.05, 0.1, 0.17, 0.25, 0.5, 0.75):
        yield Point(value, _asking(pool[0], pool[0].passages), rate=value)


def threads(pool: Sequence[Question]) -> Iterator[Point]:
    """More threads, up to the cores of the machine."""
    for count in range(1, (os.cpu_count() or 1) + 1):
        yield Point(count, _asking(pool[0], pool[0].passages), threads=count)


AXES: Mapping[str, Axis] = {axis.__name__: axis for axis in (passages, passage_tokens, question_tokens, rate, threads)}


def exponent(points: Sequence[Mapping[str, Any]]) -> float | None:
    """Slope of log seconds over log x, by least squares; None for fewer than two points."""
    if len(points) < 2:
        return None
    x, y = (np.log([point[name] for point in points]) for name in ("x", "seconds"))
    return round(float(np.polyfit(x, y, 1)[0]), 3)


def measure_gemm_rate(thread_count: int) -> float:
    """Floating-point operations per second of the model's largest product, in the precision that it runs in here."""
    import torch  # noqa: PLC0415 - the other commands need none

    from lingua_shared.scoring.devices import choose_dtype  # noqa: PLC0415

    torch.set_num_threads(thread_count)
    rows, inner, columns = _GEMM
    kind = choose_dtype("auto", torch.device("cpu"))
    left, right = torch.randn(rows, inner, dtype=kind), torch.randn(columns, inner, dtype=kind)
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        torch.nn.functional.linear(left, right)
        seconds.append(time.perf_counter() - started)
    return 2 * rows * inner * columns / min(seconds)


def _measured(
    system: System, points: Sequence[Point], arguments: argparse.Namespace, gemm_rate: float
) -> Iterator[dict[str, Any]]:
    count = make_counter("cl100k_base")
    parameters = _ENCODER_PARAMETERS if system.name == OURS else _CAUSAL_PARAMETERS
    client = make_client(system, model=arguments.model, embedding_model=None, threads=arguments.threads)
    with client:
        for point in points:
            if point.threads is not None:
                client.close()
                client = make_client(system, model=arguments.model, embedding_model=None, threads=point.threads)
            answers = [
                client.ask(make_request(system, point.question, point.rate, 0), timeout=arguments.timeout)
                for _ in range(arguments.repeats)
            ]
            done = [answer for answer in answers if "error" not in answer]
            seconds = median(answer["seconds"] for answer in done) if done else None
            tokens = count("\n\n".join(point.question.passages))
            floor = 2 * parameters * tokens / gemm_rate
            say(f"{system.name} at {point.x:g}: {seconds if seconds is None else round(seconds, 2)} s")
            yield {
                "x": point.x,
                "tokens": tokens,
                "seconds": seconds and round(seconds, 4),
                "floor_multiple": seconds and round(seconds / floor, 2),
                "peak_bytes": max((answer["peak_bytes"] for answer in done), default=None),
            }
        client.close()


def _is_ours(system: System) -> bool:
    return system.name.partition(":")[0] == OURS


def _asking(question: Question, texts: Sequence[str]) -> Question:
    return replace(question, passages=tuple(texts), gold=frozenset(), evidence=())


def _head(text: str, tokens: int) -> str:
    """The first words of a text that have about this many tokens."""
    words, count = text.split(" "), make_counter("cl100k_base")
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(" ".join(words[:middle])) <= tokens else (low, middle - 1)
    return " ".join(words[:low])


def _write(path: Path, line: dict[str, Any]) -> None:
    """Put a line in the place of an older one of the same axis, system and machine."""

    def place(other: Mapping[str, Any]) -> tuple[str, ...]:
        return other["axis"], other["system"], other["machine"]

    write_lines(path, sorted([*(o for o in read_lines(path) if place(o) != place(line)), line], key=place))
