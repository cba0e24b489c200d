"""Losses that the encoder is trained with, as pure functions of its outputs."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lingua_shared.training.encoding import IGNORED


def ranking_loss(relevances: Tensor, gold: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """Return the mean cross-entropy of each gold passage against the distractors of its group.

    Gold passages do not compete with each other: in one softmax over all passages of a group, the second passage that
    a question needs would be pushed down by the first.

    Args:
        relevances: relevance logits group by group, gold passages first, shape (pairs,).
        gold: number of gold passages of each group, at least 1.
        sizes: number of passages of each group.
    """
    losses = []
    for count, group in zip(gold, torch.split(relevances, list(sizes)), strict=True):
        distractors = group[count:].logsumexp(0) if count < len(group) else group.new_tensor(-torch.inf)
        losses.append((torch.logaddexp(group[:count], distractors) - group[:count]).mean())
    return torch.stack(losses).mean()


def calibration_loss(relevances: Tensor, is_gold: Tensor) -> Tensor:
    """Return the mean cross-entropy of each passage on its own, so that logits are low where no passage answers.

    Args:
        relevances: relevance logits, shape (pairs,).
        is_gold: 1 for gold passages, else 0, shape (pairs,).
    """
    return functional.binary_cross_entropy_with_logits(relevances, is_gold)


def token_loss(logits: Tensor, targets: Tensor, is_gold: Tensor, *, distractor_weight: float) -> tuple[Tensor, Tensor]:
    """Return sums of the cross-entropies of tokens and of their weights.

    Args:
        logits: token logits, shape (pairs, length, 2).
        targets: 0, 1 or `IGNORED`, shape (pairs, length, 2).
        is_gold: 1 for gold passages, else 0, shape (pairs,).
        distractor_weight: weight of a token of a distractor; one of a gold passage has weight 1.

    Returns:
        The weighted sum of the losses and the sum of the weights, each for support and answer, shape (2,).
    """
    weights = (targets != IGNORED) * (distractor_weight + (1 - distractor_weight) * is_gold[:, None, None])
    losses = functional.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    return (losses * weights).sum((0, 1)), weights.sum((0, 1))
