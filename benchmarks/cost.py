"""Seconds and memory as the input grows: number and length of passages, length of the question, rate, threads.

Each axis varies one part of a request and holds the others. Every axis of every system has a worker of its own, so
that its peak memory is its own, and points go from small to large. Nothing is cached between requests.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.arguments import add_data, add_workers, results_of
from benchmarks.circumstances import circumstances
from benchmarks.client import Client
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.records import read_lines, write_lines
from benchmarks.runner import make_request
from benchmarks.sets import Question, read_set
from benchmarks.systems import OURS, System, choose_systems, find_systems, make_client
from lingua_shared.text.token_counting import make_counter

RATE = 0.25
_NO_CACHE = {"model_options": {"memory_cache_mb": 0}}
_POOL = 60


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
    add_data(parser)
    add_workers(parser, timeout=900)
    parser.add_argument("--axes", nargs="+", default=list(AXES), choices=list(AXES))
    parser.add_argument("--systems", nargs="+", default=[OURS])
    parser.add_argument("--most-passages", type=int, default=500, help="end of the axis of passages")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each point; the median counts")


def run(arguments: argparse.Namespace) -> None:
    """Measure the axes and write a line of `cost.jsonl` for each."""
    pool = read_set(arguments.data, "nq20", split=arguments.split, count=_POOL)
    systems = choose_systems(find_systems(), arguments.systems)
    for system in systems:
        if not system.is_built():
            msg = f"the environment of {system.name} is not built; `python -m benchmarks peers` builds it"
            raise UsageError(msg)
    for name in arguments.axes:
        points = [point for point in AXES[name](pool) if name != "passages" or point.x <= arguments.most_passages]
        for system in systems:
            line = _measured_line(name, system, points, arguments)
            _write(results_of(arguments) / "cost.jsonl", line)


def _measured_line(axis: str, system: System, points: Sequence[Point], arguments: argparse.Namespace) -> dict[str, Any]:
    uncached = replace(system, options={**system.options, **_NO_CACHE}) if _is_ours(system) else system
    measured = [point for point in _measured(uncached, points, arguments) if point["seconds"]]
    return {
        "axis": axis,
        "system": system.name,
        "split": arguments.split,
        "rate": RATE,
        "points": measured,
        "exponent": exponent(measured),
        **circumstances(arguments.threads),
        "code": system.fingerprint(),
    }


def passages(pool: Sequence[Question]) -> Iterator[Point]:
    """Vary the number of passages of about 100 words."""
    texts = [text for question in pool for text in question.passages]
    for count in (5, 10, 20, 50, 100, 200, 500, 1000):
        yield Point(count, _with_passages(pool[0], texts[:count]))


def passage_tokens(pool: Sequence[Question]) -> Iterator[Point]:
    """Vary the length of ten passages, each made of whole texts and the start of one more."""
    texts = [text for question in pool for text in question.passages]
    share = len(texts) // 10
    for tokens in (50, 100, 200, 400, 800, 1600):
        longer = ["\n".join(texts[i * share : (i + 1) * share]) for i in range(10)]
        yield Point(tokens, _with_passages(pool[0], [_head(text, tokens) for text in longer]))


def question_tokens(pool: Sequence[Question]) -> Iterator[Point]:
    """Vary the length of the question, made of the questions of other records."""
    asked = " ".join(f"{question.question}?" for question in pool)
    for tokens in (10, 25, 50, 100, 200, 400):
        question = replace(pool[0], question=_head(asked, tokens))
        yield Point(tokens, _with_passages(question, question.passages))


def rate(pool: Sequence[Question]) -> Iterator[Point]:
    """Vary the share of the tokens that is kept."""
    for value in (0.05, 0.1, 0.17, 0.25, 0.5, 0.75):
        yield Point(value, _with_passages(pool[0], pool[0].passages), rate=value)


def threads(pool: Sequence[Question]) -> Iterator[Point]:
    """Vary the number of threads, up to the cores of the machine."""
    for count in range(1, (os.cpu_count() or 1) + 1):
        yield Point(count, _with_passages(pool[0], pool[0].passages), threads=count)


AXES: Mapping[str, Axis] = {axis.__name__: axis for axis in (passages, passage_tokens, question_tokens, rate, threads)}


def exponent(points: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the slope of log seconds over log x, by least squares; None for fewer than two points."""
    if len(points) < 2:
        return None
    x, y = (np.log([point[name] for point in points]) for name in ("x", "seconds"))
    return round(float(np.polyfit(x, y, 1)[0]), 3)


def _measured(system: System, points: Sequence[Point], arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    count = make_counter("cl100k_base")
    client = _client(system, arguments, arguments.threads)
    try:
        for point in points:
            if point.threads is not None:
                client.close()
                client = _client(system, arguments, point.threads)
            request = make_request(system, point.question, point.rate, 0)
            answers = [client.ask(request, timeout=arguments.timeout) for _ in range(arguments.repeats)]
            done = [answer for answer in answers if "error" not in answer]
            seconds = round(median(answer["seconds"] for answer in done), 4) if done else None
            say(f"{system.name} at {point.x:g}: {seconds} s")
            yield {
                "x": point.x,
                "tokens": count("\n\n".join(point.question.passages)),
                "seconds": seconds,
                "peak_bytes": max((answer["peak_bytes"] for answer in done), default=None),
            }
    finally:
        client.close()


def _client(system: System, arguments: argparse.Namespace, thread_count: int) -> Client:
    models = {"model": arguments.model, "embedding_model": arguments.embedding_model}
    return make_client(system, **models, threads=thread_count)


def _is_ours(system: System) -> bool:
    return system.name.partition(":")[0] == OURS


def _with_passages(question: Question, texts: Sequence[str]) -> Question:
    return replace(question, passages=tuple(texts), gold=frozenset(), evidence=())


def _head(text: str, tokens: int) -> str:
    """Return the first words of a text, as many as have at most this many tokens."""
    words, count = text.split(" "), make_counter("cl100k_base")
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(" ".join(words[:middle])) <= tokens else (low, middle - 1)
    return " ".join(words[:low])


def _write(path: Path, line: dict[str, Any]) -> None:
    """Add a line. Those that it replaces, and those of another engine, are dropped."""

    def place(other: Mapping[str, Any]) -> tuple[str, ...]:
        return other["axis"], other["system"], other["machine"]

    kept = [other for other in read_lines(path) if place(other) != place(line) and other["engine"] == line["engine"]]
    write_lines(path, sorted([*kept, line], key=place))
