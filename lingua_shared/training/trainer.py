"""Trains the encoder step by step; stops and goes on at any time, with the same result."""

import copy
import json
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from lingua_shared.scoring.encoder.model import EncoderModel
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.training.encoding import Group, batches_of
from lingua_shared.training.losses import (
    ANSWER_WEIGHT,
    CALIBRATION_WEIGHT,
    EVIDENCE_WEIGHT,
    calibration_loss,
    ranking_loss,
    token_loss,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """Settings of a run.

    Attributes:
        groups: questions in one step.
        passages: passages of each.
        learning_rate: highest, reached after `warm_up` of the steps; then it falls to 0 along a line.
        head_rate: the same of the new heads.
        weight_decay: of matrices.
        batch_tokens: tokens of one pass.
        checkpoint_steps: a checkpoint, and dev figures, after so many steps.
        averaging: share of the old running mean of the weights that each step keeps.
    """

    groups: int = 8
    passages: int = 5
    learning_rate: float = 6e-5
    head_rate: float = 5e-4
    weight_decay: float = 0.01
    warm_up: float = 0.06
    batch_tokens: int = 2048
    checkpoint_steps: int = 150
    averaging: float = 0.995


class Trainer:
    """Holds the model, its optimiser and how far it is."""

    def __init__(self, model: EncoderModel, tokenizer: PairTokenizer, plan: Plan, steps: int, folder: Path) -> None:
        """Prepare a run, and go on where a checkpoint of the folder left it.

        Args:
            model: what is trained; its word embeddings are left as they are where they do not require gradients.
            tokenizer: of its trunk.
            plan: settings.
            steps: of the whole run.
            folder: for checkpoint and log.
        """
        self.model, self._tokenizer, self._plan, self.steps, self._folder = model, tokenizer, plan, steps, folder
        self.device = next(model.parameters()).device
        self._optimiser = torch.optim.AdamW(_parameters(model, plan), betas=(0.9, 0.98), eps=1e-6)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)
        self.mean = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
        self.step = 0
        if self._checkpoint.exists():
            self._resume()

    def run(self, groups: Sequence[Group], evaluate: Callable[[EncoderModel], dict[str, float]]) -> None:
        """Train on groups, `Plan.groups` a step; those of steps that a checkpoint has are passed over."""
        for chunk in _chunks(groups, self._plan.groups)[self.step : self.steps]:
            started = time.perf_counter()
            losses = self._train(chunk)
            self.step += 1
            losses["seconds"] = time.perf_counter() - started
            self._write("steps.jsonl", losses)
            if self.step % self._plan.checkpoint_steps == 0 or self.step == self.steps:
                self._save()
                self._write("dev.jsonl", evaluate(self.averaged()))

    def averaged(self) -> EncoderModel:
        """Return the model with the running mean of its weights, which is what is kept in the end."""
        averaged = copy.deepcopy(self.model)
        averaged.load_state_dict(self.mean, strict=False)
        return averaged.eval()

    def _train(self, groups: Sequence[Group]) -> dict[str, float]:
        self.model.train()
        sizes = [len(group.gold) + len(group.distractors) for group in groups]
        is_gold = _is_gold(groups).to(self.device)
        relevances, token_parts = self._read(groups, is_gold)
        answered = [i for i, group in enumerate(groups) if group.gold]
        by_group = torch.split(relevances, sizes)
        parts = {
            "ranking": ranking_loss(
                torch.cat([by_group[i] for i in answered]),
                [len(groups[i].gold) for i in answered],
                [sizes[i] for i in answered],
            )
            if answered
            else relevances.sum() * 0,
            "calibration": calibration_loss(relevances, is_gold),
            "evidence": token_parts[0],
            "answer": token_parts[1],
        }
        loss = (
            parts["ranking"]
            + CALIBRATION_WEIGHT * parts["calibration"]
            + EVIDENCE_WEIGHT * parts["evidence"]
            + ANSWER_WEIGHT * parts["answer"]
        )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimiser.step()
        self._schedule.step()
        self._average()
        return {name: part.detach().item() for name, part in parts.items()} | {
            "rate": float(self._schedule.get_last_lr()[0])
        }

    def _read(self, groups: Sequence[Group], is_gold: Tensor) -> tuple[Tensor, Tensor]:
        """Relevance of every pair, in the order of the groups, and the mean losses of tokens."""
        relevances, places, sums, weights = [], [], [], []
        for batch in batches_of(groups, self._tokenizer, tokens=self._plan.batch_tokens):
            with torch.autocast(self.device.type, dtype=torch.bfloat16):
                relevance, logits = self.model(
                    batch.input_ids.to(self.device),
                    batch.attention_mask.to(self.device),
                    batch.token_type_ids.to(self.device),
                )
            total, weight = token_loss(logits.float(), batch.targets.to(self.device), is_gold[batch.places])
            relevances.append(relevance.float())
            places.append(batch.places)
            sums.append(total)
            weights.append(weight)
        order = torch.argsort(torch.cat(places)).to(self.device)
        return torch.cat(relevances)[order], torch.stack(sums).sum(0) / torch.stack(weights).sum(0).clamp(min=1.0)

    def _average(self) -> None:
        keep = min(self._plan.averaging, (1 + self.step) / (10 + self.step))
        for name, value in self.model.named_parameters():
            if name in self.mean:
                self.mean[name].lerp_(value.detach(), 1 - keep)

    def _rate(self, step: int) -> float:
        warm_up = max(1, math.ceil(self._plan.warm_up * self.steps))
        return min((step + 1) / warm_up, max(0.0, (self.steps - step) / max(1, self.steps - warm_up)))

    @property
    def _settings(self) -> dict[str, float]:
        return {**asdict(self._plan), "steps": self.steps}

    @property
    def _checkpoint(self) -> Path:
        return self._folder / "checkpoint.pt"

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "mean": self.mean,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "step": self.step,
            "settings": self._settings,
        }
        unfinished = self._checkpoint.with_suffix(".new")
        torch.save(state, unfinished)
        unfinished.replace(self._checkpoint)  # so that a kill leaves the old one or the new one

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        if state["settings"] != self._settings:
            msg = f"the checkpoint in {self._folder} has other settings: {state['settings']}; take another folder"
            raise ValueError(msg)
        self.model.load_state_dict(state["model"])
        self.mean, self.step = state["mean"], state["step"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        for file in ("steps.jsonl", "dev.jsonl"):
            self._forget_later_lines(self._folder / file)
        _log.info("going on behind step %d", self.step)

    def _forget_later_lines(self, log: Path) -> None:
        """Take lines of steps out of a log that the checkpoint does not have, for they will be done again."""
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
        log.write_text("".join(line for line in lines if json.loads(line)["step"] <= self.step), encoding="utf-8")

    def _write(self, file: str, figures: dict[str, float]) -> None:
        line = json.dumps({"step": self.step, **{name: round(value, 6) for name, value in figures.items()}})
        with (self._folder / file).open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        if file == "dev.jsonl" or self.step % 20 == 0:
            _log.info("%s", line)


def _parameters(model: EncoderModel, plan: Plan) -> list[dict[str, object]]:
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    heads = [p for name, p in trained if not name.startswith("trunk.")]
    matrices = [p for name, p in trained if name.startswith("trunk.") and p.ndim > 1]
    vectors = [p for name, p in trained if name.startswith("trunk.") and p.ndim <= 1]
    return [
        {"params": matrices, "lr": plan.learning_rate, "weight_decay": plan.weight_decay},
        {"params": vectors, "lr": plan.learning_rate, "weight_decay": 0.0},
        {"params": heads, "lr": plan.head_rate, "weight_decay": 0.0},
    ]


def _is_gold(groups: Sequence[Group]) -> Tensor:
    return torch.tensor([float(i < len(g.gold)) for g in groups for i in range(len(g.gold) + len(g.distractors))])


def _chunks(groups: Sequence[Group], size: int) -> list[Sequence[Group]]:
    return [groups[start : start + size] for start in range(0, len(groups), size)]
