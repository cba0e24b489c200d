"""What each lever of the perplexity method's speed is worth alone: one figure with it, one without, in turn.

Each is measured on the real small models and real passages; those that did not pay are here as well, and nowhere else.
"""

import argparse
import copy
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from benchmarks.circumstances import circumstances
from benchmarks.progress import say
from benchmarks.records import RESULTS, write_lines
from benchmarks.sets import read_set
from lingua_shared import ModelOptions
from lingua_shared.scoring import embedding
from lingua_shared.scoring.causal.model import Row
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.ranking import FINALISTS
from lingua_shared.text.segments import segment


@dataclass(frozen=True)
class Lever:
    """Two ways to the same values."""

    name: str
    kept: bool
    with_it: Callable[[], object]
    without: Callable[[], object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with the files of the sets")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each way, in turn")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")


@torch.inference_mode()
def run(arguments: argparse.Namespace) -> None:
    """Measure all levers and write a line of `levers.jsonl` for each."""
    torch.set_num_threads(arguments.threads)
    question = read_set(arguments.data, "nq20", count=1)[0]
    models = Models(ModelOptions(local_files_only=True))
    around = {"n": arguments.repeats, **circumstances(arguments.threads)}
    lines = []
    for lever in _levers(models, question.passages, question.question or ""):
        faster, slower = _in_turn(lever, arguments.repeats)
        line = {"lever": lever.name, "kept": lever.kept, "with": faster, "without": slower}
        lines.append({**line, "ratio": round(slower / faster, 2), **around})
        say(f"{lever.name}: {faster:.3f} s with, {slower:.3f} s without")
    write_lines(arguments.results / "levers.jsonl", lines)


def _in_turn(lever: Lever, repeats: int) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats + 1):
        for way, seconds in zip((lever.with_it, lever.without), taken, strict=True):
            started = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - started)
    return round(median(taken[0][1:]), 4), round(median(taken[1][1:]), 4)


def _levers(models: Models, passages: Sequence[str], question: str) -> Iterator[Lever]:
    causal, embedder = models.causal(), models.embedder()
    encoded = causal.encode(passages)
    asked = causal.encode([question])[0].ids
    rows = [Row((*e.ids, *asked), first=len(e.ids), keep=len(e.ids)) for e in encoded]
    sorted_rows = sorted(rows, key=lambda row: len(row.ids))[:6]
    trunk, head = causal._trunk, causal._head  # noqa: SLF001 - the parts are what is measured

    states = torch.randn(700, head.weight.shape[1]).to(head.weight.dtype)
    targets = torch.randint(0, 1000, (700,))
    yield Lever(
        "head in small blocks instead of blocks of 256 positions, 700 positions",
        kept=True,
        with_it=lambda: causal._head_losses(states, targets),  # noqa: SLF001
        without=lambda: _losses_in_large_blocks(head, states, targets),
    )
    yield Lever(
        f"finalists only: {FINALISTS} of 20 passages read with the question",
        kept=True,
        with_it=lambda: causal.negative_log_likelihoods(rows[:FINALISTS]),
        without=lambda: causal.negative_log_likelihoods(rows),
    )
    store = PrefixCache()
    causal.negative_log_likelihoods(rows[:FINALISTS], keep=store)
    prefixes = [prefix for row in rows[:FINALISTS] if (prefix := store.get(row.ids[: row.keep]))]
    yield Lever(
        f"going on behind kept passages instead of reading them again, {FINALISTS} passages",
        kept=True,
        with_it=lambda: causal.likelihoods_after(prefixes, asked),
        without=lambda: causal.negative_log_likelihoods(rows[:FINALISTS]),
    )
    yield Lever(
        "sentence vectors from the passage's pass instead of passes of their own, 20 passages",
        kept=True,
        with_it=lambda: embedding.passage_vectors(embedder, passages),
        without=lambda: [embedding._encoded_separately(embedder, text, segment(text).sentences) for text in passages],  # noqa: SLF001
    )
    quantised = _quantised(trunk)
    yield Lever(
        "int8 weights and activations (torch._int_mm), one batch of 6 rows",
        kept=False,
        with_it=lambda: quantised(input_ids=_ids(sorted_rows), use_cache=False),
        without=lambda: trunk(input_ids=_ids(sorted_rows), use_cache=False),
    )


def _losses_in_large_blocks(head: Any, states: torch.Tensor, targets: torch.Tensor) -> list[torch.Tensor]:
    pairs = zip(torch.split(states, 256), torch.split(targets, 256), strict=True)
    return [cross_entropy(head(block).float(), of_block, reduction="none") for block, of_block in pairs]


def _ids(rows: Sequence[Row]) -> torch.Tensor:
    length = min(len(row.ids) for row in rows)
    return torch.tensor([row.ids[:length] for row in rows])


def _quantised(trunk: Any) -> Any:
    """Return a copy of a model whose linear layers multiply in int8, with a scale for each token and each output."""
    copied = copy.deepcopy(trunk)
    for parent in list(copied.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(parent, name, _Int8Linear(child))
    return copied


class _Int8Linear(torch.nn.Module):
    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.float()
        self.scale = weight.abs().amax(dim=1).clamp_min(1e-8) / 127
        self.weight = (weight / self.scale[:, None]).round().to(torch.int8).t()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        rows = values.reshape(-1, values.shape[-1])
        scale = rows.abs().amax(dim=1, keepdim=True).float().clamp_min(1e-8) / 127
        product = torch._int_mm((rows / scale.to(rows.dtype)).round().to(torch.int8), self.weight)  # noqa: SLF001
        return (product.float() * (scale * self.scale)).to(values.dtype).view(*values.shape[:-1], -1)
