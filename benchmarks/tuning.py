"""Fit the constants of selection on dev questions: a random half chooses values, the other half confirms them.

The constants are searched one after the other, over a few values each. A value is proposed if it keeps more answers on
the choosing half, and adopted only if it keeps more on the confirming half, too. The encoder reads each question once;
only the selection is repeated. The figures are written to `tuning.jsonl`; nothing is changed in the code.
"""

import argparse
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import torch

from benchmarks.arguments import add_threads, add_tuning_data
from benchmarks.circumstances import circumstances
from benchmarks.kept_scores import KeptScoring
from benchmarks.measures import survival
from benchmarks.progress import say
from benchmarks.records import write_lines
from benchmarks.sets import Question, read_set
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.evaluation.statistics import Interval, paired_difference
from lingua_shared.methods import DEFAULT_METHOD, METHODS
from lingua_shared.scoring.policy import POLICY

SETS = ("nq20", "hotpotqa", "2wikimultihopqa", "musique")
RATES = (0.25, 0.1)
WEIGHTS: Mapping[str, tuple[float, ...]] = {
    "answer_weight": (0.25, 0.5, 0.75, 1.0, 1.5),
    "bm25_weight": (0.25, 0.5, 0.75, 1.0, 1.5),
    "bridge_weight": (0.0, 0.25, 0.5, 1.0),
    "link_weight": (0.0, 2.5, 5.0, 8.0),
}
"""Constants of `lingua_shared.scoring.policy` and the values to try."""

OPTIONS: Mapping[str, tuple[float, ...]] = {
    "budget_strength": (0.0, 0.25, 0.5, 1.0),
    "coarse_ratio": (3.0, 4.0, 6.0, 9.0),
    "whole_share": (0.0, 0.35, 0.5, 0.65),
}
"""Options whose defaults are in `lingua_shared.methods.METHODS`, and the values to try."""

