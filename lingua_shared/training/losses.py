"""What the encoder is trained towards. Pure functions of its outputs."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from lingua_shared.training.encoding import IGNORED

DISTRACTOR_WEIGHT = 0.3
"""Of a token of a passage that does not answer, against one of a passage that does: there are many more of them."""

CALIBRATION_WEIGHT = 0.3
EVIDENCE_WEIGHT = 1.0
ANSWER_WEIGHT = 0.5


def ranking_loss(relevances: Tensor, gold: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """Cross-entropy of each gold passage against the distractors of its group, and not against other gold passages.

    With one distribution over all of them, the second passage that a question needs would be pushed down by the first.

    Args:
        relevances: of all pairs, group by group, the gold ones of each group first, shape (pairs,).
        gold: number of gold passages of each group.
        sizes: number of passages of each group.
    """
    losses = []
    for golds, group in zip(gold, torch.split(relevances, list(sizes)), strict=True):
        others = group[golds:].logsumexp(0) if golds < len(group) else group.new_tensor(-torch.inf)
        losses.append((torch.logaddexp(group[:golds], others) - group[:golds]).mean())
    return torch.stack(losses).mean()


def calibration_loss(relevances: Tensor, is_gold: Tensor) -> Tensor:
    """Cross-entropy of each passage by itself, so that the log-odds mean something where no passage answers."""
    return functional.binary_cross_entropy_with_logits(relevances, is_gold)


def token_loss(logits: Tensor, targets: Tensor, is_gold: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of cross-entropies of tokens and of their weights, for both columns of the token head.

    Args:
        logits: shape (pairs, length, 2).
        targets: 0, 1 or `IGNORED`, shape (pairs, length, 2).
        is_gold: 1 for pairs whose passage answers, shape (pairs,).

    Returns:
        Two tensors of shape (2,): evidence and answer.
    """
    weights = (targets != IGNORED) * (DISTRACTOR_WEIGHT + (1 - DISTRACTOR_WEIGHT) * is_gold[:, None, None])
    losses = functional.binary_cross_entropy_with_logits(logits, targets.clamp(min=0), reduction="none")
    return (losses * weights).sum((0, 1)), weights.sum((0, 1))
