"""Trains the encoder step by step. A run that was interrupted goes on from its last checkpoint with the same result."""

import copy
import json
import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.encoder.model import ANSWER, SUPPORT, EncoderModel
from lingua_shared.scoring.encoder.pairs import PairTokenizer
from lingua_shared.training.encoding import Group, batches_of
from lingua_shared.training.losses import calibration_loss, ranking_loss, token_loss
from lingua_shared.training.recipe import LossWeights, Plan

_STEPS_PER_LOG_LINE = 20

_log = logging.getLogger(__name__)


class Trainer:
    """Holds the model, its optimiser and the number of steps done."""

    def __init__(
        self,
        model: EncoderModel,
        tokenizer: PairTokenizer,
        plan: Plan,
        weights: LossWeights,
        steps: int,
        folder: Path,
    ) -> None:
        """Prepare a run, or continue from the checkpoint in its folder.

        Args:
            model: the model to train; word embeddings that do not require gradients stay frozen.
            tokenizer: tokenizer of its trunk.
            plan: settings of the optimisation.
            weights: weights of the losses.
            steps: number of steps of the whole run.
            folder: folder for the checkpoint and the logs.

        Raises:
            InvalidInputError: the checkpoint in the folder was written with other settings.
        """
        self.model, self._tokenizer, self.steps, self._folder = model, tokenizer, steps, folder
        self._plan, self._weights = plan, weights
        self.device = next(model.parameters()).device
        self._optimiser = torch.optim.AdamW(_parameters(model, plan), betas=(0.9, 0.98), eps=1e-6)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)
        self.mean = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
        self.step = 0
        if self._checkpoint.exists():
            self._resume()

    def run(self, groups: Sequence[Group], evaluate: Callable[[EncoderModel], dict[str, float]]) -> None:
        """Train on groups and evaluate at each checkpoint; skip the steps that are done already.

        Args:
            groups: groups of the whole run; each step takes the next ones.
            evaluate: returns the figures of a model by their names.
        """
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
        """Return a copy of the model with the running mean of its weights: the result of the training."""
        averaged = copy.deepcopy(self.model)
        averaged.load_state_dict(self.mean, strict=False)
        return averaged.eval()

    def _train(self, groups: Sequence[Group]) -> dict[str, float]:
        self.model.train()
        is_gold = _is_gold(groups).to(self.device)
        relevances, token_losses = self._read(groups, is_gold)
        losses = {
            "ranking": _ranking(groups, relevances),
            "calibration": calibration_loss(relevances, is_gold),
            "support": token_losses[SUPPORT],
            "answer": token_losses[ANSWER],
        }
        weights = {"ranking": 1.0, **self._weights.model_dump()}
        loss = torch.stack([weights[name] * value for name, value in losses.items()]).sum()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimiser.step()
        self._schedule.step()
        self._update_mean()
        rate = float(self._schedule.get_last_lr()[0])
        return {name: value.detach().item() for name, value in losses.items()} | {"rate": rate}

    def _read(self, groups: Sequence[Group], is_gold: Tensor) -> tuple[Tensor, Tensor]:
        """Relevance of every pair in the order of the groups, and the mean token losses, shape (2,)."""
        relevances, indices, sums, weights = [], [], [], []
        for batch in batches_of(groups, self._tokenizer, tokens=self._plan.batch_tokens):
            with torch.autocast(self.device.type, dtype=torch.bfloat16):
                relevance, logits = self.model(
                    batch.input_ids.to(self.device),
                    batch.attention_mask.to(self.device),
                    batch.token_type_ids.to(self.device),
                )
            total, weight = token_loss(
                logits.float(),
                batch.targets.to(self.device),
                is_gold[batch.indices],
                distractor_weight=self._weights.distractor_token,
            )
            relevances.append(relevance.float())
            indices.append(batch.indices)
            sums.append(total)
            weights.append(weight)
        order = torch.argsort(torch.cat(indices)).to(self.device)
        return torch.cat(relevances)[order], torch.stack(sums).sum(0) / torch.stack(weights).sum(0).clamp(min=1.0)

    def _update_mean(self) -> None:
        decay = min(self._plan.averaging, (1 + self.step) / (10 + self.step))
        for name, value in self.model.named_parameters():
            if name in self.mean:
                self.mean[name].lerp_(value.detach(), 1 - decay)

    def _rate(self, step: int) -> float:
        """Learning rate at a step, as a share of the highest."""
        warm_up = max(1, math.ceil(self._plan.warm_up * self.steps))
        return min((step + 1) / warm_up, max(0.0, (self.steps - step) / max(1, self.steps - warm_up)))

    @property
    def _settings(self) -> dict[str, float]:
        losses = {f"{name}_weight": value for name, value in self._weights.model_dump().items()}
        return {**self._plan.model_dump(), **losses, "steps": self.steps}

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
        unfinished.replace(self._checkpoint)  # an interruption leaves the old checkpoint or the new one

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        if state["settings"] != self._settings:
            msg = f"the checkpoint in {self._folder} has other settings: {state['settings']}; take another folder"
            raise InvalidInputError(msg)
        self.model.load_state_dict(state["model"])
        self.mean, self.step = state["mean"], state["step"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        for file in ("steps.jsonl", "dev.jsonl"):
            self._remove_later_lines(self._folder / file)
        _log.info("continuing after step %d", self.step)

    def _remove_later_lines(self, log: Path) -> None:
        """Remove the lines of steps after the checkpoint from a log, because these steps are repeated."""
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
        log.write_text("".join(line for line in lines if json.loads(line)["step"] <= self.step), encoding="utf-8")

    def _write(self, file: str, figures: dict[str, float]) -> None:
        line = json.dumps({"step": self.step, **{name: round(value, 6) for name, value in figures.items()}})
        with (self._folder / file).open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        if file == "dev.jsonl" or self.step % _STEPS_PER_LOG_LINE == 0:
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


def _ranking(groups: Sequence[Group], relevances: Tensor) -> Tensor:
    """Ranking loss of the groups with gold passages; 0 if none has any."""
    by_group = torch.split(relevances, [len(group.gold) + len(group.distractors) for group in groups])
    answered = [(group, values) for group, values in zip(groups, by_group, strict=True) if group.gold]
    if not answered:
        return relevances.sum() * 0
    gold, sizes = [len(group.gold) for group, _ in answered], [len(values) for _, values in answered]
    return ranking_loss(torch.cat([values for _, values in answered]), gold, sizes)


def _is_gold(groups: Sequence[Group]) -> Tensor:
    return torch.tensor([float(i < len(g.gold)) for g in groups for i in range(len(g.gold) + len(g.distractors))])


def _chunks(groups: Sequence[Group], size: int) -> list[Sequence[Group]]:
    return [groups[start : start + size] for start in range(0, len(groups), size)]
