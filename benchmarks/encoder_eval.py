"""Evaluate an encoder alone: ranking, calibration, unanswerable questions, position of the gold passage, attacks.

Runs in the project's own environment, on all passages of the questions of each set.
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.arguments import add_data, add_threads, results_of
from benchmarks.circumstances import circumstances
from benchmarks.hostile import ATTACKS
from benchmarks.progress import say
from benchmarks.records import read_lines, write_lines
from benchmarks.sets import SETS, read_set
from benchmarks.sets.base import Question
from lingua_shared import ModelOptions
from lingua_shared.evaluation.statistics import mean_interval, resampled_interval
from lingua_shared.methods import ENGLISH_ENCODER
from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.encoder.reader import EncoderReader
from lingua_shared.scoring.entity_links import boost_linked
from lingua_shared.scoring.loading import Models

ENGLISH_SETS = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique")
BINS = 10
QUARTERS = 4
_FIRST = 5

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """A question and what the encoder says of its passages.

    Attributes:
        question: The question with its passages.
        log_odds: Log-odds that each passage answers, judged alone, shape (passages,).
        signal: The ranking signal `encoder`: log-odds that each passage answers, or is linked from the one that does,
            given that one of them answers, shape (passages,).
    """

    question: Question
    log_odds: Values
    signal: Values

    @property
    def order(self) -> list[int]:
        """Indices of the passages, most relevant first."""
        return [int(i) for i in np.argsort(-self.signal, kind="stable")]

    @property
    def first_gold(self) -> int:
        """Rank of the first gold passage, from 0."""
        return min(self.order.index(index) for index in self.question.gold)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_threads(parser)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=ENGLISH_SETS)
    parser.add_argument("--count", type=int, help="questions of each set; default: all")
    parser.add_argument("--encoder", default=ENGLISH_ENCODER, help="catalog name or folder")
    parser.add_argument("--seed", type=int, default=0, help="of the attacks")


def run(arguments: argparse.Namespace) -> None:
    """Evaluate on every set and write a line of `encoder_eval.jsonl` for each."""
    torch.set_num_threads(arguments.threads)
    encoder = Models(ModelOptions(local_files_only=True)).encoder(arguments.encoder)
    around = {"encoder": Path(arguments.encoder).name, "seed": arguments.seed, "split": arguments.split}
    around |= circumstances(arguments.threads)
    lines = []
    for name in arguments.sets:
        questions = read_set(arguments.data, name, split=arguments.split, count=arguments.count)
        asked = [question for question in questions if question.gold and question.question]
        scored = [_scored(encoder, question) for question in asked]
        line = {"set": name, "n": len(scored), **figures(scored), **_attacked(encoder, scored, arguments.seed)}
        lines.append({**line, **around})
        say(f"{name}: {len(scored)} questions, recall@1 {line['recall@1']['mean']:.2f}")
    _write(results_of(arguments) / "encoder_eval.jsonl", lines)


def _write(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines. Those that they replace, and those of another engine, are dropped."""
    kept = [line for line in read_lines(path) if line["engine"] == lines[0]["engine"]]
    merged = {(line["encoder"], list(SETS).index(line["set"])): line for line in [*kept, *lines]}
    write_lines(path, [merged[place] for place in sorted(merged)])


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the ranks of gold passages, the calibration, and how well unanswerable questions are told apart."""
    first = [one.first_gold for one in scored]
    return {
        "recall@1": _share(place < 1 for place in first),
        "recall@5": _share(place < _FIRST for place in first),
        "all_gold@5": _share(set(one.order[:_FIRST]) >= one.question.gold for one in scored),
        "recall@1_by_quarter": _by_quarter(scored),
        "ece": resampled_interval(len(scored), partial(_ece_of, _gold_and_probability(scored))).as_line(),
        "auc_unanswerable": resampled_interval(len(scored), partial(_auc_of, *_best_log_odds(scored))).as_line(),
    }


def expected_calibration_error(probabilities: Values, truth: npt.NDArray[np.bool_]) -> float:
    """Return the mean distance of probability and share of true cases over ten bins, weighted by their sizes."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    inside = [bins == i for i in range(BINS) if (bins == i).any()]
    gaps = [abs(probabilities[found].mean() - truth[found].mean()) * found.mean() for found in inside]
    return float(sum(gaps))


def area_under_curve(positive: Values, negative: Values) -> float:
    """Return the chance that a positive is above a negative; ties count half."""
    if not len(positive) or not len(negative):
        return float("nan")
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + (positive[:, None] == negative[None, :]).mean() / 2)


def _gold_and_probability(scored: Sequence[Scored]) -> list[npt.NDArray[np.float64]]:
    """Return for each question an array (2, passages): probability of each passage, and whether it is gold."""
    return [
        np.stack([to_probability(one.signal), [i in one.question.gold for i in range(len(one.signal))]])
        for one in scored
    ]


def _ece_of(by_question: Sequence[Values], places: npt.NDArray[np.int64]) -> float:
    probabilities, gold = np.concatenate([by_question[place] for place in places], axis=1)
    return expected_calibration_error(probabilities, gold.astype(bool))


def _best_log_odds(scored: Sequence[Scored]) -> tuple[Values, Values]:
    """Return the highest log-odds of each question with its gold passages, and without (NaN if nothing is left)."""
    others = [np.delete(one.log_odds, sorted(one.question.gold)) for one in scored]
    without = [odds.max() if len(odds) else np.nan for odds in others]
    return np.asarray([one.log_odds.max() for one in scored]), np.asarray(without)


def _auc_of(answered: Values, without: Values, places: npt.NDArray[np.int64]) -> float:
    negative = without[places]
    return area_under_curve(answered[places], negative[~np.isnan(negative)])


def _scored(encoder: EncoderReader, question: Question) -> Scored:
    asked, passages = question.question or "", question.passages
    read = encoder.read(asked, passages)
    signal = boost_linked(asked, passages, (), encoder.calibrate_listwise(read))
    return Scored(question, np.asarray([output.relevance for output in read]), signal)


def _by_quarter(scored: Sequence[Scored]) -> list[dict[str, float] | None]:
    """Return recall@1 by the place of the first gold passage: first quarter of the passages, second, third, last."""
    quarters: list[list[bool]] = [[] for _ in range(QUARTERS)]
    for one in scored:
        quarters[QUARTERS * min(one.question.gold) // len(one.log_odds)].append(one.first_gold < 1)
    return [_share(quarter) if quarter else None for quarter in quarters]


def _attacked(encoder: EncoderReader, scored: Sequence[Scored], seed: int) -> dict[str, Any]:
    """Return how often one hostile passage more takes the first place from a gold passage."""
    won = [one for one in scored if one.order[0] in one.question.gold]
    rates = {}
    for name, attack in ATTACKS.items():
        generator = random.Random(f"{seed}-{name}")
        outcomes = []
        for one in won:
            worst = one.question.passages[one.order[-1]]
            text = attack(one.question.question or "", worst, generator)
            hostile = _scored(encoder, replace(one.question, passages=(text,), gold=frozenset()))
            outcomes.append(bool(hostile.log_odds[0] > one.log_odds.max()))
        rates[name] = _share(outcomes) if outcomes else None
    return {"displaced": rates}


def _share(outcomes: Any) -> dict[str, float]:
    return mean_interval([float(outcome) for outcome in outcomes]).as_line()
