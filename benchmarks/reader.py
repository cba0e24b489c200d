"""Let a language model answer from the texts that `quality` made, and measure how often the answer is right."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.arguments import add_data, results_of
from benchmarks.circumstances import circumstances
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.reader_measures import measure_answer
from benchmarks.records import Answers, read_lines, write_lines
from benchmarks.sets import SETS, Question, read_set
from benchmarks.systems import OURS, System, choose_systems, find_systems
from lingua_shared.evaluation.reader_client import AnswerCache, ReaderClient, ReaderError, RefusedError
from lingua_shared.evaluation.reading import chat_request
from lingua_shared.evaluation.statistics import mean_interval, paired_difference

_SYSTEMS = (OURS, "llmlingua", "full_prompt", "gold_only")

Ask = Callable[[dict[str, Any]], str | None]
Scores = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Reading:
    """What is read, and by which model.

    Attributes:
        model: Name of the reader on its server.
        split: Split of the questions.
        rate: Rate of the texts; systems that follow no rate are read at rate 1.
        seed: Seed of the draw of questions, and of the server.
        max_tokens: Tokens of an answer at most.
        concurrency: Number of requests at one time.
    """

    model: str
    split: str = "test"
    rate: float = 0.25
    seed: int = 0
    max_tokens: int = 64
    concurrency: int = 1


@dataclass(frozen=True)
class Outcome:
    """Measures of the questions that were answered, by id; the numbers of refused requests and of missing texts."""

    scores: Scores
    errors: int
    missing: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    parser.add_argument(
        "--reader-url", required=True, help="address of an OpenAI-compatible server, up to and with /v1"
    )
    parser.add_argument("--reader-model", required=True, help="the model's name on that server")
    parser.add_argument("--reader-timeout", type=float, default=120.0, help="seconds that one answer may take")
    parser.add_argument("--sets", nargs="+", default=["nq20"], help=f"of {', '.join(SETS)}; default: nq20")
    parser.add_argument("--systems", nargs="+", default=list(_SYSTEMS), help=f"default: {' '.join(_SYSTEMS)}")
    parser.add_argument("--rate", type=float, default=Reading.rate, help="rate of the texts that are read")
    parser.add_argument("--count", type=int, default=100, help="questions of each set")
    parser.add_argument("--seed", type=int, default=Reading.seed)
    parser.add_argument("--max-tokens", type=int, default=Reading.max_tokens, help="length of an answer at most")
    parser.add_argument("--concurrency", type=int, default=Reading.concurrency, help="requests at one time")


def run(arguments: argparse.Namespace) -> None:
    """Read every set and system that is asked for; each line is written as soon as it is complete.

    Raises:
        ReaderError: The server cannot be used; what it answered so far is kept.
    """
    reading = Reading(
        model=arguments.reader_model,
        split=arguments.split,
        rate=arguments.rate,
        seed=arguments.seed,
        max_tokens=arguments.max_tokens,
        concurrency=arguments.concurrency,
    )
    _check(reading, arguments.count)
    systems = choose_systems(find_systems(), arguments.systems)
    draw = {"split": arguments.split, "count": arguments.count, "seed": arguments.seed}
    with closing(ReaderClient(arguments.reader_url, timeout=arguments.reader_timeout)) as client:
        for name in arguments.sets:
            questions = read_set(arguments.data, name, **draw)
            folders = {"results": results_of(arguments), "work": arguments.work}
            read_systems(reading, client, name, questions, systems, **folders)


def _check(reading: Reading, count: int) -> None:
    if min(reading.concurrency, reading.max_tokens, count) < 1:
        given = f"--concurrency {reading.concurrency}, --max-tokens {reading.max_tokens}, --count {count}"
        msg = f"{given}: each must be at least 1"
        raise UsageError(msg)


def read_systems(
    reading: Reading,
    client: ReaderClient,
    set_name: str,
    questions: Sequence[Question],
    systems: Sequence[System],
    *,
    results: Path,
    work: Path,
) -> None:
    """Read the texts of all systems on one set, and write a line of `reader.jsonl` for each that has any."""
    asked = [question for question in questions if question.question is not None]
    if not asked:
        say(f"{set_name}: no questions, nothing to read")
        return
    with closing(AnswerCache(work / "reader-cache.sqlite")) as cache:
        ours = _ours(reading, cache, set_name, asked, work)
        for system in sorted(systems, key=lambda system: system.name != OURS):
            outcome = _read(reading, partial(_answer, client, cache), set_name, asked, system, work)
            if system.name == OURS:
                ours = outcome.scores
            if outcome.missing < len(asked):
                _write(results / "reader.jsonl", _line(reading, set_name, system, outcome, ours))
            counts = f"{len(outcome.scores)} read, {outcome.errors} errors, {outcome.missing} texts missing"
            hint = "; `quality` makes them, also after a change of code" if outcome.missing else ""
            say(f"{set_name} {system.name}: {counts}{hint}")


def _ours(reading: Reading, cache: AnswerCache, set_name: str, questions: Sequence[Question], work: Path) -> Scores:
    """Return Lingua's scores as far as an earlier run read them, for runs of other systems alone."""
    lingua = choose_systems(find_systems(), [OURS])[0]
    return _read(reading, cache.get, set_name, questions, lingua, work).scores


