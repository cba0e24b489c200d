"""Plans what to keep of ranked passages: sentences first, then words of the sentences that no longer fit.

A plan is a list of pieces in the order in which they are worth keeping, so any head of it is a plan as well.
Knows spans, importances and sizes; no model.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from lingua_shared.counting import Counter
from lingua_shared.headings import heading
from lingua_shared.ranking import rank, standardise
from lingua_shared.scoring import TokenScores
from lingua_shared.segments import Segments, folded, is_spaceless

SPARE = 0.03
"""Words are cut only where sentences leave more than this share of the budget unused."""

SHORTEST_REPEATED = 20  # characters; shorter ones, such as "Yes, I do.", may well be said twice


@dataclass(frozen=True)
class Piece:
    """Characters start to end of the passage with this index."""

    passage: int
    start: int
    end: int


ScoresOnDemand = Callable[[], TokenScores]


class Candidate:
    """A passage in the fine stage: its text, borders and scores, with sizes of pieces as far as asked for."""

    def __init__(
        self,
        index: int,
        text: str,
        segments: Segments,
        *,
        count: Counter,
        sentences: ScoresOnDemand | None = None,
        words: ScoresOnDemand | None = None,
        header: str = "",
    ) -> None:
        """Hold a passage.

        Args:
            index: its place in the request.
            text: its source.
            segments: borders of its sentences and words.
            count: tokens of a text in the target LLM.
            sentences: gives the scores by which sentences are compared; None where only whole passages are.
            words: gives the scores by which words are compared; asked for only where a sentence has to be cut.
            header: what stands before it in the output.
        """
        self.index = index
        self.text = text
        self.segments = segments
        self._count = count
        self._sentence_scores = sentences
        self._word_scores = words
        self._header = header
        self._sizes: dict[Piece, int] = {}

    @cached_property
    def overhead(self) -> int:
        """Tokens that the passage costs beside its pieces: its header and a separator."""
        return (self._count(self._header) if self._header else 0) + 1

    @property
    def whole(self) -> Piece:
        """The passage as one piece."""
        return Piece(self.index, 0, len(self.text))

    @cached_property
    def sentences(self) -> list[Piece]:
        """Its sentences, as they stand."""
        return [Piece(self.index, start, end) for start, end in pairwise(self.segments.sentences)]

    @cached_property
    def title(self) -> Piece | None:
        """Its first sentence, where that is a heading of the others."""
        first = self.sentences[0] if self.sentences else None
        return first if first and self.text_of(first).strip() == heading(self.text) else None

    def text_of(self, piece: Piece) -> str:
        """The characters of a piece."""
        return self.text[piece.start : piece.end]

    def size(self, piece: Piece) -> int:
        """Tokens of a piece, close to what it adds to the text; exact counting comes at the end."""
        if piece not in self._sizes:
            words = self.text_of(piece).strip()
            # In running text a word carries the space before it, and tokenizers count the two as one.
            self._sizes[piece] = self._count(words if not words or is_spaceless(words[0]) else f" {words}")
        return self._sizes[piece]

    def importance(self, start: int, end: int) -> float | None:
        """Mean of the sentence scores in a span; None where sentences were not compared."""
        return self._sentence_means.mean(start, end) if self._sentence_means else None

    def words(self, sentence: Piece) -> list[Piece]:
        """Words of one of its sentences, most important first."""
        number = bisect_left(self.segments.sentences, sentence.start)
        words = [Piece(self.index, start, end) for start, end in self.segments.words_of(number)]
        means = self._word_means
        return sorted(words, key=lambda word: -means.mean(word.start, word.end)) if means else words

    @cached_property
    def _sentence_means(self) -> "_SpanMeans | None":
        return _SpanMeans(self._sentence_scores()) if self._sentence_scores else None

    @cached_property
    def _word_means(self) -> "_SpanMeans | None":
        return _SpanMeans(self._word_scores()) if self._word_scores else None


class _SpanMeans:
    """Means of token scores over spans of characters.

    A token belongs to the span that holds its last character; a span within one token has that token's score.
    """

    def __init__(self, tokens: TokenScores) -> None:
        known = np.isfinite(tokens.values)
        self._starts, self._ends = tokens.starts, tokens.ends
        self._sums = np.concatenate([[0.0], np.cumsum(np.where(known, tokens.values, 0.0), dtype=np.float64)])
        self._counts = np.concatenate([[0], np.cumsum(known)])

    def mean(self, start: int, end: int) -> float:
        first, last = np.searchsorted(self._ends, [start, end], side="right")
        if first == last < len(self._ends) and self._starts[last] < end:
            last += 1
        count = self._counts[last] - self._counts[first]
        return float((self._sums[last] - self._sums[first]) / count) if count else 0.0


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
        return folded(self._by_index[piece.passage].text_of(piece))
