"""Asks systems the questions that are not yet on record, and puts each answer on record as soon as it comes.

Knows nothing of aggregates: a run can be stopped at any point and goes on where it stopped.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.client import Client, WorkerStartError
from benchmarks.measures import measure
from benchmarks.progress import Progress, say
from benchmarks.records import Record, Store
from benchmarks.sets import Question
from benchmarks.systems import System

FIRST_RATE = 0.25
UNRATED = 1.0
MOST_ERRORS_IN_A_ROW = 5


@dataclass
class Asker:
    """One system in a run.

    Attributes:
        system: the system.
        client: its worker.
        store: its records.
        code: its fingerprint.
        seed: of the draw.
        timeout: seconds that it has for a question.
        errors_in_a_row: questions in a row that it failed.
        gave_up: whether it is asked no more in this run.
        was_asked: whether it answered anything in this run.
    """

    system: System
    client: Client
    store: Store
    code: str
    seed: int
    timeout: float
    errors_in_a_row: int = 0
    gave_up: bool = False
    was_asked: bool = False

    def missing_rates(self, set_name: str, question: Question, rates: Iterable[float], *, retry: bool) -> list[float]:
        """The rates at which a question has to be asked: none if the system cannot be asked it, or all are on record.

        Args:
            set_name: the question's set.
            question: the question.
            rates: rates of the run.
            retry: ask again where an error is on record.
        """
        if not can_be_asked(self.system, question):
            return []
        return [rate for rate in rates_of(self.system, rates) if not self._is_done(set_name, question, rate, retry)]

    def _is_done(self, set_name: str, question: Question, rate: float, retry: bool) -> bool:  # noqa: FBT001
        key = (set_name, question.id, rate, self.seed)
        if not self.store.has_answer(key, self.code):
            return False
        failed = self.store.texts.code(key) != self.code and "error" in (self.store.questions.get(key, self.code) or {})
        return not (retry and failed)

    def ask(self, set_name: str, question: Question, rate: float, *, is_first: bool) -> Record:
        """Ask, put the answer on record and return what is on record of it.

        Args:
            set_name: the question's set.
            question: the question.
            rate: the rate.
            is_first: whether the worker has not been asked this question yet: only then its time counts, for it may
                keep what it computed.
        """
        request = make_request(self.system, question, rate, self.seed)
        answer = self.client.ask(request, timeout=self.timeout)
        self.was_asked = True
        head = {"set": set_name, "id": question.id, "rate": rate, "seed": self.seed, "code": self.code}
        if "error" in answer:
            self.errors_in_a_row += 1
            record = {**head, "measures": {}, "seconds": None, "peak_bytes": None, "error": answer["error"]}
        else:
            self.errors_in_a_row = 0
            text = {**head, **_kept(answer, is_first=is_first)}
            self.store.texts.append(text)
            record = measured(question, text)
        self.store.questions.append(record)
        return record


@dataclass(frozen=True)
class Task:
    """A question that a system still has to be asked, at these rates; `place` says which of how many of its set."""

    asker: Asker
    set_name: str
    question: Question
    place: str
    rates: tuple[float, ...]


def can_be_asked(system: System, question: Question) -> bool:
    """Whether a question has what the system needs."""
    has_question = question.question is not None or not system.needs_question
    return has_question and (bool(question.gold) or not system.needs_gold)


def rates_of(system: System, rates: Iterable[float]) -> list[float]:
    """The rates at which a system is asked, 0.25 first; a system that heeds no rate is asked once, under rate 1."""
    return sorted(set(rates), key=lambda rate: (rate != FIRST_RATE, rate)) if system.rates else [UNRATED]


def make_request(system: System, question: Question, rate: float, seed: int) -> dict[str, Any]:
    """Return the request of a worker, as `peers/_worker.py` describes it."""
    request = {
        "id": question.id,
        "passages": list(question.passages),
        "question": question.question,
        "rate": rate,
        "seed": seed,
    }
    return {**request, "gold": sorted(question.gold)} if system.needs_gold else request


def measured(question: Question, text: Mapping[str, Any]) -> Record:
    """Return the record of what is measured of an output text."""
    head = {name: text[name] for name in ("set", "id", "rate", "seed", "code")}
    measures = measure(question, text["text"], text["ranking"], text["rate"])
    return {**head, "measures": measures, "seconds": text["seconds"], "peak_bytes": text["peak_bytes"]}


def plan(
    askers: Sequence[Asker], sets: Mapping[str, Sequence[Question]], rates: Sequence[float], *, retry: bool
) -> list[Task]:
    """List what is not on record yet: set by set, and in a set each question of every system in turn."""
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
    """Ask everything in turn; a system that fails five times in a row, or does not start, is given up for this run."""
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
    return {
        "text": answer["text"],
        "ranking": answer["ranking"],
        "seconds": answer["seconds"] if is_first else None,
        "peak_bytes": answer.get("peak_bytes"),
    }
