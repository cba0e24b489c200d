"""Time systems in turn, question by question, so that other load on the machine affects all of them alike.

The first question is not counted, since some libraries load parts of themselves only then.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.arguments import add_data, add_workers, results_of
from benchmarks.circumstances import circumstances
from benchmarks.client import Client
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.records import read_lines, write_lines
from benchmarks.runner import UNRATED, can_be_asked, make_request
from benchmarks.sets import Question, read_set
from benchmarks.systems import OURS, System, choose_systems, find_systems, make_client
from lingua_shared.evaluation.statistics import median_interval

_DIGITS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_workers(parser, timeout=600)
    parser.add_argument("--set", dest="set_name", default="nq20")
    parser.add_argument("--systems", nargs="+", default=[OURS, "llmlingua"])
    parser.add_argument("--reference", default="llmlingua", help="whose seconds are divided by those of each other")
    parser.add_argument("--rate", type=float, default=0.25)
    parser.add_argument("--count", type=int, default=6, help="questions, beside the one that is not counted")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of questions")
    parser.add_argument("--again", action="store_true", help="ask Lingua a second question over the same passages")


@dataclass
class Times:
    """What one system took.

    Attributes:
        system: The system.
        client: Client of its worker process.
        seconds: Seconds by question; questions that it failed are missing.
        peak_bytes: The most memory that its process held.
        errors: Number of questions that it failed.
    """

    system: System
    client: Client
    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    errors: int = 0

    def ask(self, question: Question, rate: float, *, seed: int, timeout: float) -> float | None:
        """Return the seconds that the system took for a question; None where it failed."""
        asked = rate if self.system.rates else UNRATED
        answer = self.client.ask(make_request(self.system, question, asked, seed), timeout=timeout)
        if "error" in answer:
            say(f"{self.system.name} {question.id}: {answer['error']}")
            return None
        self.peak_bytes = max(self.peak_bytes, answer["peak_bytes"])
        seconds: float = answer["seconds"]
        return seconds

    def count(self, question: Question, seconds: float | None) -> None:
        """Record the seconds of a question, or its failure."""
        if seconds is None:
            self.errors += 1
        else:
            self.seconds[question.id] = seconds


def run(arguments: argparse.Namespace) -> None:
    """Time the systems and write a line to `time.jsonl`."""
    systems = choose_systems(find_systems(), arguments.systems)
    draw = {"split": arguments.split, "count": arguments.count + 1, "seed": arguments.seed}
    questions = read_set(arguments.data, arguments.set_name, **draw)
    _check(systems, questions, arguments)
    with ExitStack() as stack:
        times = [_times(system, arguments, stack) for system in systems]
        second = time_in_turn(times, questions, arguments)
    now = circumstances(arguments.threads)
    line = {
        "set": arguments.set_name,
        "split": arguments.split,
        "rate": arguments.rate,
        "n": len(questions) - 1,
        "seed": arguments.seed,
        "threads": arguments.threads,
        "reference": arguments.reference,
        "systems": {item.system.name: summary(item) for item in times},
        "ratios": ratios(times, arguments.reference),
        **now,
        "versions": {item.system.name: item.client.versions for item in times},
        "code": {item.system.name: item.system.fingerprint() for item in times},
    }
    if second:
        first = next(item for item in times if item.system.name == OURS)
        line["second_question"] = _second_question(first, second)
    _write(results_of(arguments) / "time.jsonl", line)
    for name, figures in line["systems"].items():
        say(f"{name}: {figures['median_seconds']} s a question, {line['ratios'].get(name, {})}")


def _check(systems: Sequence[System], questions: Sequence[Question], arguments: argparse.Namespace) -> None:
    names = [system.name for system in systems]
    if arguments.reference not in names or (arguments.again and OURS not in names):
        msg = f"systems {', '.join(names)}: the reference {arguments.reference} must be one of them, for --again {OURS}"
        raise UsageError(msg)
    if arguments.count < 1:
        msg = f"--count {arguments.count}: at least 1 question has to be timed"
        raise UsageError(msg)
    for system in systems:
        if not system.is_built():
            msg = f"the environment of {system.name} is not built; `python -m benchmarks peers` builds it"
            raise UsageError(msg)
        if not all(can_be_asked(system, question) for question in questions):
            msg = f"{system.name} cannot be asked about {arguments.set_name}: it needs a question, or gold passages"
            raise UsageError(msg)


def _times(system: System, arguments: argparse.Namespace, stack: ExitStack) -> Times:
    client = make_client(
        system, model=arguments.model, embedding_model=arguments.embedding_model, threads=arguments.threads
    )
    return Times(system, stack.enter_context(client))


def time_in_turn(times: Sequence[Times], questions: Sequence[Question], arguments: argparse.Namespace) -> Times | None:
    """Ask every system each question in turn; the first question is not counted.

    Returns:
        With --again, what Lingua took for a second question over the same passages (the next question's text).
    """
    ours = next((item for item in times if item.system.name == OURS), None)
    second = Times(ours.system, ours.client) if ours and arguments.again else None
    for number, question in enumerate(questions):
        other = replace(question, question=questions[(number + 1) % len(questions)].question)
        for item in times:
            _ask(item, question, number, arguments)
            if second and item is ours:
                _ask(second, other, number, arguments)
    return second


def _ask(item: Times, question: Question, number: int, arguments: argparse.Namespace) -> None:
    taken = item.ask(question, arguments.rate, seed=arguments.seed, timeout=arguments.timeout)
    if number:
        item.count(question, taken)
        say(f"{item.system.name} {number}/{arguments.count}: {'failed' if taken is None else f'{taken:.2f} s'}")


def summary(item: Times) -> dict[str, Any]:
    """Return the median with its interval, and the most memory; without figures where every question failed."""
    figures: dict[str, Any] = {"median_seconds": None, "low": None, "high": None}
    if item.seconds:
        interval = median_interval(list(item.seconds.values()))
        ends = (interval.estimate, interval.low, interval.high)
        figures = dict(zip(figures, (round(value, _DIGITS) for value in ends), strict=True))
    return {**figures, "peak_bytes": item.peak_bytes, "n": len(item.seconds), "errors": item.errors}


def ratios(times: Sequence[Times], reference: str) -> dict[str, dict[str, float]]:
    """Return the reference's seconds divided by each other system's, over the questions that both answered."""
    other = next(item for item in times if item.system.name == reference)
    pairs = {item.system.name: ratio(other.seconds, item.seconds) for item in times if item is not other}
    return {name: figures for name, figures in pairs.items() if figures}


def ratio(over: Mapping[str, float], under: Mapping[str, float]) -> dict[str, float]:
    """Return the median, smallest and largest quotient over the questions that both have; empty without any."""
    quotients = [seconds / under[question] for question, seconds in over.items() if question in under]
    if not quotients:
        return {}
    figures = {"median": median(quotients), "smallest": min(quotients), "largest": max(quotients)}
    return {name: round(value, _DIGITS) for name, value in figures.items()}


def _second_question(first: Times, second: Times) -> dict[str, Any]:
    """Return what a second question over the same passages took, and the ratio of the first one's seconds to it."""
    return {"system": second.system.name, **summary(second), "ratio": ratio(first.seconds, second.seconds)}


def _write(path: Path, line: dict[str, Any]) -> None:
    """Add a line. Those that it replaces, and those of another engine, are dropped."""
    kept = [
        older for older in read_lines(path) if _place(older) != _place(line) and older.get("engine") == line["engine"]
    ]
    write_lines(path, sorted([*kept, line], key=_place))


def _place(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return line["set"], line["rate"], line["machine"], sorted(line["systems"])
