"""Fits what `keep_answer` needs, and checks it on questions that it was not fitted on, many times over."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch

from lingua_shared.selection.amount import AmountModel, HeadEstimates, estimate_heads, strictness_for
from lingua_shared.selection.heads import FEATURES

MULTI_HOP = ("2wikimultihopqa", "hotpotqa", "musique")
LEVELS = (0.8, 0.9, 0.95, 0.98)
SPLITS = 20
_PENALTY = 1e-3
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Read:
    """What the engine saw of a question.

    Attributes:
        set: its set.
        id: unique in its set.
        encoder: name of the encoder that read it.
        fingerprint: of this encoder.
        features: of its units in the order of worth, shape (units, features).
        tokens: of the text that ends behind each of them, shape (units,).
        first: length of the shortest head with an accepted answer; None where none has it.
        total: tokens of all passages.
        answerability: probability that the passages answer.
        answerability_without: the highest of passages that are not gold.
        fixed: by rate, whether the answer stays at this fixed rate, and the share that was kept; or empty.
    """

    set: str
    id: str
    encoder: str
    fingerprint: str
    features: np.ndarray
    tokens: np.ndarray
    first: int | None
    total: int
    answerability: float
    answerability_without: float
    fixed: Mapping[float, tuple[bool, float]]

    @property
    def kind(self) -> str:
        """What `question_kind` calls it."""
        return "multi-hop" if self.set in MULTI_HOP else "single"


def fit_model(questions: Sequence[Read]) -> AmountModel:
    """Return the model under which the units that bring the answer, and the heads that have it, are most likely."""
    reached = [one for one in questions if one.first is not None]
    weights = _unit_weights(reached)
    raw = AmountModel(weights, 0.0, 0.0, 0.0)
    rows, targets, shares = [], [], []
    for one in reached:
        masses = np.minimum(np.cumsum(raw.probabilities(one.features)), 1.0)
        left = np.log(np.maximum(1 - masses, _TOLERANCE))
        rows.append(np.stack([np.ones(len(left)), left, np.log(one.tokens / one.tokens[-1])], axis=1))
        targets.append(np.arange(1, len(left) + 1) >= (one.first or 0))
        shares.append(np.full(len(left), 1 / len(left)))
    offset, mass, share = _logistic(np.concatenate(rows), np.concatenate(targets), np.concatenate(shares))
    return AmountModel(weights, offset, mass, share)


def _unit_weights(questions: Sequence[Read]) -> tuple[float, ...]:
    """Return the weights of features in the softmax over the units of a question (LBFGS)."""
    longest = max(len(one.tokens) for one in questions)
    features = torch.zeros(len(questions), longest, len(FEATURES), dtype=torch.float64)
    mask = torch.full((len(questions), longest), -torch.inf, dtype=torch.float64)
    for row, one in enumerate(questions):
        features[row, : len(one.tokens)] = torch.from_numpy(one.features)
        mask[row, : len(one.tokens)] = 0.0
    target = torch.tensor([(one.first or 1) - 1 for one in questions])
    weights = torch.zeros(len(FEATURES), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        total = torch.nn.functional.cross_entropy(features @ weights + mask, target)
        total = total + _PENALTY * weights.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return tuple(round(float(value), 4) for value in weights.detach().numpy())


def _logistic(rows: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Return the coefficients of a weighted logistic regression (Newton's method)."""
    found = np.zeros(rows.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        gradient = rows.T @ (weights * (targets - chance)) - _PENALTY * found
        curvature = (rows * (weights * np.maximum(chance * (1 - chance), _TOLERANCE))[:, None]).T @ rows
        step = np.linalg.solve(curvature + _PENALTY * np.eye(len(found)), gradient)
        found = found + step
        if np.abs(step).max() < _TOLERANCE:
            break
    offset, mass, share = (round(float(value), 4) for value in found)
    return offset, mass, share


@dataclass(frozen=True)
class Counted:
    """A question under a model: the strictness that it needs, and what is expected of its heads."""

    question: Read
    needed: float
    estimates: HeadEstimates

    def outcome(self, strictness: float) -> tuple[bool, float, float]:
        """Return whether the answer is kept, the share of the tokens that is, and the estimate of the former."""
        length = self.estimates.length(strictness)
        kept = self.question.first is not None and length >= self.question.first
        share = self.question.tokens[length - 1] / self.question.total
        return kept, float(share), self.estimates.expected(length)


def count(model: AmountModel, questions: Sequence[Read]) -> list[Counted]:
    """Return what each question needs under a model."""
    found = []
    for one in questions:
        estimates = estimate_heads(model, one.features, one.tokens)
        needed = np.inf if one.first is None else float(estimates.strictness()[one.first - 1])
        found.append(Counted(one, needed, estimates))
    return found


def confirmed(questions: Sequence[Read], level: float, *, seed: int = 0, by_kind: bool = False) -> dict[str, Any]:
    """Return coverage, share of tokens and mean estimate on halves that nothing was fitted on, means over the splits.

    Args:
        questions: of all sets, each with an answer in its passages.
        level: share of the answers to keep.
        seed: of the splits.
        by_kind: whether the kind of each question is told.
    """
    runs: dict[str, list[tuple[float, float, float]]] = {}
    for split in range(SPLITS):
        outcomes = _confirmed_once(questions, level, f"{seed}-{split}", by_kind=by_kind)
        for name in ("all", *dict.fromkeys(outcomes)):
            chosen = [one for set_name, of_set in outcomes.items() if name in ("all", set_name) for one in of_set]
            runs.setdefault(name, []).append(tuple(np.mean(np.asarray(chosen, dtype=np.float64), axis=0)))
    return {
        name: {
            "coverage": round(mean(run[0] for run in of_set), 4),
            "coverage_sd": round(stdev(run[0] for run in of_set), 4),
            "share": round(mean(run[1] for run in of_set), 4),
            "estimate": round(mean(run[2] for run in of_set), 4),
        }
        for name, of_set in runs.items()
    }


def _confirmed_once(
    questions: Sequence[Read], level: float, seed: str, *, by_kind: bool
) -> dict[str, list[tuple[bool, float, float]]]:
    """Fit everything on a random half, by encoder; return the outcomes of the other half by set."""
    ordered = list(questions)
    random.Random(seed).shuffle(ordered)
    fitting, confirming = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    outcomes: dict[str, list[tuple[bool, float, float]]] = {}
    for encoder in dict.fromkeys(one.encoder for one in confirming):
        own = [one for one in fitting if one.encoder == encoder]
        model = fit_model(own)
        needed = count(model, own)
        for one in count(model, [one for one in confirming if one.encoder == encoder]):
            like = [other.needed for other in needed if not by_kind or other.question.kind == one.question.kind]
            strictness = strictness_for(level, like)
            outcomes.setdefault(one.question.set, []).append(one.outcome(np.inf if strictness is None else strictness))
    return outcomes


def fixed_rate_share(questions: Sequence[Read], coverage: float) -> float | None:
    """Return the share of the tokens that a fixed rate keeps where it keeps this share of the answers.

    Between two rates that were tried it is interpolated. None where no rate keeps so many, and where rates were not
    tried on every question.
    """
    if not questions or not all(one.fixed for one in questions):
        return None
    before = (0.0, 0.0)
    for rate in sorted(questions[0].fixed):
        kept = mean(float(one.fixed[rate][0]) for one in questions)
        share = mean(one.fixed[rate][1] for one in questions)
        if kept >= coverage:
            return before[1] + (share - before[1]) * (coverage - before[0]) / max(kept - before[0], _TOLERANCE)
        before = (kept, share)
    return None


def fixed_head_share(questions: Sequence[Read], coverage: float) -> float:
    """Return the share of the tokens with which heads of one share keep this share of the answers: infinite for none.

    That is a fixed rate over the units in the order of their worth, as `keep_answer` orders them.
    """
    shares = sorted(np.inf if one.first is None else one.tokens[one.first - 1] / one.total for one in questions)
    return float(shares[min(ceil(coverage * len(shares)), len(shares)) - 1])
