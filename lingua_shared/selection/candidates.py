"""A passage in the fine stage and its pieces: where they stand, what they cost, how important they are.

Knows spans, importances and sizes; no model, no budget.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.text.headings import heading
from lingua_shared.text.segments import Segments, is_spaceless
from lingua_shared.text.spans import Render, copies
from lingua_shared.text.token_counting import Counter


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
        render: Render = str,
    ) -> None:
        """Hold a passage.

        Args:
            index: its place in the request.
            text: its source.
            segments: borders of its sentences and words.
            count: tokens of a text in the target LLM.
            sentences: gives the scores by which sentences are compared; None where only whole passages are.
            words: gives the scores by which words are compared; asked for only where a sentence has to be cut.
            render: gives the prompt's text for the passage.
        """
        self.index = index
        self.text = text
        self.segments = segments
        self._count = count
        self._sentence_scores = sentences
        self._word_scores = words
        self._render = render
        self._sizes: dict[Piece, int] = {}

    @cached_property
    def overhead(self) -> int:
        """Tokens that the passage costs beside its pieces: what the prompt shows around it, and a separator."""
        around = self._render("")
        return (self._count(around) if around else 0) + 1

    @cached_property
    def _copies(self) -> int:
        return copies(self._render)

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
            tokens = self._count(words if not words or is_spaceless(words[0]) else f" {words}")
            self._sizes[piece] = self._copies * tokens
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
