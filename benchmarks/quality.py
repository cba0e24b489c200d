"""Run systems over sets and measure what their answers keep. Questions that are answered already are not asked again.

It may be stopped at any time and continues where it stopped. Aggregates are written at the end. Published figures are
measured on the test split; `--split dev` is for choosing settings, and writes to `benchmarks/work/dev`.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from benchmarks.aggregates import Line, aggregate, collect, read_aggregates, write_aggregates
from benchmarks.arguments import add_data, add_workers, results_of
from benchmarks.circumstances import circumstances
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.records import Answers, Record
from benchmarks.runner import Asker, carry_out, plan, rates_of
from benchmarks.sets import Question, read_set, sets_of_split
from benchmarks.systems import OURS, System, choose_systems, find_systems, make_client, make_variant, pinned_versions

RATES = (0.25, 0.5, 0.17, 0.1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_workers(parser, timeout=600)
    parser.add_argument("--sets", nargs="+", help="default: all that the split has")
    parser.add_argument("--systems", nargs="+", help="default: all but variants; a variant is lingua:NAME")
    parser.add_argument("--variants", nargs="+", default=[], metavar="NAME=JSON", help="further variants to run")
    parser.add_argument("--rates", nargs="+", type=float, default=list(RATES))
    parser.add_argument("--count", type=int, help="questions of each set; default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of questions")
    parser.add_argument("--retry-errors", action="store_true", help="ask again where the answer was an error")
    parser.add_argument("--aggregate-only", action="store_true", help="ask nothing, aggregate what is there")


@dataclass(frozen=True)
class Run:
    """The systems of a run with their fingerprints, and its questions by set."""

    arguments: argparse.Namespace
    systems: Sequence[System]
    ours: System
    sets: Mapping[str, Sequence[Question]]
    codes: Mapping[str, str]

    def answers(self, system: System) -> Answers:
        """Open the answers of a system."""
        return Answers.open(system.file_name, split=self.arguments.split, work=self.arguments.work)


def run(arguments: argparse.Namespace) -> None:
    """Ask what is not answered yet, then write the aggregates."""
    measure(arguments, file="quality.jsonl", reference=OURS)


def measure(arguments: argparse.Namespace, *, file: str, reference: str) -> None:
    """Ask what is not answered yet, then write the aggregates.

    Args:
        arguments: The options of this command.
        file: Name of the file in the folder of results.
        reference: Name of the system that all others are compared with.
    """
    systems = _systems(arguments)
    _check_rates(arguments.rates)
    extra = [f"{OURS}:{name.partition('=')[0]}" for name in arguments.variants]
    wanted = [*(arguments.systems or []), *extra] or (list(systems) if arguments.aggregate_only else None)
    chosen, ours = choose_systems(systems, wanted), systems[reference]
    codes = {system.name: system.fingerprint() for system in [ours, *chosen]}
    work = Run(arguments, chosen, ours, _sets(arguments), codes)
    versions = {} if arguments.aggregate_only else _ask(work)
    _write_aggregates(work, versions, results_of(arguments) / file)


def _sets(arguments: argparse.Namespace) -> dict[str, list[Question]]:
    names = arguments.sets or sets_of_split(arguments.split)
    draw = {"split": arguments.split, "count": arguments.count, "seed": arguments.seed}
    return {name: read_set(arguments.data, name, **draw) for name in names}


def _systems(arguments: argparse.Namespace) -> dict[str, System]:
    """Return all systems, and the variants that the command line adds."""
    systems = find_systems()
    for text in arguments.variants:
        name, _, description = text.partition("=")
        try:
            variant = make_variant(systems[OURS], name, json.loads(description))
        except ValueError as error:
            msg = f'--variants {text!r} is not NAME=JSON ({error}), such as first={{"compression_options": {{}}}}'
            raise UsageError(msg) from error
        systems[variant.name] = variant
    return systems


def _check_rates(rates: Iterable[float]) -> None:
    wrong = [rate for rate in rates if not 0 < rate <= 1]
    if wrong:
        msg = f"rates {wrong}: a rate is the share of the tokens to keep, above 0 and at most 1"
        raise UsageError(msg)


def _ask(work: Run) -> dict[str, dict[str, str]]:
    """Ask what is missing; return the library versions of each system that was asked."""
    with ExitStack() as stack:
        askers = [_asker(work, system, stack) for system in work.systems if _is_ready(system)]
        tasks = plan(askers, work.sets, work.arguments.rates, retry=work.arguments.retry_errors)
        say(f"{sum(len(task.rates) for task in tasks)} answers are missing")
        carry_out(tasks)
        return {asker.system.name: asker.client.versions for asker in askers if asker.was_asked}


def _asker(work: Run, system: System, stack: ExitStack) -> Asker:
    arguments = work.arguments
    client = make_client(
        system, model=arguments.model, embedding_model=arguments.embedding_model, threads=arguments.threads
    )
    stack.enter_context(client)
    return Asker(system, client, work.answers(system), work.codes[system.name], arguments.seed, arguments.timeout)


def _is_ready(system: System) -> bool:
    if not system.is_built():
        say(f"{system.name} is left out: its environment is not built; `python -m benchmarks peers` builds it")
    return system.is_built()


def _write_aggregates(work: Run, versions: Mapping[str, dict[str, str]], path: Path) -> None:
    """Write a line for each set, system and rate that has answers."""
    known = read_aggregates(path)
    now = circumstances(work.arguments.threads)
    our_records = cache(partial(_collect, work, work.ours, work.answers(work.ours)))
    lines = []
    for system in work.systems:
        for line in _lines(work, system, our_records):
            previous = known.get((line["set"], line["system"], line["rate"]), {})
            lines.append(line | _circumstances(system, line, now, previous, versions.get(system.name)))
    write_aggregates(path, lines)
    say(f"{len(lines)} lines of {path.name} written")


def _lines(work: Run, system: System, our_records: Callable[[str, float], list[Record]]) -> list[Line]:
    lines, answers = [], work.answers(system)
    for set_name in work.sets:
        for rate in rates_of(system, work.arguments.rates):
            records = _collect(work, system, answers, set_name, rate)
            if records:
                line = aggregate(set_name, system, records, [] if system == work.ours else our_records(set_name, rate))
                lines.append({**line, "split": work.arguments.split})
    return lines


def _collect(work: Run, system: System, answers: Answers, set_name: str, rate: float) -> list[Record]:
    return collect(answers, work.codes[system.name], set_name, work.sets[set_name], rate, work.arguments.seed)


def _circumstances(system: System, line: Line, now: Line, previous: Line, versions: dict[str, str] | None) -> Line:
    """Return those of this run if the system was asked in it, else those of the run that asked it."""
    if versions is None and previous.get("code") == line["code"]:
        return {name: previous[name] for name in now}
    return {**now, "versions": versions or pinned_versions(system) or now["versions"]}
