"""Reads labelled records once with a frozen encoder, and keeps its states in files: a head learns from them in minutes.

A run that was stopped goes on behind the last whole file.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.classifier.head import HeadOnEncoder, head_tokenizer
from lingua_shared.training.distillation.dataset import IGNORED, rows_of
from lingua_shared.training.distillation.stages import Progress, Record, ignored

_BATCH_TOKENS = 2048
_ROWS = 512
_SPREAD = 24
"""Tokens by which the lengths of rows of one batch may differ, so that batches differ from epoch to epoch."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """A window of a text.

    Attributes:
        states: states of its tokens, float16, shape (length, width).
        targets: target of each token in percent, or `IGNORED`, int16, shape (length,).
    """

    states: Tensor
    targets: Tensor


def read_rows(
    model: HeadOnEncoder, encoder: Path, records: Sequence[Record], folder: Path, progress: Progress = ignored
) -> list[Row]:
    """Return the rows of records, read now or by an earlier run.

    Args:
        model: its trunk reads.
        encoder: folder of the encoder, for its tokenizer.
        records: labelled records, in the same order each time.
        folder: for the files of states.
        progress: is told how many windows are read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, around = head_tokenizer(encoder)
    rows = rows_of(records, tokenizer, int(tokenizer.model_max_length), around)
    found: list[Row] = []
    for number, start in enumerate(range(0, len(rows), _ROWS)):
        path = folder / f"{number:05}.safetensors"
        if not path.exists():
            read = partial(_read_so_far, progress, start, len(rows))
            _write(_states(model, rows[start : start + _ROWS], read), path)
            _log.info("read %d of %d windows", min(start + _ROWS, len(rows)), len(rows))
        found += _parts(load_file(path))
    return found


def plan(rows: Sequence[Row], tokens: int, generator: torch.Generator | None = None) -> list[list[int]]:
    """Return batches of the indices of rows of similar length; each row is in one.

    Args:
        rows: the rows.
        tokens: of a batch, padding included, at about most.
        generator: of a random order; None is shortest rows first.
    """
    lengths = torch.tensor([len(row.targets) for row in rows])
    drawn = torch.randint(_SPREAD, lengths.shape, generator=generator) if generator else torch.zeros_like(lengths)
    chosen = list(by_length((lengths + drawn).tolist(), tokens=tokens))
    return [chosen[i] for i in torch.randperm(len(chosen), generator=generator).tolist()] if generator else chosen


def padded(rows: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Return a batch: states in float32, shape (rows, length, width), targets, and what is padding (rows, length)."""
    states = nn.utils.rnn.pad_sequence([row.states for row in rows], batch_first=True).float()
    targets = nn.utils.rnn.pad_sequence([row.targets for row in rows], batch_first=True, padding_value=IGNORED)
    ends = torch.tensor([len(row.targets) for row in rows])
    return states, targets, torch.arange(states.shape[1])[None] >= ends[:, None]


def _read_so_far(progress: Progress, start: int, total: int, read: int) -> None:
    progress("reading", start + read, total)


@torch.inference_mode()
def _states(model: HeadOnEncoder, rows: Sequence[dict[str, list[int]]], read: Callable[[int], None]) -> list[Row]:
    found: dict[int, Row] = {}
    for batch in by_length([len(row["input_ids"]) for row in rows], tokens=_BATCH_TOKENS):
        ids = nn.utils.rnn.pad_sequence([torch.tensor(rows[i]["input_ids"]) for i in batch], batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.tensor(rows[i]["attention_mask"]) for i in batch], batch_first=True)
        states = model.states(ids, mask).half()
        for place, i in enumerate(batch):
            targets = torch.tensor(rows[i]["labels"], dtype=torch.int16)
            found[i] = Row(states[place, : len(targets)], targets)
        read(len(found))
    return [found[i] for i in range(len(rows))]


def _write(rows: Sequence[Row], path: Path) -> None:
    """Write a file that is there as a whole, or not at all."""
    unfinished = path.with_suffix(".new")
    save_file(
        {
            "states": torch.cat([row.states for row in rows]),
            "targets": torch.cat([row.targets for row in rows]),
            "lengths": torch.tensor([len(row.targets) for row in rows]),
        },
        unfinished,
    )
    unfinished.replace(path)


def _parts(stored: dict[str, Tensor]) -> list[Row]:
    lengths = stored["lengths"].tolist()
    parts = zip(torch.split(stored["states"], lengths), torch.split(stored["targets"], lengths), strict=True)
    return [Row(states, targets) for states, targets in parts]
