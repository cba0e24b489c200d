"""Losses, compared with values computed by hand."""

from math import exp, log, log1p

import pytest
import torch

from lingua_shared.training.encoding import IGNORED
from lingua_shared.training.losses import calibration_loss, ranking_loss, token_loss

LN2, LN3 = log(2), log(3)
DISTRACTOR_WEIGHT = 0.3


def test_gold_passage_is_weighed_against_the_others() -> None:
    """A gold passage of odds 3 and two distractors of odds 1: a share of 3/5."""
    assert ranking_loss(torch.tensor([LN3, 0.0, 0.0]), [1], [3]).item() == pytest.approx(log(5 / 3))


def test_gold_passages_do_not_compete() -> None:
    """Two gold passages of odds 2 and 3 compete with the distractor of odds 1 only."""
    loss = ranking_loss(torch.tensor([LN2, LN3, 0.0]), [2], [3])
    assert loss.item() == pytest.approx((log(3 / 2) + log(4 / 3)) / 2)


def test_groups_count_alike() -> None:
    """The loss is the mean over groups, however many passages each has."""
    relevances = torch.tensor([LN3, 0.0, 0.0, LN2, LN3, 0.0])
    expected = (log(5 / 3) + (log(3 / 2) + log(4 / 3)) / 2) / 2
    assert ranking_loss(relevances, [1, 2], [3, 3]).item() == pytest.approx(expected)


def test_group_without_distractors_teaches_nothing() -> None:
    """Loss and gradient are 0, not NaN."""
    relevances = torch.tensor([5.0, -2.0], requires_grad=True)
    loss = ranking_loss(relevances, [2], [2])
    (gradient,) = torch.autograd.grad(loss, relevances)
    assert loss.item() == 0
    assert gradient.tolist() == [0, 0]


def test_ranking_pulls_gold_up_and_distractors_down() -> None:
    """The gradient of a gold passage is its share minus 1, and that of a distractor its share."""
    relevances = torch.tensor([LN3, 0.0, 0.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(ranking_loss(relevances, [1], [3]), relevances)
    assert gradient.tolist() == pytest.approx([-0.4, 0.2, 0.2])


@pytest.mark.parametrize("shift", [-1e4, 1e4])
def test_only_differences_rank(shift: float) -> None:
    """A common shift of all logits changes nothing, even a large one."""
    shifted = torch.tensor([1.0, 0.0], dtype=torch.float64) + shift
    assert ranking_loss(shifted, [1], [2]).item() == pytest.approx(log1p(exp(-1)))


def test_calibration_looks_at_each_passage_alone() -> None:
    """Odds of 3 cost log(4/3) for a gold passage, and log(4) for a distractor."""
    loss = calibration_loss(torch.tensor([LN3, LN3]), torch.tensor([1.0, 0.0]))
    assert loss.item() == pytest.approx((log(4 / 3) + log(4)) / 2)


def test_tokens_are_summed_by_column() -> None:
    """Support and answer are summed separately: odds of 3 and 1, for a marked and an unmarked token."""
    logits = torch.tensor([[[LN3, 0.0], [LN3, 0.0]]])
    targets = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    losses, weights = token_loss(logits, targets, torch.tensor([1.0]), distractor_weight=DISTRACTOR_WEIGHT)
    assert losses.tolist() == pytest.approx([log(4 / 3) + log(4), 2 * LN2])
    assert weights.tolist() == [2, 2]


def test_tokens_of_distractors_count_less() -> None:
    """Loss and weight of a token of a distractor are those of a token of a gold passage times the weight."""
    logits, targets = torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)
    losses, weights = token_loss(logits, targets, torch.tensor([0.0]), distractor_weight=DISTRACTOR_WEIGHT)
    assert losses.tolist() == pytest.approx([DISTRACTOR_WEIGHT * 2 * LN2] * 2)
    assert weights.tolist() == pytest.approx([DISTRACTOR_WEIGHT * 2] * 2)


def test_ignored_tokens_have_no_part() -> None:
    """An ignored token has no loss, weight or gradient in the column in which it is ignored."""
    logits = torch.tensor([[[50.0, LN3]]], requires_grad=True)
    losses, weights = token_loss(
        logits, torch.tensor([[[IGNORED, 1.0]]]), torch.tensor([1.0]), distractor_weight=DISTRACTOR_WEIGHT
    )
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    assert losses.tolist() == pytest.approx([0, log(4 / 3)])
    assert weights.tolist() == [0, 1]
    assert gradient.flatten().tolist() == pytest.approx([0, -0.25])


def test_sums_of_batches_add_up() -> None:
    """Two batches together give the sums of one batch with all pairs."""
    torch.manual_seed(0)
    logits, targets = torch.randn(4, 3, 2), torch.randint(-1, 2, (4, 3, 2)).float()
    is_gold = torch.tensor([1.0, 0.0, 0.0, 1.0])
    whole = token_loss(logits, targets, is_gold, distractor_weight=DISTRACTOR_WEIGHT)
    parts = [
        token_loss(logits[i : i + 2], targets[i : i + 2], is_gold[i : i + 2], distractor_weight=DISTRACTOR_WEIGHT)
        for i in (0, 2)
    ]
    for column, expected in enumerate(whole):
        torch.testing.assert_close(parts[0][column] + parts[1][column], expected)
