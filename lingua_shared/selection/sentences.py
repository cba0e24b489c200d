"""Plans what to keep of ranked passages: sentences first, then words of the sentences that no longer fit.

A plan is a list of pieces in the order in which they are worth keeping, so any head of it is a plan as well.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from lingua_shared.scoring.fusion import rank, standardise
from lingua_shared.selection.candidates import Candidate, Piece
from lingua_shared.text.segments import normalized_text

SPARE = 0.03
"""Words are cut only where sentences leave more than this share of the budget unused."""

SHORTEST_REPEATED = 20  # characters; shorter ones, such as "Yes, I do.", may well be said twice


def by_worth(candidates: Sequence[Candidate], relevances: Sequence[float], strength: float) -> list[Piece]:
    """Return the sentences of all passages, those most worth keeping first.

    A sentence is worth its own standing among all sentences plus `strength` times its passage's standing among the
    passages, both in standard deviations from their mean. So each passage gets a budget of its own: the more relevant
    it is, the more of it is kept (the aim of LongLLMLingua, section 4.3). A title stands behind the first other
    sentence of its passage: it says what that one is about, and costs little.

    Args:
        candidates: passages, most relevant first.
        relevances: of each of them, higher is more relevant.
        strength: weight of the passage's standing; 0 compares sentences alone.
    """
    standing = {c.index: strength * value for c, value in zip(candidates, standardise(_array(relevances)), strict=True)}
    owned = [(c, sentence) for c in candidates for sentence in c.sentences if sentence != c.title]
    scores = [candidate.importance(sentence.start, sentence.end) for candidate, sentence in owned]
    known = _array([np.nan if score is None else score for score in scores])
    worth = [standing[c.index] + value for (c, _), value in zip(owned, standardise(known), strict=True)]
    return list(_with_titles(owned[i] for i in rank(worth)))


def _with_titles(owned: Iterable[tuple[Candidate, Piece]]) -> Iterator[Piece]:
    titled = set()
    for candidate, sentence in owned:
        yield sentence
        if candidate.title and candidate.index not in titled:
            titled.add(candidate.index)
            yield candidate.title


def best_passage_first(
    candidates: Sequence[Candidate], ordered: Sequence[Piece], *, share: float, budget: int
) -> list[Piece]:
    """Return sentences with those of the most relevant passage first, where all of these fit a share of the budget.

    What stands together explains itself: a reader answers more often from a whole passage than from its best
    sentences among those of others. The rest of the budget is for these, for the best passage may be the wrong one;
    where it has no room for the best sentence of all, no passage comes first.

    Args:
        candidates: passages, most relevant first.
        ordered: their sentences, those most worth keeping first.
        share: of the budget, that the most relevant passage may take; in [0, 1].
        budget: tokens.
    """
    if not ordered:
        return []
    best = candidates[0].index
    own = [sentence for sentence in ordered if sentence.passage == best]
    purse = _Purse(candidates, (), budget)
    purse.buy(own)
    is_whole = len(purse.pieces) == len(own) and budget - purse.left <= share * budget
    if not (is_whole and purse.affords(ordered[0])):
        return list(ordered)
    return [*own, *(sentence for sentence in ordered if sentence.passage != best)]


def plan(
    candidates: Sequence[Candidate],
    ordered: Sequence[Piece],
    budget: int,
    *,
    with_words: bool = False,
    forced: Sequence[Piece] = (),
) -> list[Piece]:
    """Return pieces in the order in which they are worth keeping; their sizes add up to about the budget.

    What stands in an earlier piece already, as where chunks overlap, is not kept a second time.

    Args:
        candidates: the passages that the pieces are from.
        ordered: sentences, or whole passages, those most worth keeping first.
        budget: tokens, beside what is forced.
        with_words: whether words of sentences that do not fit may fill what is left.
        forced: pieces that come first and are paid for already.
    """
    purse = _Purse(candidates, forced, budget)
    if with_words and ordered and not purse.affords(ordered[0]):
        # Words of what matters most, rather than a lesser sentence that happens to be short enough.
        purse.buy(_words(candidates, ordered[:1]))
    purse.buy(sentence for sentence in ordered if not purse.repeats(sentence))
    if with_words and purse.left > SPARE * budget:
        for sentence in ordered:
            if purse.left > 0 and not (purse.has(sentence) or purse.repeats(sentence)):
                purse.buy(_words(candidates, [sentence]))
    return purse.pieces


def _words(candidates: Sequence[Candidate], sentences: Sequence[Piece]) -> list[Piece]:
    """Return the words of sentences, sentence by sentence, most important first in each."""
    by_index = {candidate.index: candidate for candidate in candidates}
    return [word for sentence in sentences for word in by_index[sentence.passage].words(sentence)]


def _array(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)


class _Purse:
    """Spends an allowance on pieces, each at most once; collects them in the order in which they were bought."""

    def __init__(self, candidates: Sequence[Candidate], forced: Sequence[Piece], tokens: int) -> None:
        self.pieces = list(forced)
        self.left = tokens
        self._taken = set(forced)
        self._by_index = {candidate.index: candidate for candidate in candidates}
        self._opened = {piece.passage for piece in forced}
        self._read = {self._said(piece) for piece in forced}

    def has(self, piece: Piece) -> bool:
        """Whether a piece is bought, or the whole passage that it is from."""
        return piece in self._taken or self._by_index[piece.passage].whole in self._taken

    def repeats(self, piece: Piece) -> bool:
        """Whether what a piece says, if it is no mere word or two, is bought already."""
        return piece.end - piece.start >= SHORTEST_REPEATED and self._said(piece) in self._read

    def affords(self, piece: Piece) -> bool:
        """Whether a piece is bought already, or can be."""
        return self.has(piece) or self._cost(piece) <= self.left

    def buy(self, pieces: Iterable[Piece]) -> None:
        """Buy the pieces that are affordable, in the order given; one that is too dear is passed over."""
        for piece in pieces:
            if self.left <= 0:
                return
            if not self.has(piece) and (cost := self._cost(piece)) <= self.left:
                self.left -= cost
                self._opened.add(piece.passage)
                self._taken.add(piece)
                self._read.add(self._said(piece))
                self.pieces.append(piece)

    def _cost(self, piece: Piece) -> int:
        candidate = self._by_index[piece.passage]
        return candidate.size(piece) + (0 if piece.passage in self._opened else candidate.overhead)

    def _said(self, piece: Piece) -> str:
        return normalized_text(self._by_index[piece.passage].text_of(piece))
