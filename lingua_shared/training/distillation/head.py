"""Fits a small head on the frozen encoder to labelled records: a token classifier of some kilobytes, in minutes."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.catalog import find_model
from lingua_shared.scoring.classifier.head import HeadOnEncoder, head_tokenizer, new_head, save_head
from lingua_shared.scoring.devices import choose_dtype
from lingua_shared.scoring.encoder.model import local_folder
from lingua_shared.training.distillation.dataset import IGNORED, parted, rows_of
from lingua_shared.training.distillation.measures import classification
from lingua_shared.training.distillation.stages import Record, write_whole

_BATCH_TOKENS = 2048
_STEP_TOKENS = 4096
_DEV_SHARE = 0.1

_log = logging.getLogger(__name__)


def fit_head(
    records: Sequence[Record], encoder: str, path: Path, *, evidence: float, epochs: int, seed: int
) -> dict[str, float]:
    """Write a head, and return its figures on the held-out records.

    Args:
        records: labelled records.
        encoder: catalog name, folder or hub id of an encoder of BERT's form.
        path: file to write.
        evidence: target of words that are kept but part of no answer, in records with answers; 1 makes them equal.
        epochs: how often all tokens are used.
        seed: of all draws.

    Raises:
        InvalidInputError: there are too few records.
    """
    train, dev = parted(records, _DEV_SHARE)
    if not train or not dev:
        msg = f"{len(train)} records to train on and {len(dev)} held out; collect more texts"
        raise InvalidInputError(msg)
    folder = local_folder(find_model(encoder).location, local_files_only=False)
    torch.manual_seed(seed)
    model = new_head(folder).eval()
    model.trunk.to(choose_dtype("auto", torch.device("cpu")))  # bfloat16 is faster where the CPU has it
    states, targets = _states(model, folder, train, evidence)
    _log.info("%d tokens of %d texts", len(targets), len(train))
    _train(model.head, states, targets, epochs)
    states, targets = _states(model, folder, dev, evidence)
    with torch.inference_mode():
        logits = model.head(states.float())[:, 0].numpy().astype(np.float64)
    figures = classification(1 / (1 + np.exp(-logits)), (targets > 0).numpy().astype(int))
    figures["auc_of_answers"] = classification(logits, (targets == 1).numpy().astype(int))["auc"]
    save_head(model, path)
    write_whole(path.with_suffix(".json"), json.dumps({"records": len(records), **figures}, indent=2) + "\n")
    return figures


def graded(record: Record, evidence: float) -> Record:
    """Return a record whose labels of kept words outside of answers are `evidence`, in percent."""
    answers = record.get("answers")
    labels = [
        label * (100 if not answers or any(a < end and start < b for a, b in answers) else round(100 * evidence))
        for (start, end), label in zip(record["words"], record["labels"], strict=True)
    ]
    return {**record, "labels": labels}


@torch.inference_mode()
def _states(model: HeadOnEncoder, folder: Path, records: Sequence[Record], evidence: float) -> tuple[Tensor, Tensor]:
    """Return the states of all labelled tokens in half precision, shape (tokens, width), and their targets."""
    tokenizer, around = head_tokenizer(folder)
    window = int(tokenizer.model_max_length)
    rows = rows_of([graded(record, evidence) for record in records], tokenizer, window, around)
    states, targets = [], []
    for batch in by_length([len(row["input_ids"]) for row in rows], tokens=_BATCH_TOKENS):
        length = max(len(rows[i]["input_ids"]) for i in batch)

        def column(name: str, fill: int, batch: list[int] = batch, length: int = length) -> Tensor:
            return torch.tensor([rows[i][name] + [fill] * (length - len(rows[i][name])) for i in batch])

        labels = column("labels", IGNORED)
        found = model.states(column("input_ids", 0), column("attention_mask", 0))
        states.append(found[labels != IGNORED].half())
        targets.append(labels[labels != IGNORED].float() / 100)
    return torch.cat(states), torch.cat(targets)


def _train(head: nn.Module, states: Tensor, targets: Tensor, epochs: int) -> None:
    states, targets = states.clone(), targets.clone()  # usable outside of inference mode
    steps = epochs * (len(targets) // _STEP_TOKENS + 1)
    optimiser = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    for _ in range(epochs):
        order = torch.randperm(len(targets))
        for start in range(0, len(order), _STEP_TOKENS):
            some = order[start : start + _STEP_TOKENS]
            loss = nn.functional.binary_cross_entropy_with_logits(head(states[some].float())[:, 0], targets[some])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