def _read(
    reading: Reading, ask: Ask, set_name: str, questions: Sequence[Question], system: System, work: Path
) -> Outcome:
    texts, code = Answers.open(system.file_name, split=reading.split, work=work), system.fingerprint()
    rate = reading.rate if system.rates else 1.0
    found = {q.id: texts.get((set_name, q.id, rate, reading.seed), code) for q in questions}
    present = [(q, record["text"]) for q in questions if (record := found[q.id]) and "error" not in record]
    bodies = [_body(reading, question, text) for question, text in present]
    with ThreadPoolExecutor(max_workers=reading.concurrency) as pool:
        try:
            answers = list(pool.map(ask, bodies))
        except ReaderError:
            pool.shutdown(cancel_futures=True)
            raise
    scores = {
        question.id: measure_answer(question, answer)
        for (question, _), answer in zip(present, answers, strict=True)
        if answer is not None
    }
    return Outcome(scores, errors=len(present) - len(scores), missing=len(questions) - len(present))


def _answer(client: ReaderClient, cache: AnswerCache, body: dict[str, Any]) -> str | None:
    """Return the answer from the cache, else from the server; None where the server refuses."""
    known = cache.get(body)
    if known is not None:
        return known
    try:
        answer = client.ask(body)
    except RefusedError as error:
        say(f"refused: {error}")
        return None
    cache.put(body, answer)
    return answer


def _body(reading: Reading, question: Question, text: str) -> dict[str, Any]:
    return chat_request(reading.model, text, question.question or "", seed=reading.seed, max_tokens=reading.max_tokens)


def _line(reading: Reading, set_name: str, system: System, outcome: Outcome, ours: Scores) -> dict[str, Any]:
    names = list(dict.fromkeys(name for measures in outcome.scores.values() for name in measures))
    values = {name: _values(outcome.scores, name) for name in names}
    means = {name: mean_interval(list(some.values())) for name, some in values.items() if some}
    paired = {name: paired_difference(_values(ours, name), some) for name, some in values.items()}
    shown = Path(reading.model).name if reading.model.startswith("/") else reading.model
    return {
        "set": set_name,
        "split": reading.split,
        "system": system.name,
        "label": system.label,
        "rate": reading.rate if system.rates else 1.0,
        "reader": shown,
        "n": len(outcome.scores),
        "errors": outcome.errors,
        "missing": outcome.missing,
        "seed": reading.seed,
        "measures": {name: interval.as_line() for name, interval in means.items()},
        "paired": {
            name: interval.as_line("difference")
            for name, interval in paired.items()
            if interval and system.name != OURS
        },
        "code": system.fingerprint(),
        **_circumstances(),
    }


def _circumstances() -> dict[str, Any]:
    """Return all but the machine: the reader runs on its server's."""
    return {key: value for key, value in circumstances(threads=1).items() if key != "machine"}


def _values(scores: Scores, name: str) -> dict[str, float]:
    return {id_: value for id_, measures in scores.items() if (value := measures.get(name)) is not None}


def _write(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line to the file; it replaces an older one of the same set, system, rate and reader."""
    same = ("set", "system", "rate", "reader")
    others = [old for old in read_lines(path) if any(old[key] != line[key] for key in same)]
    write_lines(path, [*others, line])
