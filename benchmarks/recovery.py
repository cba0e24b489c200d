"""Measure recovery: does it leave right answers alone, does it restore damaged quotations, and how long does it take?

Words of the sources are dropped at random (with names and dates whole, as Lingua keeps them, and without), and by
Lingua itself. llmlingua's own `recover` gets the same answers if its environment is built and --model is given.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.arguments import add_data, add_threads, results_of
from benchmarks.circumstances import circumstances
from benchmarks.client import Client
from benchmarks.progress import say
from benchmarks.records import write_lines
from benchmarks.recovery_cases import FORMS, Damaged, damaged_quotes, masked, right_answers
from benchmarks.recovery_time import time_lines
from benchmarks.sets import Question, read_set
from benchmarks.systems import PEERS, VENVS
from lingua_shared import (
    CompressionOptions,
    CompressionResult,
    ModelOptions,
    PromptCompressor,
    Recoverer,
    RecoveryOptions,
)
from lingua_shared.evaluation.statistics import mean_interval

RATES = (0.5, 0.4, 0.3, 0.2, 0.1)
MADE_BY = ("random words", "random words, names whole")
OURS, PEER = "lingua", "llmlingua 0.2.2"
_LONG = 10**6

Recover = Callable[[str], str]
Line = dict[str, Any]


@dataclass(frozen=True)
class Compressed:
    """A question, how it was compressed, and at which rate."""

    set_name: str
    question: Question
    hidden: tuple[str, ...]
    made_by: str
    rate: float
    result: CompressionResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", default=["hotpotqa", "nq20", "musique", "multilingual"])
    parser.add_argument("--count", type=int, default=60, help="questions of each set")
    parser.add_argument("--right", type=int, default=400, help="right answers of each sort")
    parser.add_argument("--quotes", type=int, default=2, help="damaged quotations of each compressed question")
    parser.add_argument("--compressed", type=int, default=3, help="questions of each set that Lingua compresses")
    parser.add_argument("--model", type=Path, help="folder of a causal model for llmlingua; without it, it is left out")


def run(arguments: argparse.Namespace) -> None:
    """Measure, and write the lines of `recovery.jsonl`."""
    cases = list(_compressed(arguments))
    say(f"{len(cases)} compressed questions")
    with _peer(arguments) or nullcontext() as client:
        lines = [*_right_lines(cases, client, arguments.right), *_damaged_lines(cases, client, arguments.quotes)]
    lines += time_lines(arguments.data, arguments.split)
    around = {"split": arguments.split, **circumstances(arguments.threads)}
    write_lines(results_of(arguments) / "recovery.jsonl", ({**line, **around} for line in lines))


def _compressed(arguments: argparse.Namespace) -> Iterator[Compressed]:
    rates, compressor = cycle(RATES), PromptCompressor(ModelOptions(local_files_only=True))
    for name in arguments.sets:
        for number, question in enumerate(_questions(arguments, name)):
            rate, rng = next(rates), random.Random(f"{name}-{question.id}")
            for made_by in MADE_BY:
                # Every second question hides half of its passages: sentences of these are right answers, too.
                hidden = question.passages[1::2] if number % 2 and len(question.passages) > 1 else ()
                given = replace(question, passages=question.passages[::2]) if hidden else question
                result = masked(given, rate, rng, atoms=made_by == MADE_BY[1])
                yield Compressed(name, given, hidden, made_by, rate, result)
            if number < arguments.compressed:
                options = CompressionOptions(rate=rate, unit="word")
                result = compressor.compress(question.passages, question=question.question, options=options)
                yield Compressed(name, question, (), "Lingua", rate, result)


def _questions(arguments: argparse.Namespace, name: str) -> list[Question]:
    return read_set(arguments.data, name, split=arguments.split, count=arguments.count)


def _peer(arguments: argparse.Namespace) -> Client | None:
    python = VENVS / "llmlingua" / "bin" / "python"
    if not arguments.model or not python.exists():
        say("llmlingua is left out: it needs --model and `python -m benchmarks peers --only llmlingua`")
        return None
    settings = {"model": str(arguments.model.resolve()), "threads": arguments.threads}
    return Client([str(python), str(PEERS / "_llmlingua_recover.py"), json.dumps(settings)])


def _systems(case: Compressed, client: Client | None) -> dict[str, Recover]:
    """Return each system as a function from an answer to the recovered answer."""
    recoverer = Recoverer(case.result)
    systems: dict[str, Recover] = {OURS: lambda answer: recoverer.recover(answer).text}
    if client:
        original = "\n\n".join(case.question.passages)

        def peer(answer: str) -> str:
            request = {"id": "0", "passages": [], "original": original, "compressed": case.result.text}
            said = client.ask({**request, "answer": answer}, timeout=120)
            return str(said.get("text", "an error"))

        systems[PEER] = peer
    return systems


def _right_lines(cases: Sequence[Compressed], client: Client | None, most: int) -> list[Line]:
    """Count how many right answers of each sort are changed; changes of white space do not count."""
    asked: Counter[tuple[str, str]] = Counter()
    changed: Counter[tuple[str, str]] = Counter()
    for case in cases:
        others = [other.question for other in cases if other.question.id != case.question.id]
        systems, rng = _systems(case, client), random.Random(f"right-{case.question.id}-{case.made_by}")
        for right in right_answers(case.question, others, case.hidden, rng):
            for system, recover in systems.items() if asked[OURS, right.sort] < most else ():
                asked[system, right.sort] += 1
                changed[system, right.sort] += not _same(recover(right.answer), right.answer)
    return [
        {"measure": "right answers", "system": system, "sort": sort, "n": count, "changed": changed[system, sort]}
        for (system, sort), count in asked.items()
    ]


def _damaged_lines(cases: Sequence[Compressed], client: Client | None, count: int) -> list[Line]:
    """Count how many damaged quotations are restored, by group, and why the others are not."""
    asked: Counter[tuple[str, ...]] = Counter()
    restored: Counter[tuple[str, ...]] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    for case in cases:
        systems, rng = _systems(case, client), random.Random(f"damaged-{case.question.id}-{case.made_by}")
        for quote in damaged_quotes(case.result, count, rng):
            for (form, pattern), (system, recover) in ((f, s) for f in FORMS.items() for s in systems.items()):
                is_restored = _same(recover(pattern.format(quote.quote)), pattern.format(quote.truth))
                groups = _groups(case, quote)
                asked.update((system, form, *group) for group in groups)
                restored.update((system, form, *group) for group in groups if is_restored)
                if system == OURS and not is_restored:
                    reasons[form, _reason(case, pattern.format(quote.quote), pattern.format(quote.truth))] += 1
    return [*_shares(asked, restored), *_reason_lines(reasons)]


def _groups(case: Compressed, quote: Damaged) -> list[tuple[str, str]]:
    words = "2" if quote.words < 3 else "3" if quote.words < 4 else "4 to 6" if quote.words < 7 else "8 to 12"
    facts = {"set": case.set_name, "rate": str(case.rate), "made by": case.made_by, "kept words": words}
    return [("all", "all"), *facts.items()]


def _shares(asked: Mapping[tuple[str, ...], int], restored: Mapping[tuple[str, ...], int]) -> Iterator[Line]:
    for (system, form, group, value), count in sorted(asked.items()):
        hits = restored.get((system, form, group, value), 0)
        share = mean_interval([1.0] * hits + [0.0] * (count - hits)).as_line()
        yield {
            "measure": "damaged quotations",
            "system": system,
            "form": form,
            "group": group,
            "value": value,
            "n": count,
            "restored": share,
        }


def _reason_lines(reasons: Mapping[tuple[str, str], int]) -> Iterable[Line]:
    for (form, reason), count in sorted(reasons.items()):
        yield {"measure": "not restored", "system": OURS, "form": form, "reason": reason, "n": count}


def _reason(case: Compressed, answer: str, truth: str) -> str:
    """Return why a quotation was not restored: the option that prevented it, if there is one."""
    if Recoverer(case.result).recover(answer).ambiguous:
        return "sources differ"
    for name, options in {
        "too little of it to tell from chance (min_match)": RecoveryOptions(min_match=0),
        "too many words dropped in one place (max_gap)": RecoveryOptions(max_gap=_LONG),
        "both (min_match and max_gap)": RecoveryOptions(min_match=0, max_gap=_LONG),
    }.items():
        if _same(Recoverer(case.result, options=options).recover(answer).text, truth):
            return name
    return (
        "a part of it stands in a source, another place matches as well, few characters of a script without spaces, "
        "or markup in what was dropped"
    )


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()
