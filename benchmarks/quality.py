"""Run systems over sets, and measure what they keep; answers on record are not asked for again.

Stop it at any time: it goes on where it stopped. Aggregates are written at the end, and by --aggregate-only.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.aggregates import Line, aggregate, collect, read_aggregates, update, write_aggregates
from benchmarks.asking import Asker, carry_out, plan, rates_of
from benchmarks.circumstances import circumstances
from benchmarks.errors import UsageError
from benchmarks.importing import import_answers
from benchmarks.progress import say
from benchmarks.records import RESULTS, WORK, Record, Store
from benchmarks.sets import SETS, Question, read_set
from benchmarks.systems import OURS, System, choose_systems, find_systems, make_client, make_variant, pinned_versions

RATES = (0.25, 0.5)
COUNT = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the files that docs/benchmarks.md names")
    parser.add_argument("--sets", nargs="+", default=list(SETS), help="default: all")
    parser.add_argument("--systems", nargs="+", help="default: all but variants; a variant is lingua:NAME")
    parser.add_argument("--variants", nargs="+", default=[], metavar="NAME=JSON", help="further variants to run")
    parser.add_argument("--rates", nargs="+", type=float, default=list(RATES))
    parser.add_argument("--count", type=int, default=COUNT, help="questions of each set")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of questions")
    parser.add_argument("--model", type=Path, help="folder of a causal model, for systems that take one")
    parser.add_argument("--embedding-model", type=Path, help="folder of a sentence-transformers model")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS", help="for one question")
    parser.add_argument("--retry-errors", action="store_true", help="ask again where an error is on record")
    parser.add_argument("--aggregate-only", action="store_true", help="run nothing")
    parser.add_argument(
        "--import", dest="imported", type=Path, metavar="FILE", help="take a worker's answers from FILE"
    )
    parser.add_argument("--system", help="whose answers are imported")
    parser.add_argument("--set", dest="set_name", help="to which set they belong")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for what was measured")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for output texts")


@dataclass(frozen=True)
class Run:
    """What a run is about: systems with their records and fingerprints, and questions by set.

    Fingerprints are taken once: someone may edit the sources while a long run goes on with what it has loaded.
    """

    arguments: argparse.Namespace
    systems: Sequence[System]
    ours: System
    sets: Mapping[str, Sequence[Question]]
    codes: Mapping[str, str]

    def store(self, system: System) -> Store:
        """The records of a system."""
        return Store.open(system.file_name, results=self.arguments.results, work=self.arguments.work)


def run(arguments: argparse.Namespace) -> None:
    """Ask what is not on record yet, then write the aggregates."""
    systems = _systems(arguments)
    _check_rates(arguments.rates)
    if arguments.imported:
        _import(arguments, systems)
        return
    extra = [f"{OURS}:{name.partition('=')[0]}" for name in arguments.variants]
    wanted = [*(arguments.systems or []), *extra] or (list(systems) if arguments.aggregate_only else None)
    sets = {name: read_set(arguments.data, name, count=arguments.count, seed=arguments.seed) for name in arguments.sets}
    chosen, ours = choose_systems(systems, wanted), systems[OURS]
    codes = {system.name: system.fingerprint() for system in [ours, *chosen]}
    work = Run(arguments, chosen, ours, sets, codes)
    versions = {} if arguments.aggregate_only else _ask(work)
    _write_aggregates(work, versions)


def _import(arguments: argparse.Namespace, systems: Mapping[str, System]) -> None:
    """Put the answers of a file on record; a later run aggregates them."""
    if not arguments.system or not arguments.set_name:
        msg = "--import needs --system and --set: whose answers they are, and to which questions"
        raise UsageError(msg)
    system = choose_systems(systems, [arguments.system])[0]
    questions = read_set(arguments.data, arguments.set_name, count=None, seed=arguments.seed)
    store = Store.open(system.file_name, results=arguments.results, work=arguments.work)
    number = import_answers(arguments.imported, system, store, (arguments.set_name, arguments.seed), questions)
    say(f"{number} answers of {system.name} to {arguments.set_name} are on record now")


def _systems(arguments: argparse.Namespace) -> dict[str, System]:
    """All systems, and the variants that the command line adds."""
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
    """Ask what is missing; return the versions that each system ran with, for those that were asked."""
    with ExitStack() as stack:
        askers = [_asker(work, system, stack) for system in work.systems if _is_ready(system)]
        tasks = plan(askers, work.sets, work.arguments.rates, retry=work.arguments.retry_errors)
        say(f"{sum(len(task.rates) for task in tasks)} answers are not on record yet")
        carry_out(tasks)
        return {asker.system.name: asker.client.versions for asker in askers if asker.was_asked}


def _asker(work: Run, system: System, stack: ExitStack) -> Asker:
    arguments = work.arguments
    client = make_client(
        system, model=arguments.model, embedding_model=arguments.embedding_model, threads=arguments.threads
    )
    stack.enter_context(client)
    return Asker(system, client, work.store(system), work.codes[system.name], arguments.seed, arguments.timeout)


def _is_ready(system: System) -> bool:
    if not system.is_built():
        say(f"{system.name} is left out: its environment is not built; `python -m benchmarks peers` builds it")
    return system.is_built()


def _write_aggregates(work: Run, versions: Mapping[str, dict[str, str]]) -> None:
    """Write a line for each set, system and rate that has records."""
    path = work.arguments.results / "quality.jsonl"
    known = read_aggregates(path)
    now = circumstances(work.arguments.threads)
    our_records = cache(partial(_collect, work, work.ours, work.store(work.ours)))
    lines = []
    for system in work.systems:
        for line in _lines(work, system, our_records):
            previous = known.get((line["set"], line["system"], line["rate"]), {})
            lines.append(line | _circumstances(system, line, now, previous, versions.get(system.name)))
    write_aggregates(path, lines)
    say(f"{len(lines)} lines of {path.name} written")


def _lines(work: Run, system: System, our_records: Callable[[str, float], list[Record]]) -> list[Line]:
    lines, store, measured = [], work.store(system), []
    for set_name in work.sets:
        for rate in rates_of(system, work.arguments.rates):
            records = _collect(work, system, store, set_name, rate)
            measured += records
            if records:
                lines.append(aggregate(set_name, system, records, our_records(set_name, rate)))
    if measured:
        update(store, measured)
    return lines


def _collect(work: Run, system: System, store: Store, set_name: str, rate: float) -> list[Record]:
    return collect(store, work.codes[system.name], set_name, work.sets[set_name], rate, work.arguments.seed)


def _circumstances(
    system: System, line: Line, now: Line, previous: Line, versions: dict[str, str] | None
) -> dict[str, Any]:
    """Those of this run if the system was asked in it, else those of the run that the line before is from."""
    if versions is None and previous.get("code") == line["code"]:
        return {name: previous[name] for name in now}
    return {**now, "versions": versions or pinned_versions(system) or now["versions"]}
