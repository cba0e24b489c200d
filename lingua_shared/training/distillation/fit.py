"""Fits a token classifier to labelled records with the trainer of transformers; a killed run goes on from there."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from pydantic import BaseModel, ConfigDict, Field

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.classifier.reader import KEEP, window_size
from lingua_shared.training.distillation.dataset import IGNORED, parted, rows_of
from lingua_shared.training.distillation.measures import classification
from lingua_shared.training.distillation.stages import Record, write_whole
from lingua_shared.training.runs import check_settings, last_checkpoint

FIGURES = "figures.json"
MODEL = "model"


class FitSettings(BaseModel):
    """Settings of the optimisation.

    Attributes:
        trunk: encoder to start from: a folder or a hub id.
        epochs: at most.
        learning_rate: highest learning rate.
        batch: texts in a step.
        patience: epochs without a better F1 after which the training stops.
        dev_share: share of the sources that is held out to choose the best epoch.
        seed: of all draws.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trunk: str
    epochs: int = Field(default=10, ge=1)
    learning_rate: float = Field(default=1e-5, gt=0)
    batch: int = Field(default=10, ge=1)
    patience: int = Field(default=2, ge=1)
    dev_share: float = Field(default=0.1, gt=0, lt=1)
    seed: int = 7


def fit(records: Sequence[Record], settings: FitSettings, folder: Path) -> dict[str, float]:
    """Train, write the best model into `model` of a folder, and return its figures on the held-out records.

    Args:
        records: labelled records.
        settings: settings of the optimisation.
        folder: for the model and the checkpoints.

    Raises:
        InvalidInputError: there are too few records, or the folder has a training with other settings.
    """
    train, dev = parted(records, settings.dev_share)
    if not train or not dev:
        msg = f"{len(train)} records to train on and {len(dev)} held out; collect more texts, or change the dev share"
        raise InvalidInputError(msg)
    check_settings(folder, {**settings.model_dump(), "records": len(records)})
    if (folder / FIGURES).exists():
        return dict(json.loads((folder / FIGURES).read_text(encoding="utf-8")))
    trainer = _trainer(train, dev, settings, folder)
    trainer.train(resume_from_checkpoint=last_checkpoint(folder / "checkpoints"))
    figures = {
        name.removeprefix("eval_"): float(value)
        for name, value in trainer.evaluate().items()
        if name.removeprefix("eval_") in ("f1", "auc", "calibration_error", "kept", "loss")
    }
    trainer.save_model(str(folder / MODEL))
    write_whole(folder / FIGURES, json.dumps(figures, indent=2) + "\n")
    return figures


def _trainer(train: Sequence[Record], dev: Sequence[Record], settings: FitSettings, folder: Path) -> Any:
    tokenizer = transformers.AutoTokenizer.from_pretrained(settings.trunk, trust_remote_code=False)
    transformers.set_seed(settings.seed)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        settings.trunk,
        num_labels=KEEP + 1,
        id2label={0: "drop", KEEP: "keep"},
        label2id={"drop": 0, "keep": KEEP},
        trust_remote_code=False,
    )
    window = window_size(model, tokenizer)
    arguments = transformers.TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        seed=settings.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
    return transformers.Trainer(
        model=model,
        args=arguments,
        train_dataset=rows_of(train, tokenizer, window),
        eval_dataset=rows_of(dev, tokenizer, window),
        data_collator=transformers.DataCollatorForTokenClassification(tokenizer),
        processing_class=tokenizer,
        compute_metrics=_figures,
        callbacks=[transformers.EarlyStoppingCallback(early_stopping_patience=settings.patience)],
    )


def _figures(prediction: Any) -> dict[str, float]:
    logits, labels = np.asarray(prediction.predictions, dtype=np.float64), np.asarray(prediction.label_ids)
    known = labels != IGNORED
    margin = np.clip(logits[..., KEEP] - logits[..., 1 - KEEP], -30, 30)[known]
    return classification(1 / (1 + np.exp(-margin)), labels[known])
