"""What single optimisations of the perplexity method are worth: seconds with and without each, measured in turn.

Each pair computes the same values on the real small models and on passages of one question of nq20.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import torch

from benchmarks.arguments import add_data, add_threads, results_of
from benchmarks.circumstances import circumstances
from benchmarks.progress import say
from benchmarks.records import write_lines
from benchmarks.sets import read_set
from lingua_shared import ModelOptions
from lingua_shared.scoring import embedding
from lingua_shared.scoring.causal.model import Row
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.policy import POLICY
from lingua_shared.text.segments import segment


@dataclass(frozen=True)
class Ablation:
    """Two ways to compute the same values: with an optimisation and without it."""

    name: str
    with_it: Callable[[], object]
    without: Callable[[], object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_data(parser)
    add_threads(parser)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each way, in turn")


@torch.inference_mode()
def run(arguments: argparse.Namespace) -> None:
    """Measure all ablations and write a line of `ablations.jsonl` for each."""
    torch.set_num_threads(arguments.threads)
    question = read_set(arguments.data, "nq20", split=arguments.split, count=1)[0]
    models = Models(ModelOptions(local_files_only=True))
    around = {"n": arguments.repeats, "split": arguments.split, **circumstances(arguments.threads)}
    lines = []
    for ablation in _ablations(models, question.passages, question.question or ""):
        faster, slower = _in_turn(ablation, arguments.repeats)
        line = {"ablation": ablation.name, "with": faster, "without": slower}
        lines.append({**line, "ratio": round(slower / faster, 2), **around})
        say(f"{ablation.name}: {faster:.3f} s with, {slower:.3f} s without")
    write_lines(results_of(arguments) / "ablations.jsonl", lines)


def _in_turn(ablation: Ablation, repeats: int) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats + 1):
        for way, seconds in zip((ablation.with_it, ablation.without), taken, strict=True):
            started = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - started)
    return round(median(taken[0][1:]), 4), round(median(taken[1][1:]), 4)


def _ablations(models: Models, passages: Sequence[str], question: str) -> Iterator[Ablation]:
    causal, embedder = models.causal(), models.embedder()
    encoded = causal.encode(passages)
    asked = causal.encode([question])[0].ids
    rows = [Row((*e.ids, *asked), first=len(e.ids), keep=len(e.ids)) for e in encoded]
    yield Ablation(
        f"only {POLICY.finalists} finalists of 20 passages read with the question",
        with_it=lambda: causal.negative_log_likelihoods(rows[: POLICY.finalists]),
        without=lambda: causal.negative_log_likelihoods(rows),
    )
    store = PrefixCache()
    causal.negative_log_likelihoods(rows[: POLICY.finalists], keep=store)
    prefixes = [prefix for row in rows[: POLICY.finalists] if (prefix := store.get(row.ids[: row.keep]))]
    yield Ablation(
        f"the question read after {POLICY.finalists} cached passages instead of reading them again",
        with_it=lambda: causal.likelihoods_after(prefixes, asked),
        without=lambda: causal.negative_log_likelihoods(rows[: POLICY.finalists]),
    )
    yield Ablation(
        "sentence vectors from the passage's pass instead of passes of their own, 20 passages",
        with_it=lambda: embedding.passage_vectors(embedder, passages),
        without=lambda: [embedding._encoded_separately(embedder, text, segment(text).sentences) for text in passages],  # noqa: SLF001
    )