Settings = Mapping[str, float]
Kept = dict[str, float]
"""By question: the share of the rates at which its answer survives."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_tuning_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--count", type=int, default=40, help="questions of each set, half of them to choose")
    parser.add_argument("--seed", type=int, default=0, help="of the draw and of the halves")
    parser.add_argument("--constants", nargs="+", choices=[*WEIGHTS, *OPTIONS], help="default: all")


def run(arguments: argparse.Namespace) -> None:
    """Search, confirm, and write a line for each constant and one for all adopted values together."""
    torch.set_num_threads(arguments.threads)
    draw = {"split": "dev", "count": arguments.count, "seed": arguments.seed}
    sets = {name: read_set(arguments.data, name, **draw) for name in arguments.sets}
    choosing, confirming = halves(sets, arguments.seed)
    trial = Trial(ModelOptions(local_files_only=True))
    names = arguments.constants or [*WEIGHTS, *OPTIONS]
    values = {name: ({**WEIGHTS, **OPTIONS})[name] for name in names}
    lines = tuned(current_settings(), values, trial.kept, choosing, confirming)
    around = {"split": "dev", "sets": arguments.sets, "rates": RATES, "seed": arguments.seed}
    around |= circumstances(arguments.threads)
    write_lines(arguments.results / "tuning.jsonl", [{**line, **around} for line in lines])


def current_settings() -> dict[str, float]:
    """Return the values in use."""
    preset = METHODS[DEFAULT_METHOD]
    return {
        **{name: float(getattr(POLICY, name)) for name in WEIGHTS},
        **{name: float(getattr(preset, name)) for name in OPTIONS},
    }


@dataclass(frozen=True)
class Half:
    """Half of the questions of each set."""

    sets: Mapping[str, Sequence[Question]]


def halves(sets: Mapping[str, Sequence[Question]], seed: int) -> tuple[Half, Half]:
    """Part the questions of each set at random into two halves, leaving out those without a span as answer."""
    first, second = {}, {}
    for name, questions in sets.items():
        asked = [question for question in questions if question.kind == "span"]
        random.Random(f"{seed}-halves-{name}").shuffle(asked)
        first[name], second[name] = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    return Half(first), Half(second)


class Trial:
    """Compresses questions with given settings, over scores that are computed once."""

    def __init__(self, models: ModelOptions) -> None:
        """Load nothing yet."""
        self._scoring = KeptScoring(models)
        self._compressor = PromptCompressor(models, scoring=self._scoring)

    def kept(self, settings: Settings, half: Half) -> dict[str, Kept]:
        """Return by set and question the share of the rates at which an accepted answer survives."""
        self._scoring.weights = {name: settings[name] for name in WEIGHTS}
        options = [CompressionOptions(rate=rate, **{name: settings[name] for name in OPTIONS}) for rate in RATES]
        return {
            name: {question.id: self._share(question, options) for question in questions}
            for name, questions in half.sets.items()
        }

    def _share(self, question: Question, options: Iterable[CompressionOptions]) -> float:
        texts = (
            self._compressor.compress(question.passages, question=question.question, options=of_rate).text
            for of_rate in options
        )
        return mean(survival(question, text) or 0.0 for text in texts)


Try = Callable[[Settings, Half], dict[str, Kept]]


def tuned(
    current: Settings, values: Mapping[str, Sequence[float]], try_out: Try, choosing: Half, confirming: Half
) -> list[dict[str, Any]]:
    """Search the constants in turn; return a line for each and one for all adopted values together.

    Args:
        current: The values in use.
        values: The values to try of each constant.
        try_out: What settings keep of the questions of a half.
        choosing: The half on which values are chosen.
        confirming: The half on which they must hold.
    """
    before = try_out(current, choosing), try_out(current, confirming)
    best, best_score, scores = dict(current), _score(before[0]), {}
    for name, tried in values.items():
        found = {value: _score(try_out({**best, name: value}, choosing)) for value in tried if value != best[name]}
        found[best[name]] = best_score
        scores[name] = found
        best[name] = max(found, key=lambda value: (found[value], value == best[name]))
        best_score = found[best[name]]
        say(f"{name}: {', '.join(f'{value:g} {score:.3f}' for value, score in sorted(found.items()))}")
    lines = [_line(name, current, best[name], scores[name], try_out, before, (choosing, confirming)) for name in values]
    adopted = {line["constant"]: line["proposed"] for line in lines if line["adopted"]}
    return [*lines, _together(current, adopted, try_out, before, (choosing, confirming))]


def _line(
    name: str,
    current: Settings,
    proposed: float,
    scores: Mapping[float, float],
    try_out: Try,
    before: tuple[dict[str, Kept], dict[str, Kept]],
    both: tuple[Half, Half],
) -> dict[str, Any]:
    """Compare one proposed value alone with the value in use, on both halves."""
    line = {"constant": name, "current": current[name], "proposed": proposed}
    line["scores"] = {f"{value:g}": round(score, 4) for value, score in sorted(scores.items())}
    if proposed == current[name]:
        return {**line, "choosing": None, "confirming": None, "adopted": False}
    differences = _differences({**current, name: proposed}, try_out, before, both)
    return {**line, **_as_lines(differences), "adopted": all(found.estimate > 0 for found in differences)}


def _together(
    current: Settings,
    adopted: Settings,
    try_out: Try,
    before: tuple[dict[str, Kept], dict[str, Kept]],
    both: tuple[Half, Half],
) -> dict[str, Any]:
    """Compare all adopted values together with the values in use; if they do not hold together, none is adopted."""
    line: dict[str, Any] = {"constant": "all", "current": None, "proposed": dict(adopted)}
    line["before"] = [round(_score(kept), 4) for kept in before]
    if not adopted:
        return {**line, "choosing": None, "confirming": None, "adopted": False}
    differences = _differences({**current, **adopted}, try_out, before, both)
    return {**line, **_as_lines(differences), "adopted": differences[1].estimate > 0}


def _differences(
    settings: Settings, try_out: Try, before: tuple[dict[str, Kept], dict[str, Kept]], both: tuple[Half, Half]
) -> list[Interval]:
    found = []
    for half, kept_before in zip(both, before, strict=True):
        difference = paired_difference(_flat(try_out(settings, half)), _flat(kept_before))
        assert difference is not None
        found.append(difference)
    return found


def _as_lines(differences: Sequence[Interval]) -> dict[str, Any]:
    names = ("choosing", "confirming")
    return {name: found.as_line("difference") for name, found in zip(names, differences, strict=True)}


def _score(kept: Mapping[str, Kept]) -> float:
    """Return the mean over sets of the means over questions."""
    return mean(mean(of_set.values()) for of_set in kept.values() if of_set)


def _flat(kept: Mapping[str, Kept]) -> Kept:
    return {f"{name} {question}": value for name, of_set in kept.items() for question, value in of_set.items()}
