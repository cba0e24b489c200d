"""What the scorers give to the engine: a relevance per passage, a score per sentence, a score per token.

Arrays and protocols only. Knows no model, no budget, no framework.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol, Self

import numpy as np

from lingua_shared.cache.locks import cached_property

SegmentScorer = Literal["surprisal", "contrastive"]
TokenToWord = Literal["mean", "first", "max"]
"""What a word has of its tokens' probabilities in a token classifier."""


@dataclass(frozen=True)
class Request:
    """What is scored.

    Attributes:
        passages: the retrieved texts.
        question: what is asked; None where there is no question.
        restrictive_sentence: follows the question when the causal model ranks passages.
        given_scores: the caller's own relevance of each passage.
        rankers: every ranker that will be asked for, so that they can share passes over the text.
        titles: what each passage is about, one each, "" for none; or empty. A scorer may read them with the passage.
        encoder: name of the encoder that reads this request; None where no signal reads with it.
        token_to_word: what a word has of its tokens' probabilities in a token classifier.
    """

    passages: tuple[str, ...]
    question: str | None
    restrictive_sentence: str = ""
    given_scores: tuple[float, ...] | None = None
    rankers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    encoder: str | None = None
    token_to_word: TokenToWord = "mean"  # noqa: S105 - no password


@dataclass(frozen=True)
class TokenScores:
    """Scores of one passage's model tokens; a higher score is kept first.

    Token i covers the characters starts[i] to ends[i] of the passage; all three arrays have shape (tokens,). A token
    without a score has NaN.
    """

    starts: np.ndarray
    ends: np.ndarray
    values: np.ndarray

    def mean(self, start: int, end: int) -> float:
        """Return the mean score of the tokens in a span of characters; 0 where no token has a score.

        A token belongs to the span that holds its last character; a span within one token has that token's score.
        """
        first, last = np.searchsorted(self.ends, [start, end], side="right")
        if first == last < len(self.ends) and self.starts[last] < end:
            last += 1
        sums, counts = self._totals
        count = counts[last] - counts[first]
        return float((sums[last] - sums[first]) / count) if count else 0.0

    def highest(self, start: int, end: int) -> float:
        """Return the highest score of the tokens whose last character is in a span; NaN where there is none."""
        first, last = np.searchsorted(self.ends, [start, end], side="right")
        known = self.values[first:last][np.isfinite(self.values[first:last])]
        return float(known.max()) if len(known) else math.nan

    @cached_property
    def _totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Sum and number of the known scores before each token, shape (tokens + 1,)."""
        known = np.isfinite(self.values)
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, self.values, 0.0), dtype=np.float64)])
        return sums, np.concatenate([[0], np.cumsum(known)])


@dataclass(frozen=True)
class SentenceScores:
    """Scores of one passage's sentences; a higher score is kept first.

    Sentence i covers the characters borders[i] to borders[i + 1] of the passage, the sentences of
    `lingua_shared.text.segments`. `borders` has shape (sentences + 1,), `values` has shape (sentences,); NaN
    stands for no score.
    """

    borders: np.ndarray
    values: np.ndarray

    @classmethod
    def of_tokens(cls, borders: Sequence[int], tokens: TokenScores) -> Self:
        """Give each sentence the mean score of its tokens."""
        values = [tokens.mean(start, end) for start, end in pairwise(borders)]
        return cls(np.asarray(borders), np.asarray(values))

    def mean(self, start: int, end: int) -> float:
        """Return the mean score of the sentences that a span of characters touches; 0 where it touches none."""
        first = int(np.searchsorted(self.borders, start, side="right")) - 1
        last = min(int(np.searchsorted(self.borders, end, side="left")), len(self.values))
        known = self.values[first:last][np.isfinite(self.values[first:last])]
        return float(known.mean()) if len(known) else 0.0


@dataclass(frozen=True)
class AnswerSigns:
    """Where the encoder sees the answer.

    Attributes:
        reader: fingerprint of the encoder that read.
        log_odds: that each passage answers, given that one of them does, shape (passages,).
        linked: the same, raised for passages that the best one links to, shape (passages,).
        tokens: answer logits of the tokens of each passage.
    """

    reader: str
    log_odds: np.ndarray
    linked: np.ndarray
    tokens: Sequence[TokenScores]


class Scores(Protocol):
    """The scores of one request. What has been computed is kept until the request is done."""

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        """Return a ranker's score of the passages with these indices, higher is more relevant: float64, one each."""
        ...

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        """Return a scorer's values for the sentences of the passages with these indices, compared with each other."""
        ...

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        """Return a scorer's values for the tokens of the passages with these indices."""
        ...

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return a scorer's values for spans of the passage with this index, such as clauses of a sentence."""
        ...

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> "SegmentReader":
        """Return what gives a scorer's values for tokens of these passages segment by segment, read in this order.

        Scorers of a causal model read each segment after what was kept before it; others read whole passages.
        """
        ...

    def probabilities(self) -> np.ndarray | None:
        """Return the calibrated probability of each passage to answer the question, shape (passages,).

        None where no calibrated scorer has read the passages.
        """
        ...

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        """Return where the encoder sees the answer in the passages with these indices.

        Asked for only where a recipe reads with the encoder.
        """
        ...

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked, such as a question that had to be cut."""
        ...


@dataclass(frozen=True)
class SegmentRequest:
    """Texts that are read segment by segment, each segment after what was kept of all before it.

    Attributes:
        texts: in the order in which they are read.
        question: what is asked; None where there is no question.
        scorer: "surprisal" is -log p(token | kept text, segment before it); "contrastive" is log p(token | question,
            kept text, segment) - log p(token | kept text, segment).
        legacy_shift: give each token the score of the token behind it, as llmlingua does up to 0.2.2; the last token
            of a text gets infinity. For comparisons only: it chooses the wrong tokens.
    """

    texts: tuple[str, ...]
    question: str | None = None
    scorer: SegmentScorer = "surprisal"
    legacy_shift: bool = False


class SegmentReader(Protocol):
    """Reads the texts of one request in their order (LLMLingua, arXiv 2310.05736, algorithm 2). Not for threads."""

    def tokens(self, text: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the first character of each token of the text with this index, and one behind its last: int64."""
        ...

    def scores(self, text: int, first: int, last: int) -> TokenScores:
        """Return the scores of the tokens first to last - 1 of a text, read after everything that was kept so far."""
        ...

    def keep(self, text: int, tokens: Sequence[int]) -> None:
        """Add tokens of a text, by their numbers, to the kept text."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked."""
        ...


class Scoring(Protocol):
    """Opens requests. It holds the models and is shared by all requests."""

    @property
    def device_name(self) -> str | None:
        """Where the models run; None before anything was loaded."""
        ...

    def open(self, request: Request) -> Scores:
        """Start a request. Nothing is computed before it is asked for."""
        ...

    def read_segments(self, request: SegmentRequest) -> SegmentReader:
        """Start to read texts segment by segment. Nothing is computed before it is asked for."""
        ...

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], scorers: Sequence[str]) -> None:
        """Compute and cache what these rankers and scorers need of passages whatever the question is."""
        ...
