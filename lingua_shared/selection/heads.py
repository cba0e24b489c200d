"""The texts that an amount chooses from: the units in the order of their worth, cut off behind any one of them.

Each such head holds all shorter ones. Knows units, sizes and what the encoder says of them; no model, no budget.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lingua_shared.scoring.protocol import AnswerSigns
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.ledger import BudgetLedger
from lingua_shared.selection.plans import RankedUnits
from lingua_shared.selection.repeats import Repeats

FEATURES = ("link_gain", "answer", "worth", "length", "in_best_passage")
"""What is known of a unit: by how much links raise the log-odds of its passage, its highest answer logit, its worth,
ln(1 + tokens), and whether it is of the most relevant passage."""


@dataclass(frozen=True)
class Heads:
    """The units of a request in the order of their worth, without those that repeat a better one.

    Attributes:
        units: those most worth keeping first.
        features: of each unit, shape (units, features), in the order of `FEATURES`.
        tokens: estimate of the tokens of the text that ends behind each unit, shape (units,).
        purchases: all units with what they need, in the order in which they are bought.
        counts: how many purchases the text that ends behind each unit has, shape (units,).
        forced: how many purchases at the beginning are forced.
    """

    units: Sequence[Unit]
    features: np.ndarray
    tokens: np.ndarray
    purchases: Sequence[Purchase]
    counts: np.ndarray
    forced: int

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.units)

    def head(self, length: int) -> Sequence[Purchase]:
        """Return the purchases of the first units, those that are forced always."""
        return self.purchases[: self.counts[length - 1]] if length else self.purchases[: self.forced]


@dataclass(frozen=True)
class ReadHeads:
    """The heads of a question that was read.

    Attributes:
        heads: the texts to choose from.
        text: gives the text of purchases.
        fingerprint: of the encoder that read.
        probabilities: that each passage that was read answers; None where that is not calibrated.
        read: indices of the passages that were read.
        encoder: name of the encoder.
    """

    heads: Heads
    text: Callable[[Sequence[Purchase]], str]
    fingerprint: str
    probabilities: np.ndarray | None
    read: Sequence[int]
    encoder: str = ""

    def text_of(self, length: int) -> str:
        """Return the text of the head of a length."""
        return self.text(self.heads.head(length))


def make_heads(
    candidates: Sequence[Candidate],
    ranked: RankedUnits,
    signs: AnswerSigns,
    *,
    forced: Sequence[Purchase] = (),
    repeats: Repeats | None = None,
) -> Heads:
    """Return the heads of ranked units.

    Args:
        candidates: passages, most relevant first.
        ranked: their units, with the worth of each.
        signs: of the candidates, in this order.
        forced: purchases that every head has.
        repeats: units that say what others say; of those only the best one is in a head.
    """
    worths = _without_repeats(ranked, repeats or {})
    ledger = BudgetLedger(candidates, forced, sys.maxsize)
    by_index = {candidate.index: candidate for candidate in candidates}
    paid = sum(by_index[unit.passage].size(unit) for purchase in forced for unit in purchase)
    tokens, counts = [], []
    for unit in worths:
        ledger.buy([unit])
        tokens.append(paid + sys.maxsize - ledger.left)
        counts.append(len(ledger.purchases))
    return Heads(
        units=list(worths),
        features=_features(candidates, worths, signs),
        tokens=np.asarray(tokens, dtype=np.float64),
        purchases=ledger.purchases,
        counts=np.asarray(counts, dtype=np.int64),
        forced=len(forced),
    )


def _without_repeats(ranked: RankedUnits, repeats: Repeats) -> dict[Unit, float]:
    """Return units with their worth, without those that say what a better one says."""
    found: dict[Unit, float] = {}
    for unit, worth in zip(ranked.units, ranked.worths, strict=True):
        if not any(other in found for other in repeats.get(unit, ())):
            found[unit] = worth
    return found


def _features(candidates: Sequence[Candidate], worths: dict[Unit, float], signs: AnswerSigns) -> np.ndarray:
    by_index = {candidate.index: place for place, candidate in enumerate(candidates)}
    places = np.asarray([by_index[unit.passage] for unit in worths], dtype=np.int64)
    answers = np.asarray([signs.tokens[by_index[unit.passage]].highest(unit.start, unit.end) for unit in worths])
    known = answers[np.isfinite(answers)]
    sizes = [candidates[by_index[unit.passage]].size(unit) for unit in worths]
    columns = [
        (signs.linked - signs.log_odds)[places],
        np.where(np.isfinite(answers), answers, known.min() if len(known) else 0.0),
        np.asarray(list(worths.values())),
        np.log1p(sizes),
        (places == 0).astype(np.float64),
    ]
    return np.stack(columns, axis=1).astype(np.float64)
