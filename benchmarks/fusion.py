"""Fit the weights of the ranking signals of the perplexity method on training files, and compare mixes on dev files.

The model is a conditional logit: each gold passage against the passages of its question that are not gold; every set
has the same weight. Signals are standardised over a question's passages, as the engine does it, so that the weights can
be used as `ranker_weights`. Signals are kept in `work/`, so that a run can be stopped and continues where it stopped.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.arguments import add_threads, add_tuning_data
from benchmarks.circumstances import circumstances
from benchmarks.progress import say
from benchmarks.records import write_lines
from benchmarks.sets import Question, read_set
from benchmarks.sets.base import SetSource, draw
from benchmarks.sets.documents import drafts
from lingua_shared import ModelOptions
from lingua_shared.evaluation.statistics import mean_interval
from lingua_shared.scoring.fusion import fuse, rank, standardise
from lingua_shared.scoring.protocol import Request
from lingua_shared.scoring.signals import ModelScoring
from lingua_shared.text.languages import restrictive_sentence

SIGNALS = ("perplexity", "embedding", "sentence_embedding", "bm25")
TRAIN = {
    "nq10-bm25": SetSource({"train": "nq10-bm25-train.jsonl.gz"}, drafts),
    "hotpotqa": SetSource({"train": "hotpotqa-train.jsonl.gz"}, drafts),
    "2wikimultihopqa": SetSource({"train": "2wikimultihopqa-train.jsonl.gz"}, drafts),
}
COMPARED_ON = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "covidqa", "zh", "ja", "xquad")
_PENALTY = 0.01

Signals = Mapping[str, np.ndarray]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_tuning_data(parser)
    parser.add_argument("--count", type=int, default=150, help="questions of each training file")
    parser.add_argument("--dev-count", type=int, default=40, help="questions of each dev file")
    add_threads(parser)


def run(arguments: argparse.Namespace) -> None:
    """Fit on the training files, compare on the dev files, write a line of `fusion.jsonl` for each mix of signals."""
    torch.set_num_threads(arguments.threads)
    reader = SignalReader(arguments.work / "signals.jsonl")
    train = {
        name: reader.read(draw(source, arguments.data, name, split="train", count=arguments.count, seed=0))
        for name, source in TRAIN.items()
    }
    dev = {
        name: reader.read(read_set(arguments.data, name, split="dev", count=arguments.dev_count))
        for name in COMPARED_ON
    }
    mixes = {
        "equal, without BM25": dict.fromkeys(SIGNALS[:3], 1.0),
        "equal": dict.fromkeys(SIGNALS, 1.0),
        "fitted, without BM25": fit(train, SIGNALS[:3]),
        "fitted": fit(train, SIGNALS),
        **{name: {name: 1.0} for name in SIGNALS},
    }
    lines = [_compared(name, weights, dev, arguments) for name, weights in mixes.items()]
    write_lines(arguments.results / "fusion.jsonl", lines)


class SignalReader:
    """Asks the engine for the signals of questions, and keeps them on disk by the question's id."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run kept."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._kept: dict[str, dict[str, list[float]]] = {line["id"]: line["signals"] for line in map(json.loads, lines)}
        self._scoring = ModelScoring(ModelOptions(local_files_only=True, memory_cache_mb=0))

    def read(self, questions: Sequence[Question]) -> list[tuple[Question, Signals]]:
        """Return each question with its signals, shape (passages,) each."""
        return [(question, self._signals(question, place)) for place, question in enumerate(questions, 1)]

    def _signals(self, question: Question, place: int) -> Signals:
        if question.id not in self._kept:
            asked = question.question or ""
            scores = self._scoring.open(Request(question.passages, asked, restrictive_sentence(asked, "auto")))
            found = {name: scores.relevances(name, range(len(question.passages))).tolist() for name in SIGNALS}
            self._kept[question.id] = found
            with self._path.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"id": question.id, "signals": found}) + "\n")
            say(f"{place} {question.id}")
        return {name: np.asarray(values) for name, values in self._kept[question.id].items()}


def fit(train: Mapping[str, Sequence[tuple[Question, Signals]]], names: Sequence[str]) -> dict[str, float]:
    """Return the weights that make gold passages most likely, scaled so that the largest is 1."""
    sets = [list(_contests(items, names)) for items in train.values()]
    weights = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        # The gold passage stands first in each contest.
        losses = [torch.stack([-torch.log_softmax(c @ weights, dim=0)[0] for c in of_set]).mean() for of_set in sets]
        total = torch.stack(losses).mean() + _PENALTY * weights.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    found = weights.detach().numpy()
    return {name: round(float(value / found.max()), 3) for name, value in zip(names, found, strict=True)}


def _contests(items: Sequence[tuple[Question, Signals]], names: Sequence[str]) -> Iterator[torch.Tensor]:
    """Yield one table (passages, signals) for each gold passage: itself first, then all that are not gold."""
    for question, signals in items:
        table = np.stack([standardise(signals[name]) for name in names], axis=1)
        others = [i for i in range(len(table)) if i not in question.gold]
        yield from (torch.tensor(table[[gold, *others]]) for gold in sorted(question.gold))


def _compared(
    name: str,
    weights: Mapping[str, float],
    dev: Mapping[str, Sequence[tuple[Question, Signals]]],
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    ranks = {
        of_set: [_first_gold(question, signals, weights) for question, signals in items]
        for of_set, items in dev.items()
    }
    figures = {
        of_set: {
            "recall@1": mean_interval([float(place < 1) for place in places]).as_line(),
            "recall@5": mean_interval([float(place < 5) for place in places]).as_line(),
            "mrr": mean_interval([1 / (place + 1) for place in places]).as_line(),
        }
        for of_set, places in ranks.items()
    }
    mean = float(np.mean([1 / (place + 1) for places in ranks.values() for place in places]))
    say(f"{name} {dict(weights)}: mean MRR {mean:.3f}")
    return {"mix": name, "weights": dict(weights), "sets": figures, "trained_on": arguments.count, **_around(arguments)}


def _around(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"n": arguments.dev_count, "seed": 0, **circumstances(arguments.threads)}


def _first_gold(question: Question, signals: Signals, weights: Mapping[str, float]) -> int:
    order = rank(fuse({name: signals[name] for name in weights}, weights))
    return min(order.index(gold) for gold in question.gold)
