"""Asks systems the questions that are not answered yet, and writes each answer to disk as soon as it comes.

A run can be stopped at any point; the next one continues from there.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.client import Client, WorkerStartError
from benchmarks.progress import Progress, say
from benchmarks.records import Answers, Record
from benchmarks.sets import Question
from benchmarks.systems import System

FIRST_RATE = 0.25
UNRATED = 1.0
MOST_ERRORS_IN_A_ROW = 5


@dataclass
class Asker:
    """One system in a run.

    Attributes:
        system: The system.
        client: Client of its worker process.
        answers: Its answers on disk.
        code: Its fingerprint.
        seed: Seed of the draw of questions.
        timeout: Seconds that it has for a question.
        errors_in_a_row: Number of errors since its last answer.
        gave_up: Whether it is asked no more in this run.
        was_asked: Whether it was asked anything in this run.
    """

    system: System
    client: Client
    answers: Answers
    code: str
    seed: int
    timeout: float
    errors_in_a_row: int = 0
    gave_up: bool = False
    was_asked: bool = False

    def missing_rates(self, set_name: str, question: Question, rates: Iterable[float], *, retry: bool) -> list[float]:
        """Return the rates at which a question is not answered yet; none if the system cannot be asked it.

        Args:
            set_name: Name of the question's set.
            question: The question.
            rates: Rates of the run.
            retry: Ask again where the answer is an error.
        """
        if not can_be_asked(self.system, question):
            return []
        found = {rate: self._record(set_name, question, rate) for rate in rates_of(self.system, rates)}
        return [rate for rate, record in found.items() if record is None or (retry and "error" in record)]

    def _record(self, set_name: str, question: Question, rate: float) -> Record | None:
        return self.answers.get((set_name, question.id, rate, self.seed), self.code)

    def ask(self, set_name: str, question: Question, rate: float, *, is_first: bool) -> Record:
        """Ask a question, write the answer to disk and return its record.

        Args:
            set_name: Name of the question's set.
            question: The question.
            rate: The rate.
            is_first: Whether the worker is asked this question for the first time. Only then its time counts, since
                it may cache what it computed.
        """
        request = {**make_request(self.system, question, rate, self.seed), "repeated": not is_first}
        answer = self.client.ask(request, timeout=self.timeout)
        self.was_asked = True
        self.errors_in_a_row = self.errors_in_a_row + 1 if "error" in answer else 0
        head = {"set": set_name, "id": question.id, "rate": rate, "seed": self.seed, "code": self.code}
        record = {**head, **_kept(answer, is_first=is_first)}
        self.answers.append(record)
        return record


@dataclass(frozen=True)
class Task:
    """A question that a system still has to answer, at these rates; `place` is "which/of how many" in its set."""

    asker: Asker
    set_name: str
    question: Question
    place: str
    rates: tuple[float, ...]


def can_be_asked(system: System, question: Question) -> bool:
    """Tell whether a question has what the system needs."""
    has_question = question.question is not None or not system.needs_question
    return has_question and (bool(question.gold) or not system.needs_gold)


def rates_of(system: System, rates: Iterable[float]) -> list[float]:
    """Return the rates at which a system is asked, 0.25 first; one that follows no rate is asked once, under rate 1."""
    return sorted(set(rates), key=lambda rate: (rate != FIRST_RATE, rate)) if system.rates else [UNRATED]


def make_request(system: System, question: Question, rate: float, seed: int) -> dict[str, Any]:
    """Return the request to a worker, in the form that `peers/_worker.py` describes."""
    request = {
        "id": question.id,
        "passages": list(question.passages),
        "question": question.question,
        "rate": rate,
        "seed": seed,
    }
    return {**request, "gold": sorted(question.gold)} if system.needs_gold else request


def plan(
    askers: Sequence[Asker], sets: Mapping[str, Sequence[Question]], rates: Sequence[float], *, retry: bool
) -> list[Task]:
    """List what is not answered yet: set by set, and in a set question by question, all systems in turn."""
    tasks = []
    for set_name, questions in sets.items():
        for number, question in enumerate(questions, 1):
            for asker in askers:
                missing = asker.missing_rates(set_name, question, rates, retry=retry)
                if missing:
                    place = f"{number}/{len(questions)}"
                    tasks.append(Task(asker, set_name, question, place, tuple(missing)))
    return tasks


def carry_out(tasks: Sequence[Task]) -> None:
    """Ask everything in turn. A system that fails five times in a row, or does not start, is given up for this run."""
    left: Counter[str] = Counter()
    for task in tasks:
        left[task.asker.system.name] += len(task.rates)
    progress = Progress(left)
    for task in tasks:
        for rate in task.rates:
            if not task.asker.gave_up:
                _ask_and_tell(task, rate, progress)


def _ask_and_tell(task: Task, rate: float, progress: Progress) -> None:
    asker, name = task.asker, task.asker.system.name
    started = time.perf_counter()
    try:
        record = asker.ask(task.set_name, task.question, rate, is_first=rate == task.rates[0])
    except WorkerStartError as error:
        _give_up(asker, progress, str(error))
        return
    seconds = time.perf_counter() - started
    progress.answered(name, seconds)
    outcome = f"error: {record['error']}" if "error" in record else f"{seconds:.1f} s"
    say(f"{name} {task.set_name} {task.place} rate {rate:g}: {outcome}, {progress.clock_left()} left")
    if asker.errors_in_a_row >= MOST_ERRORS_IN_A_ROW:
        _give_up(asker, progress, f"{asker.errors_in_a_row} errors in a row, the last: {record['error']}")


def _give_up(asker: Asker, progress: Progress, reason: str) -> None:
    asker.gave_up = True
    progress.gave_up(asker.system.name)
    asker.client.close()
    say(f"{asker.system.name} is given up for this run: {reason}")


def _kept(answer: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
    if "error" in answer:
        return {"error": answer["error"]}
    return {
        "text": answer["text"],
        "ranking": answer["ranking"],
        "seconds": answer["seconds"] if is_first else None,
        "peak_bytes": answer.get("peak_bytes"),
    }
