"""Tunes a causal model on pairs with the trainer of transformers; a killed run goes on from its last checkpoint."""

import json
import logging
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from pydantic import BaseModel, ConfigDict, Field

from lingua_shared.errors import InvalidInputError, MissingPackageError
from lingua_shared.methods import CAUSAL, DEFAULT_MODELS
from lingua_shared.scoring.catalog import MODELS, find_model
from lingua_shared.scoring.causal.adapter import BASE, weights_sample
from lingua_shared.scoring.causal.loading import load_network
from lingua_shared.scoring.quiet import quiet
from lingua_shared.training.alignment.pairs import batch_of, row_of, split
from lingua_shared.training.distillation.stages import Record, write_whole
from lingua_shared.training.runs import check_settings, last_checkpoint

FIGURES, HELD_OUT = "figures.json", "held_out.jsonl"
ADAPTER, MODEL = "adapter", "model"

_RATE, _RATE_OF_ALL = 2e-4, 2e-5

_AT_ONCE = 2
"""Pairs that a CPU reads at once, at most: states and logits of a whole step take gigabytes."""

_log = logging.getLogger(__name__)


class FitSettings(BaseModel):
    """Settings of the optimisation.

    Attributes:
        base: causal model to tune: a catalog name, a folder, a GGUF file or a hub id.
        all_weights: train all weights, and write a whole model, instead of an adapter of LoRA.
        epochs: passes over the pairs.
        learning_rate: highest learning rate; None is 2e-4, and 2e-5 for all weights.
        batch: pairs in a step.
        rank: of the matrices of LoRA, on all linear layers; they are scaled by two.
        max_tokens: of a pair; of a longer one the beginning of the instruction and the end of the response are cut.
        held_out: share of the instructions that is kept for the report.
        checkpoint_steps: steps between two checkpoints; a killed run repeats at most so many.
        dtype: precision of the weights that LoRA leaves as they are.
        seed: of all draws.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = DEFAULT_MODELS[CAUSAL]
    all_weights: bool = False
    epochs: int = Field(default=3, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)
    batch: int = Field(default=8, ge=1)
    rank: int = Field(default=16, ge=1)
    max_tokens: int = Field(default=1024, ge=8)
    held_out: float = Field(default=0.2, gt=0, lt=1)
    checkpoint_steps: int = Field(default=50, ge=1)
    dtype: str = Field(default="float32", pattern="^(float32|bfloat16)$")
    seed: int = 7


def fit(records: Sequence[Record], settings: FitSettings, folder: Path) -> dict[str, Any]:
    """Train, write `adapter` or `model` and the held-out pairs into a folder, and return figures of the training.

    Args:
        records: pairs, as `collect` writes them.
        settings: settings of the optimisation.
        folder: for the result and the checkpoints.

    Raises:
        InvalidInputError: there are too few pairs, or the folder has a training with other settings or pairs.
        MissingPackageError: peft is not installed.
        ModelLoadError: there is no such base model.
    """
    train, held_out = split(records, settings.held_out)
    if not train or not held_out:
        msg = f"{len(train)} pairs to train on and {len(held_out)} held out; collect more, or change the share"
        raise InvalidInputError(msg)
    if settings.all_weights and settings.dtype != "float32":
        msg = f"all weights are trained in float32, not in {settings.dtype}; leave dtype out, or train with LoRA"
        raise InvalidInputError(msg)
    check_settings(folder, {**settings.model_dump(), "pairs": sorted(one["id"] for one in records)})
    if (folder / FIGURES).exists():
        return dict(json.loads((folder / FIGURES).read_text(encoding="utf-8")))
    write_whole(folder / HELD_OUT, "".join(json.dumps(one) + "\n" for one in held_out))
    return _trained(train, held_out, settings, folder)


def _trained(
    train: Sequence[Record], held_out: Sequence[Record], settings: FitSettings, folder: Path
) -> dict[str, Any]:
    transformers.set_seed(settings.seed)
    network, tokenizer = _loaded(settings)
    sample = weights_sample(network)
    model = network if settings.all_weights else _with_lora(network, settings)
    window = min(settings.max_tokens, getattr(network.config, "max_position_embeddings", None) or settings.max_tokens)
    rows = [[row_of(one, tokenizer, window) for one in side] for side in (train, held_out)]
    trainer = transformers.Trainer(
        model=model,
        args=_arguments(settings, len(train), folder),
        train_dataset=rows[0],
        eval_dataset=rows[1],
        data_collator=batch_of,
        callbacks=[_Progress()],
    )
    trainer.remove_callback(transformers.PrinterCallback)  # standard output is for the report
    with quiet():
        result = trainer.train(resume_from_checkpoint=last_checkpoint(folder / "checkpoints"))
        held_out_loss = trainer.evaluate()["eval_loss"]
    _write(model, tokenizer, settings, sample, folder)
    figures = {
        "pairs": len(train),
        "held_out": len(held_out),
        "steps": int(result.global_step),
        "held_out_loss": round(float(held_out_loss), 4),
        "written": MODEL if settings.all_weights else ADAPTER,
    }
    write_whole(folder / FIGURES, json.dumps(figures, indent=2) + "\n")
    return figures


def _loaded(settings: FitSettings) -> tuple[Any, Any]:
    dtype: torch.dtype = getattr(torch, settings.dtype)
    source = find_model(settings.base)
    with quiet():
        network, tokenizer = load_network(source, dtype=dtype, local_files_only=source.local_files_only)
    network.config.use_cache = False
    return network, tokenizer


def _with_lora(network: Any, settings: FitSettings) -> Any:
    try:
        import peft  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "LoRA needs the package peft; install it with: pip install 'rag-lingua[distillation]'"
        raise MissingPackageError(msg) from error
    with quiet():
        config = peft.LoraConfig(
            task_type="CAUSAL_LM",
            r=settings.rank,
            lora_alpha=2 * settings.rank,
            lora_dropout=0.05,
            target_modules="all-linear",
        )
        model = peft.get_peft_model(network, config)
    # A name here would let peft ask the hub for the vocabulary of the base at each checkpoint.
    model.peft_config["default"].base_model_name_or_path = None
    return model


def _arguments(settings: FitSettings, pairs: int, folder: Path) -> transformers.TrainingArguments:
    steps = math.ceil(pairs / settings.batch) * settings.epochs
    at_once = settings.batch if torch.cuda.is_available() else math.gcd(settings.batch, _AT_ONCE)
    return transformers.TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate or (_RATE_OF_ALL if settings.all_weights else _RATE),
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(steps * 0.05),
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=at_once,
        gradient_accumulation_steps=settings.batch // at_once,
        eval_strategy="no",
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        save_total_limit=2,
        prediction_loss_only=True,
        label_names=["labels"],
        remove_unused_columns=False,
        seed=settings.seed,
        logging_steps=10,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _write(model: Any, tokenizer: Any, settings: FitSettings, sample: dict[str, list[float]], folder: Path) -> None:
    """Write what was trained into a folder that is there as a whole, or not at all."""
    name = MODEL if settings.all_weights else ADAPTER
    unfinished = folder / f"{name}.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    with quiet():
        if settings.all_weights:
            vars(model.config).pop("quantization_config", None)  # of a base in GGUF, whose weights were unpacked
            model.config.use_cache = True
            model.save_pretrained(unfinished)
            tokenizer.save_pretrained(unfinished)
        else:
            model.peft_config["default"].base_model_name_or_path = _public_name(settings.base)
            model.save_pretrained(unfinished, save_embedding_layers=False)
            base = {"name": _public_name(settings.base), "sample": sample}
            write_whole(unfinished / BASE, json.dumps(base) + "\n")
    shutil.rmtree(folder / name, ignore_errors=True)
    unfinished.rename(folder / name)


def _public_name(base: str) -> str:
    """Return the hub id of a base, or its file's name: a path on this machine says nothing to others."""
    if base in MODELS:
        return MODELS[base].hub_id
    return Path(base).name if find_model(base).is_local else base


class _Progress(transformers.TrainerCallback):  # type: ignore[misc]
    """Logs the loss of the training."""

    def on_log(self, _args: Any, state: Any, _control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if logs and "loss" in logs:
            _log.info("step %d of %d: loss %.3f", state.global_step, state.max_steps, float(logs["loss"]))
