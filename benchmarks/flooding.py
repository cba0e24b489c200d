"""Measure how often the answer stays when one or five hostile passages of a kind are put beside five real ones.

The budget is the same with and without them: a share of the real passages' tokens. Runs in the project's own
environment with the default engine.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from benchmarks.arguments import add_data, add_threads
from benchmarks.hostile import FLOODS
from benchmarks.measures import SEPARATOR, count_tokens, survival
from benchmarks.progress import say
from benchmarks.sets import SETS, Question, read_set
from benchmarks.tables import table
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor

REAL = 5
"""Real passages per question: those that answer, and others."""

COUNTS = (1, 5)
"""Hostile passages of a kind that are put beside them."""

_RATE = 0.25
_SETTINGS: dict[str, dict[str, Any]] = {"rate .25": {}, "3 passages": {"max_passages": 3}}


@dataclass(frozen=True)
class Outcome:
    """One output.

    Attributes:
        is_kept: whether the answer is in what was kept of the real passages.
        hostile_share: share of the output's tokens that are from hostile passages, in [0, 1].
    """

    is_kept: bool
    hostile_share: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=("nq20", "hotpotqa"))
    parser.add_argument("--count", type=int, default=16, help="questions of each set; default: 16")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time; default: never")
    parser.add_argument("--kinds", nargs="+", choices=FLOODS, default=tuple(FLOODS))
    parser.add_argument("--settings", nargs="+", choices=_SETTINGS, default=tuple(_SETTINGS))


def run(arguments: argparse.Namespace) -> None:
    """Compress with none, one and five hostile passages of each kind, and print a table."""
    torch.set_num_threads(arguments.threads)
    engine = PromptCompressor(ModelOptions(device="cpu", local_files_only=True))
    outcomes: defaultdict[tuple[str, int, str], list[Outcome]] = defaultdict(list)
    floods = [("none", 0), *((kind, count) for kind in arguments.kinds for count in COUNTS)]
    until = time.monotonic() + arguments.seconds
    by_set = [read_set(arguments.data, s, split=arguments.split, count=arguments.count) for s in arguments.sets]
    for whole in (question for of_one in zip(*by_set, strict=False) for question in of_one):
        question = few_passages(whole)
        if survival(question, SEPARATOR.join(question.passages)) and time.monotonic() < until:
            for setting in arguments.settings:
                for kind, count in floods:
                    outcomes[kind, count, setting].append(_outcome(engine, question, kind, count, setting))
    say(flooding_table(outcomes))


def few_passages(question: Question) -> Question:
    """Return a question with its gold passages and the first others, in their order."""
    gold = sorted(question.gold)[:REAL]
    others = [i for i in range(len(question.passages)) if i not in question.gold][: REAL - len(gold)]
    kept = sorted([*gold, *others])
    at = {index: place for place, index in enumerate(kept)}
    passages = tuple(question.passages[i] for i in kept)
    return replace(question, passages=passages, gold=frozenset(at[i] for i in gold))


def hostile_passages(question: Question, kind: str, count: int) -> list[str]:
    """Return different hostile passages of a kind, drawn by the question's identity."""
    beside = [text for i, text in enumerate(question.passages) if i not in question.gold] or [question.passages[0]]
    made = []
    for number in range(count):
        generator = random.Random(f"{question.id}-{kind}-{number}")
        made.append(FLOODS[kind](question.question or "", generator.choice(beside), generator))
    return made


def _outcome(engine: PromptCompressor, question: Question, kind: str, count: int, setting: str) -> Outcome:
    real, hostile = question.passages, hostile_passages(question, kind, count)
    passages, is_real = [*real, *hostile], [*[True] * len(real), *[False] * len(hostile)]
    order = random.Random(f"{question.id}-{kind}-{count}").sample(range(len(passages)), len(passages))
    options = CompressionOptions(target_tokens=int(_RATE * count_tokens(SEPARATOR.join(real))), **_SETTINGS[setting])
    result = engine.compress([passages[i] for i in order], question=question.question, options=options)
    kept = {True: [""], False: [""]}
    for passage in result.passages:
        kept[is_real[order[passage.index]]].append(passage.text)
    of_real, of_hostile = (count_tokens(SEPARATOR.join(kept[which])) for which in (True, False))
    is_kept = bool(survival(question, SEPARATOR.join(kept[True])))
    return Outcome(is_kept, of_hostile / max(of_real + of_hostile, 1))


def flooding_table(outcomes: dict[tuple[str, int, str], list[Outcome]]) -> str:
    """Return a row for each kind and count, with both figures for each setting."""
    settings = list(dict.fromkeys(setting for _, _, setting in outcomes))
    rows = []
    for kind, count in dict.fromkeys((kind, count) for kind, count, _ in outcomes):
        cells = [cell for setting in settings for cell in _cells(outcomes[kind, count, setting])]
        rows.append([kind, str(count), *cells])
    heads = [head for setting in settings for head in (f"answer kept, {setting}", "hostile share")]
    return table(["kind", "passages", *heads], rows)


def _cells(outcomes: Sequence[Outcome]) -> tuple[str, str]:
    kept = sum(one.is_kept for one in outcomes)
    return f"{kept} of {len(outcomes)}", f"{sum(one.hostile_share for one in outcomes) / len(outcomes):.2f}"
