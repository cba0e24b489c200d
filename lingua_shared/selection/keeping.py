"""Keeps as much as a level of the answers asks for, within the budget. Knows units and counts; no model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lingua_shared.selection.amount import AmountModel, estimate_heads
from lingua_shared.selection.calibrations import AnswerCalibration
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.heads import Heads
from lingua_shared.selection.selector import Selector


@dataclass(frozen=True)
class Enough:
    """What is kept, and what is expected of it.

    Attributes:
        purchases: what is kept.
        answer_kept: estimate that the answer is in it, if it is in the passages.
        notes: why it is not as asked.
        is_left_empty: whether nothing is kept on purpose.
    """

    purchases: Sequence[Purchase]
    answer_kept: float
    notes: tuple[str, ...] = ()
    is_left_empty: bool = False


def keep_enough(
    heads: Heads,
    calibration: AnswerCalibration,
    selector: Selector,
    candidates: Sequence[Candidate],
    answerability: float,
) -> Enough:
    """Return the shortest text that keeps the level of the recipe, or as much of it as the budget allows.

    Args:
        heads: the texts to choose from.
        calibration: for the encoder that read the passages.
        selector: the recipe, the budget, and what makes texts.
        candidates: passages, most relevant first.
        answerability: the probability that the passages answer.

    Raises:
        OptionsError: the level was not calibrated.
    """
    recipe = selector.recipe
    strictness = calibration.strictness(recipe.keep_answer or 0.0, recipe.question_kind)
    is_doubtful = answerability < calibration.unanswerable_below
    notes = [_doubt(answerability, recipe.on_unanswerable)] if is_doubtful else []
    if is_doubtful and recipe.on_unanswerable == "empty":
        return Enough(heads.head(0), 0.0, tuple(notes), is_left_empty=not heads.forced)
    estimates = estimate_heads(calibration.model, heads.features, heads.tokens)
    length = estimates.length(strictness)
    purchases = heads.head(length)
    needed = selector.output.cost(purchases)
    if needed <= selector.budget:
        return Enough(purchases, estimates.expected(length), tuple(notes))
    purchases = selector.filled(candidates, purchases, heads.units[:length], least=heads.forced)
    notes.append(
        f"the budget of {selector.budget} tokens cut the text short: keep_answer={recipe.keep_answer} asks for "
        f"{needed} tokens; answer_kept says what is expected of what is kept"
    )
    share = selector.output.cost(purchases) / max(needed, 1) * float(estimates.shares[length - 1]) if length else 0.0
    expected = _expected(calibration.model, heads, purchases, share)
    return Enough(purchases, min(expected, estimates.expected(length)), tuple(notes))


def _expected(model: AmountModel, heads: Heads, purchases: Sequence[Purchase], share: float) -> float:
    """Return the estimate that the answer is in what purchases keep, which is a share of the tokens.

    A unit of which a part is kept counts with this part of its characters.
    """
    bought = {unit for purchase in purchases for unit in purchase}
    parts = np.asarray([min(sum(_overlap(one, unit) for one in bought), 1.0) for unit in heads.units])
    if not parts.any():
        return 0.0
    mass = min(float(model.probabilities(heads.features) @ parts), 1.0)
    return float(model.estimates(np.asarray([mass]), np.asarray([min(share, 1.0)]))[0])


def _overlap(one: Unit, other: Unit) -> float:
    """Return the share of the other unit's characters that are in the one."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return max(common, 0) / max(other.end - other.start, 1) if one.passage == other.passage else 0.0


def _doubt(answerability: float, then: str) -> str:
    what = "nothing but what is forced was kept" if then == "empty" else "what was kept may answer nothing"
    return f"the passages do not seem to answer the question (answerability {answerability:.3f}); {what}"
