"""How the encoder judges: ranks, calibration, what it says where nothing answers, places of the gold passage, attacks.

Runs in the project's own environment, on all passages of the questions of each set.
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.circumstances import circumstances
from benchmarks.hostile import ATTACKS
from benchmarks.progress import say
from benchmarks.records import RESULTS, read_lines, write_lines
from benchmarks.sets import SETS, read_set
from benchmarks.sets.base import Question
from lingua_shared import ModelOptions
from lingua_shared.options import ENGLISH_ENCODER
from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.entity_links import boost_linked
from lingua_shared.scoring.loading import Models

ENGLISH_SETS = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "squad")
BINS = 10
PLACES = 4


@dataclass(frozen=True)
class Judged:
    """A question and what the encoder says of its passages.

    Attributes:
        question: with its passages.
        log_odds: that each passage answers, by itself, shape (passages,).
        signal: the signal `encoder`: that each answers, or is what the best one names, given that one of them answers,
            shape (passages,).
    """

    question: Question
    log_odds: np.ndarray
    signal: np.ndarray

    @property
    def order(self) -> list[int]:
        """Passages, most relevant first."""
        return [int(i) for i in np.argsort(-self.signal, kind="stable")]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the files of the sets")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=ENGLISH_SETS)
    parser.add_argument("--count", type=int, default=60, help="questions of each set")
    parser.add_argument("--encoder", default=ENGLISH_ENCODER, help="catalog name or folder")
    parser.add_argument("--seed", type=int, default=0, help="of the attacks")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")


def run(arguments: argparse.Namespace) -> None:
    """Judge every set and write a line of `judging.jsonl` for each; those of other sets and encoders stay."""
    torch.set_num_threads(arguments.threads)
    models = Models(ModelOptions(encoder_model=arguments.encoder, local_files_only=True))
    around = {"encoder": Path(arguments.encoder).name, "seed": arguments.seed, **circumstances(arguments.threads)}
    lines = []
    for name in arguments.sets:
        questions = [q for q in read_set(arguments.data, name, count=arguments.count) if q.gold and q.question]
        judged = [_judge(models, question) for question in questions]
        line = {"set": name, "n": len(judged), **figures(judged), **_attacked(models, judged, arguments.seed)}
        lines.append({**line, **around})
        say(f"{name}: {line}")
    path = arguments.results / "judging.jsonl"
    write_lines(path, sorted({_place(line): line for line in [*read_lines(path), *lines]}.values(), key=_place))


def _place(line: Mapping[str, Any]) -> tuple[str, int]:
    return line["encoder"], list(SETS).index(line["set"])


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Ranks of gold passages, calibration, and the power to tell that nothing answers."""
    first = [min(one.order.index(i) for i in one.question.gold) for one in judged]
    gold = np.concatenate([[i in one.question.gold for i in range(len(one.log_odds))] for one in judged])
    probabilities = to_probability(np.concatenate([one.signal for one in judged]))
    answered = np.asarray([one.log_odds.max() for one in judged])
    return {
        "recall@1": _share(place < 1 for place in first),
        "recall@5": _share(place < 5 for place in first),
        "all_gold@5": _share(set(one.order[:5]) >= one.question.gold for one in judged),
        "recall@1_by_place": _by_place(judged, first),
        "ece": round(expected_calibration_error(probabilities, gold), 4),
        "auc_unanswerable": round(area_under_curve(answered, _without_gold(judged)), 4),
    }


def expected_calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of probability and share of truths, over ten bins of equal width, weighted by what is in each."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    inside = [bins == i for i in range(BINS) if (bins == i).any()]
    gaps = [abs(probabilities[found].mean() - truth[found].mean()) * found.mean() for found in inside]
    return float(sum(gaps))


def area_under_curve(positive: np.ndarray, negative: np.ndarray) -> float:
    """Chance that a positive is above a negative; equal ones count half."""
    if not len(positive) or not len(negative):
        return float("nan")
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + (positive[:, None] == negative[None, :]).mean() / 2)


def _judge(models: Models, question: Question) -> Judged:
    asked, passages = question.question or "", question.passages
    encoder = models.encoder(asked, passages)
    read = encoder.read(asked, passages)
    signal = boost_linked(asked, passages, (), encoder.calibrate_listwise(read))
    return Judged(question, np.asarray([evidence.relevance for evidence in read]), signal)


def _without_gold(judged: Sequence[Judged]) -> np.ndarray:
    """The highest log-odds of each question when its gold passages are taken away."""
    others = [np.delete(one.log_odds, sorted(one.question.gold)) for one in judged]
    return np.asarray([log_odds.max() for log_odds in others if len(log_odds)])


def _by_place(judged: Sequence[Judged], first: Sequence[int]) -> list[float | None]:
    """Recall@1 by where the first gold passage stood: first quarter of the passages, second, third, last."""
    quarters: list[list[bool]] = [[] for _ in range(PLACES)]
    for one, place in zip(judged, first, strict=True):
        quarters[PLACES * min(one.question.gold) // len(one.log_odds)].append(place < 1)
    return [_share(quarter) if quarter else None for quarter in quarters]


def _attacked(models: Models, judged: Sequence[Judged], seed: int) -> dict[str, Any]:
    """Share of questions, of those that have a gold passage first, in which a hostile passage takes its place."""
    won = [one for one in judged if one.order[0] in one.question.gold]
    rates = {}
    for name, attack in ATTACKS.items():
        generator = random.Random(f"{seed}-{name}")
        outcomes = []
        for one in won:
            worst = one.question.passages[one.order[-1]]
            text = attack(one.question.question or "", worst, generator)
            hostile = _judge(models, replace(one.question, passages=(text,), gold=frozenset()))
            outcomes.append(bool(hostile.log_odds[0] > one.log_odds.max()))
        rates[name] = _share(outcomes)
    return {"displaced": rates}


def _share(outcomes: Any) -> float:
    values = list(outcomes)
    return round(sum(values) / len(values), 4) if values else float("nan")
