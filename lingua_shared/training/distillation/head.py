"""Fits a small head on the frozen encoder to labelled records: a token classifier of some hundred kilobytes."""

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.catalog import find_model
from lingua_shared.scoring.classifier.head import WORDS, WordHead, new_head, save_head
from lingua_shared.scoring.devices import choose_dtype
from lingua_shared.scoring.encoder.calibration import SETTINGS
from lingua_shared.scoring.encoder.model import WEIGHTS, local_folder
from lingua_shared.training.distillation.dataset import IGNORED, parted
from lingua_shared.training.distillation.measures import classification
from lingua_shared.training.distillation.stages import Progress, Record, ignored, write_whole
from lingua_shared.training.distillation.states import Row, padded, plan, read_rows

FIGURES = "words.json"
_DEV_SHARE = 0.1
_STEP_TOKENS = 4096
_RATE = 2e-3
_LONGEST_GRADIENT = 1.0

_log = logging.getLogger(__name__)


class HeadSettings(BaseModel):
    """Settings of a head.

    Attributes:
        encoder: catalog name, folder or hub id of an encoder of BERT's form, which stays as it is.
        evidence: target of words that are kept but part of no answer, in records of questions; 1 makes them equal.
        epochs: how often all texts are used.
        seed: of all draws.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: str = "lingua-en"
    evidence: float = Field(default=0.3, ge=0, le=1)
    epochs: int = Field(default=6, ge=1)
    seed: int = 7


def fit_head(
    records: Sequence[Record], settings: HeadSettings, folder: Path, progress: Progress = ignored
) -> dict[str, float]:
    """Write a folder that is a `classifier_model`, and return the head's figures on the held-out records.

    The states of the encoder are kept in `folder/states` until the head is written.

    Args:
        records: labelled records.
        settings: of the head.
        folder: for the encoder's files and the head.
        progress: is told how much is read, and how many epochs are done.

    Raises:
        InvalidInputError: there are too few records.
    """
    sides = parted(records, _DEV_SHARE)
    if not all(sides):
        msg = f"{len(sides[0])} records to train on and {len(sides[1])} held out; collect more texts"
        raise InvalidInputError(msg)
    encoder = local_folder(find_model(settings.encoder).location, local_files_only=False)
    torch.manual_seed(settings.seed)
    model = new_head(encoder).eval()
    model.trunk.to(choose_dtype("auto", torch.device("cpu")))  # bfloat16 is faster where the CPU has it
    train, dev = (
        read_rows(model, encoder, _graded(side, settings), folder / "states" / str(i), progress)
        for i, side in enumerate(sides)
    )
    _train(model.head, train, settings, progress)
    figures = {"texts": float(len(records)), **_figures(model.head, dev)}
    _write(model.head, encoder, figures, settings, folder)
    shutil.rmtree(folder / "states")
    return figures


def graded(record: Record, evidence: float) -> Record:
    """Return a record with labels in percent: `evidence` for kept words outside of answers, in records of questions."""
    answers = record.get("answers")
    labels = [
        label * (100 if answers is None or any(a < end and start < b for a, b in answers) else round(100 * evidence))
        for (start, end), label in zip(record["words"], record["labels"], strict=True)
    ]
    return {**record, "labels": labels}


def _graded(records: Sequence[Record], settings: HeadSettings) -> list[Record]:
    return [graded(record, settings.evidence) for record in records]


def _train(head: WordHead, rows: Sequence[Row], settings: HeadSettings, progress: Progress) -> None:
    head.train()
    generator = torch.Generator().manual_seed(settings.seed)
    optimiser = torch.optim.AdamW(head.parameters(), lr=_RATE, weight_decay=0.01)
    plans = [plan(rows, _STEP_TOKENS, generator) for _ in range(settings.epochs)]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=sum(map(len, plans)))
    for epoch, of_epoch in enumerate(plans, start=1):
        losses = []
        for batch in of_epoch:
            states, targets, is_padding = padded([rows[i] for i in batch])
            known = targets != IGNORED
            logits = head(states, is_padding)[known]
            loss = nn.functional.binary_cross_entropy_with_logits(logits, targets[known].float() / 100)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(head.parameters(), _LONGEST_GRADIENT)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        progress("training", epoch, settings.epochs)
        _log.info("epoch %d of %d: loss %.4f", epoch, settings.epochs, float(np.mean(losses)))


@torch.inference_mode()
def _figures(head: WordHead, rows: Sequence[Row]) -> dict[str, float]:
    head.eval()
    logits, targets = [], []
    for batch in plan(rows, _STEP_TOKENS):
        states, of_batch, is_padding = padded([rows[i] for i in batch])
        known = of_batch != IGNORED
        logits.append(head(states, is_padding)[known].numpy().astype(np.float64))
        targets.append(of_batch[known].numpy())
    values, graded_labels = np.concatenate(logits), np.concatenate(targets)
    figures = classification(1 / (1 + np.exp(-values)), (graded_labels > 0).astype(int))
    return {**figures, "auc_of_answers": classification(values, (graded_labels == 100).astype(int))["auc"]}


def _write(head: WordHead, encoder: Path, figures: dict[str, float], settings: HeadSettings, folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", WEIGHTS, SETTINGS):
        if (encoder / name).exists() and encoder.resolve() != folder.resolve():
            shutil.copy(encoder / name, folder / name)
    save_head(head, folder / WORDS)
    known = {**settings.model_dump(exclude={"encoder"}), **figures}
    write_whole(folder / FIGURES, json.dumps(known, indent=2) + "\n")
