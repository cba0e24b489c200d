"""Plans what to keep of ranked passages: sentences first, then words of the sentences that no longer fit.

A plan is a list of pieces in the order in which they are worth keeping, so any head of it is a plan as well.
Knows spans, importances and sizes; no model.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from lingua_shared.counting import Counter
from lingua_shared.scoring import TokenScores
from lingua_shared.segments import Segments, is_spaceless

SPARE = 0.03
"""Words are cut only where sentences leave more than this share of the budget unused."""


@dataclass(frozen=True)
class Piece:
    """Characters start to end of the passage with this index."""

    passage: int
    start: int
    end: int


class Candidate:
    """A passage in the fine stage: its text, borders and token scores, scores and sizes as far as asked for."""

    def __init__(
        self,
        index: int,
        text: str,
        segments: Segments,
        tokens: Callable[[], TokenScores] | None,
        *,
        count: Counter,
        header: str = "",
    ) -> None:
        """Hold a passage.

        Args:
            index: its place in the request.
            text: its source.
            segments: borders of its sentences and words.
            tokens: gives the importance of its model tokens, asked for where pieces have to be compared; None where
                nothing finer than passages is chosen.
            count: tokens of a text in the target LLM.
            header: what stands before it in the output.
        """
        self.index = index
        self.text = text
        self.segments = segments
        self._count = count
        self._header = header
        self._tokens = tokens
        self._means: _SpanMeans | None = None
        self._sizes: dict[Piece, int] = {}

    @cached_property
    def overhead(self) -> int:
        """Tokens that the passage costs beside its pieces: its header and a separator."""
        return (self._count(self._header) if self._header else 0) + 1

    @cached_property
    def full_size(self) -> int:
        """Tokens of the passage with all that it costs, as the sum of its sentences."""
        return self.overhead + sum(self.size(sentence) for sentence in self._sentences)

    @property
    def whole(self) -> Piece:
        """The passage as one piece."""
        return Piece(self.index, 0, len(self.text))

    def size(self, piece: Piece) -> int:
        """Tokens of a piece, close to what it adds to the text; exact counting comes at the end."""
        if piece not in self._sizes:
            words = self.text[piece.start : piece.end].strip()
            # In running text a word carries the space before it, and tokenizers count the two as one.
            self._sizes[piece] = self._count(words if not words or is_spaceless(words[0]) else f" {words}")
        return self._sizes[piece]

    def importance(self, start: int, end: int) -> float | None:
        """Mean of the token scores in a span; None where no scores were needed."""
        return self._means.mean(start, end) if self._means else None

    def sentences(self) -> list[Piece]:
        """Sentences of the passage, most important first."""
        return self._by_importance(self._sentences)

    def sentences_as_they_stand(self) -> list[Piece]:
        """Sentences of the passage in its order; asks for no scores."""
        return list(self._sentences)

    @cached_property
    def _sentences(self) -> list[Piece]:
        return [Piece(self.index, start, end) for start, end in pairwise(self.segments.sentences)]

    def words(self, sentence: Piece) -> list[Piece]:
        """Words of one of its sentences, most important first."""
        number = bisect_left(self.segments.sentences, sentence.start)
        return self._by_importance([Piece(self.index, start, end) for start, end in self.segments.words_of(number)])

    def _by_importance(self, pieces: Sequence[Piece]) -> list[Piece]:
        if self._means is None and self._tokens is not None:
            self._means = _SpanMeans(self._tokens())
        return sorted(pieces, key=lambda piece: -(self.importance(piece.start, piece.end) or 0.0))


class _SpanMeans:
    """Means of token scores over spans of characters. A token belongs to the span that holds its last character."""

    def __init__(self, tokens: TokenScores) -> None:
        known = np.isfinite(tokens.values)
        self._ends = tokens.ends
        self._sums = np.concatenate([[0.0], np.cumsum(np.where(known, tokens.values, 0.0), dtype=np.float64)])
        self._counts = np.concatenate([[0], np.cumsum(known)])

    def mean(self, start: int, end: int) -> float:
        first, last = np.searchsorted(self._ends, [start, end], side="right")
        count = self._counts[last] - self._counts[first]
        return float((self._sums[last] - self._sums[first]) / count) if count else 0.0


def plan(
    candidates: Sequence[Candidate], budgets: Sequence[int], unit: str, *, forced: Sequence[Piece] = ()
) -> list[Piece]:
    """Return pieces in the order in which they are worth keeping; their sizes add up to about the budget.

    Args:
        candidates: passages, most relevant first.
        budgets: tokens of each, beside what is forced; what one cannot use goes to the next.
        unit: "passage", "sentence" or "word": the smallest piece.
        forced: pieces that come first and are paid for already.
    """
    purse = _Purse(candidates, forced)
    if unit == "passage":
        purse.allow(sum(budgets))
        purse.spend([candidate.whole for candidate in candidates])
        return purse.pieces
    for candidate, budget in zip(candidates, budgets, strict=True):
        purse.allow(budget)
        if purse.affords(candidate):  # then no sentence has to be preferred to another
            purse.spend(candidate.sentences_as_they_stand())
        else:
            purse.spend(_open_sentences(candidate, purse))
    for candidate in candidates:  # what is left may still hold a short sentence of any of them
        if purse.affords_some(candidate):
            purse.spend(_open_sentences(candidate, purse))
    if unit == "word" and purse.left > SPARE * sum(budgets):
        for candidate in candidates:
            for sentence in _open_sentences(candidate, purse):
                purse.spend(candidate.words(sentence))
    return purse.pieces


def _open_sentences(candidate: Candidate, purse: "_Purse") -> list[Piece]:
    """Sentences that are not bought yet, most important first."""
    if purse.has_all_of(candidate):
        return []
    return [sentence for sentence in candidate.sentences() if sentence not in purse.taken]


class _Purse:
    """Spends an allowance on pieces, each at most once; collects them in the order in which they were bought."""

    def __init__(self, candidates: Sequence[Candidate], forced: Sequence[Piece]) -> None:
        self.pieces = list(forced)
        self.taken = set(forced)
        self._by_index = {candidate.index: candidate for candidate in candidates}
        self.left = 0
        self._opened = {piece.passage for piece in forced}

    def allow(self, tokens: int) -> None:
        """Add to the allowance."""
        self.left += tokens

    def affords(self, candidate: Candidate) -> bool:
        """Whether all sentences of a passage can be bought."""
        return candidate.whole not in self.taken and candidate.full_size <= self.left

    def affords_some(self, candidate: Candidate) -> bool:
        """Whether a sentence of a passage that is not bought yet can be."""
        if candidate.whole in self.taken:
            return False
        open_sentences = (s for s in candidate.sentences_as_they_stand() if s not in self.taken)
        return any(self._cost(sentence) <= self.left for sentence in open_sentences)

    def has_all_of(self, candidate: Candidate) -> bool:
        """Whether nothing of a passage is left to buy."""
        return candidate.whole in self.taken or self.taken.issuperset(candidate.sentences_as_they_stand())

    def spend(self, pieces: Sequence[Piece]) -> None:
        """Buy the pieces that are affordable, in the order given; one that is too dear is passed over."""
        for piece in pieces:
            if self.left <= 0:
                return
            if piece not in self.taken and (cost := self._cost(piece)) <= self.left:
                self.left -= cost
                self._opened.add(piece.passage)
                self.taken.add(piece)
                self.pieces.append(piece)

    def _cost(self, piece: Piece) -> int:
        candidate = self._by_index[piece.passage]
        return candidate.size(piece) + (0 if piece.passage in self._opened else candidate.overhead)
