"""Plans what to keep of ranked passages: sentences first, then words of the sentences that no longer fit.

A plan is a list of units, those most worth keeping first, so that its beginning is a plan for a smaller budget.
Knows scores and sizes; no model.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from lingua_shared.scoring.fusion import rank, standardise
from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.ledger import BudgetLedger
from lingua_shared.selection.policy import POLICY
from lingua_shared.selection.repeats import Repeats


def rank_sentences(candidates: Sequence[Candidate], relevances: Sequence[float], strength: float) -> list[Unit]:
    """Return the sentences of all passages, those most worth keeping first.

    The worth of a sentence is the z-score of its own score among all sentences plus `strength` times the z-score of
    its passage's relevance among the passages. So more is kept of a more relevant passage (the aim of the dynamic
    compression ratio of LongLLMLingua, section 4.3). A heading comes right after the first other sentence of its
    passage: it says what that sentence is about, and has few tokens.

    Args:
        candidates: passages, most relevant first.
        relevances: of each of them, higher is more relevant.
        strength: weight of the passage's relevance; 0 compares sentences alone.
    """
    of_passages = standardise(_array(relevances))
    by_passage = {c.index: strength * value for c, value in zip(candidates, of_passages, strict=True)}
    owned = [(c, sentence) for c in candidates for sentence in c.sentences if sentence != c.heading]
    scores = [candidate.importance(sentence.start, sentence.end) for candidate, sentence in owned]
    known = _array([np.nan if score is None else score for score in scores])
    worth = [by_passage[c.index] + value for (c, _), value in zip(owned, standardise(known), strict=True)]
    return list(_with_headings(owned[i] for i in rank(worth)))


def _with_headings(owned: Iterable[tuple[Candidate, Unit]]) -> Iterator[Unit]:
    seen = set()
    for candidate, sentence in owned:
        yield sentence
        if candidate.heading and candidate.index not in seen:
            seen.add(candidate.index)
            yield candidate.heading


def best_passage_first(
    candidates: Sequence[Candidate], ordered: Sequence[Unit], *, share: float, budget: int
) -> list[Unit]:
    """Return sentences with those of the most relevant passage first, if it is small enough.

    That is the case where it takes at most a share of the budget and the best sentence of all still fits beside it.
    A small language model answers more questions from a whole passage than from sentences of several ones. The rest
    of the budget goes to the other passages, since the most relevant one may be the wrong one.

    Args:
        candidates: passages, most relevant first.
        ordered: their sentences, those most worth keeping first.
        share: of the budget that the most relevant passage may take, in [0, 1].
        budget: tokens.
    """
    if not ordered:
        return []
    best = candidates[0].index
    own = [sentence for sentence in ordered if sentence.passage == best]
    ledger = BudgetLedger(candidates, (), budget)
    ledger.buy(own)
    is_whole = len(ledger.units) == len(own) and budget - ledger.left <= share * budget
    if not (is_whole and ledger.can_afford(ordered[0])):
        return list(ordered)
    return [*own, *(sentence for sentence in ordered if sentence.passage != best)]


def plan(
    candidates: Sequence[Candidate],
    ordered: Sequence[Unit],
    budget: int,
    *,
    with_words: bool = False,
    forced: Sequence[Unit] = (),
    repeats: Repeats | None = None,
) -> list[Unit]:
    """Return units in the order in which they are worth keeping; their sizes add up to about the budget.

    Args:
        candidates: the passages that the units are from.
        ordered: sentences, or whole passages, those most worth keeping first.
        budget: tokens, beside what is forced.
        with_words: whether words of sentences that do not fit may fill what is left.
        forced: units that come first and are paid for already.
        repeats: sentences that say what others say; they are bought only with what everything else left over.
    """
    ledger = BudgetLedger(candidates, forced, budget, repeats=repeats)
    if with_words and ordered and not ledger.can_afford(ordered[0]):
        # Words of the best sentence, rather than a worse sentence that happens to be short enough.
        ledger.buy(_words(candidates, ordered[:1]))
    ledger.buy(sentence for sentence in ordered if not ledger.is_repeat(sentence))
    if with_words and ledger.left > POLICY.min_unused_for_words * budget:
        for sentence in ordered:
            if ledger.left > 0 and not (ledger.has(sentence) or ledger.is_repeat(sentence)):
                ledger.buy(_words(candidates, [sentence]))
    ledger.buy(sentence for sentence in ordered if ledger.is_repeat(sentence))
    return ledger.units


def _words(candidates: Sequence[Candidate], sentences: Sequence[Unit]) -> list[Unit]:
    """Return the words of sentences, sentence by sentence, most important first in each."""
    by_index = {candidate.index: candidate for candidate in candidates}
    return [word for sentence in sentences for word in by_index[sentence.passage].words(sentence)]


def _array(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)
