"""Plans what to keep of ranked passages: units first, then words of one that does not fit.

A plan is a list of purchases, those most worth keeping first, so that its beginning is a plan for a smaller budget.
Knows scores and sizes; no model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lingua_shared.recipe import Recipe
from lingua_shared.scoring.fusion import rank, standardise
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.cutting import Protection, cut, groups_of
from lingua_shared.selection.fitting import fit_beside
from lingua_shared.selection.forced import protection
from lingua_shared.selection.ledger import BudgetLedger
from lingua_shared.selection.policy import POLICY
from lingua_shared.selection.repeats import Repeats


@dataclass(frozen=True)
class RankedUnits:
    """The units of all passages in the order of their worth.

    Attributes:
        units: those most worth keeping first.
        cuttable: those of the first that may be cut where they do not fit, since they are worth almost as much as the
            best one.
        worths: of the units, falling; empty where nothing compared them.
    """

    units: Sequence[Unit]
    cuttable: frozenset[Unit] = frozenset()
    worths: Sequence[float] = ()


def rank_units(candidates: Sequence[Candidate], relevances: Sequence[float], strength: float) -> RankedUnits:
    """Return the units of all passages, those most worth keeping first.

    The worth of a unit is the z-score of its own score among all units plus `strength` times the z-score of its
    passage's relevance among the passages. So more is kept of a more relevant passage (the aim of the dynamic
    compression ratio of LongLLMLingua, section 4.3).

    Args:
        candidates: passages, most relevant first.
        relevances: of each of them, higher is more relevant.
        strength: weight of the passage's relevance; 0 compares units alone.
    """
    of_passages = standardise(_array(relevances))
    by_passage = {c.index: strength * value for c, value in zip(candidates, of_passages, strict=True)}
    owned = [(c, unit) for c in candidates for unit in c.units]
    scores = [candidate.importance(unit.start, unit.end) for candidate, unit in owned]
    known = _array([np.nan if score is None else score for score in scores])
    worth = [by_passage[c.index] + value for (c, _), value in zip(owned, standardise(known), strict=True)]
    ordered = rank(worth)
    near = (i for i in ordered if worth[i] >= worth[ordered[0]] - POLICY.cut_margin)
    cuttable = frozenset(owned[i][1] for i in near)
    return RankedUnits([owned[i][1] for i in ordered], cuttable, tuple(float(worth[i]) for i in ordered))


def best_passage_first(
    candidates: Sequence[Candidate], ranked: RankedUnits, *, share: float, budget: int
) -> RankedUnits:
    """Return units with the most relevant passage, as a whole, first, if it is small enough.

    That is the case where it takes at most a share of the budget and the best unit of all still fits beside it. A small
    language model answers more questions from a whole passage than from sentences of several ones. The rest of the
    budget goes to the other passages, since the most relevant one may be the wrong one.

    Args:
        candidates: passages, most relevant first.
        ranked: their units.
        share: of the budget that the most relevant passage may take, in [0, 1].
        budget: tokens.
    """
    ordered = ranked.units
    if not ordered:
        return ranked
    best = candidates[0]
    ledger = BudgetLedger(candidates, (), budget)
    is_bought = ledger.buy_together((best.whole,))
    if not (is_bought and budget - ledger.left <= share * budget and ledger.can_afford(ordered[0])):
        return ranked
    return replace(ranked, units=[best.whole, *(unit for unit in ordered if unit.passage != best.index)])


def fitted_plan(
    candidates: Sequence[Candidate],
    ranked: RankedUnits,
    recipe: Recipe,
    cost: Callable[[Sequence[Purchase]], int],
    budget: int,
    *,
    forced: Sequence[Purchase],
    repeats: Repeats | None = None,
) -> Sequence[Purchase]:
    """Return the plan that uses a budget best: what is forced, and behind it the units that fit.

    Args:
        candidates: the passages that the units are from.
        ranked: units, or whole passages.
        recipe: what a cut may not lose, and whether words fill what is left.
        cost: tokens of the text that purchases make.
        budget: tokens that this text may have.
        forced: purchases that come first; they fit.
        repeats: units that say what others say.
    """
    make_plan = partial(
        plan,
        candidates,
        ranked,
        forced=forced,
        repeats=repeats,
        protection=protection(recipe),
        with_words=recipe.unit == "word",
    )
    return fit_beside(make_plan, forced, cost, budget)


def plan(
    candidates: Sequence[Candidate],
    ranked: RankedUnits,
    budget: int,
    *,
    protection: Protection,
    with_words: bool = False,
    forced: Sequence[Purchase] = (),
    repeats: Repeats | None = None,
) -> list[Purchase]:
    """Return purchases in the order in which they are worth keeping; their sizes add up to at most the budget.

    Args:
        candidates: the passages that the units are from.
        ranked: units, or whole passages.
        budget: tokens, beside what is forced.
        protection: what a cut never loses or divides.
        with_words: whether words of the units that do not fit may fill what is left.
        forced: purchases that come first and are paid for already.
        repeats: units that say what others say; they are bought only with what everything else left over.
    """
    ledger = BudgetLedger(candidates, forced, budget, repeats=repeats)
    by_index = {candidate.index: candidate for candidate in candidates}
    may_cut = True
    for unit in ranked.units:
        if ledger.left <= 0:
            break
        if ledger.is_repeat(unit):
            continue
        is_cuttable = unit in ranked.cuttable and by_index[unit.passage].can_be_cut(unit)
        if not ledger.can_afford(unit) and is_cuttable and may_cut:
            # A part of one of the best units, rather than a worse unit that happens to be short enough.
            is_best = unit == ranked.units[0]
            may_cut = False
            if with_words:
                _buy_words(ledger, by_index[unit.passage], unit, protection)
            elif not protection.forbids_cut(by_index[unit.passage].text_of(unit)):
                _buy_cut(ledger, by_index[unit.passage], unit, protection, within_clauses=is_best)
        ledger.buy([unit])
    if with_words and ledger.left > POLICY.min_unused_for_words * budget:
        for unit in ranked.units:
            is_open = ledger.left > 0 and not (ledger.has(unit) or ledger.is_repeat(unit))
            if is_open and by_index[unit.passage].can_be_cut(unit):
                _buy_words(ledger, by_index[unit.passage], unit, protection)
    ledger.buy(unit for unit in ranked.units if ledger.is_repeat(unit))
    return ledger.purchases


def _buy_cut(
    ledger: BudgetLedger, candidate: Candidate, unit: Unit, protection: Protection, *, within_clauses: bool
) -> None:
    """Buy the part of a unit that fits, with what the unit needs."""
    needs = ledger.needs(unit)
    tokens = ledger.left - ledger.cost_of(needs, opening=unit.passage)
    words = cut(candidate, unit, tokens, protection, within_clauses=within_clauses)
    if words:
        ledger.buy_together((*needs, *words))


def _buy_words(ledger: BudgetLedger, candidate: Candidate, unit: Unit, protection: Protection) -> None:
    """Buy words of a unit, the most important ones first, behind those that are never lost and what the unit needs."""
    groups = groups_of(candidate, unit, protection)
    always = [word for group in groups if group.is_protected for word in group.words]
    ordered = sorted((group for group in groups if not group.is_protected), key=lambda group: -group.score)
    first = (*ledger.needs(unit), *always, *(ordered[0].words if ordered else ()))
    if ledger.buy_together(first):
        for group in ordered[1:]:
            ledger.buy_together(tuple(group.words))


def _array(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)
