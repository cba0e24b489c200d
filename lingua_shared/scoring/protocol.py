"""What scorers give and the engine takes: a relevance per passage, an importance per model token.

Arrays and protocols only. Knows no model, no budget, no framework.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Request:
    """What is scored: passages, the question with its restrictive sentence, and the caller's own scores.

    `rankers` names every ranker that will be asked for, so that passes over the text can be shared. `titles` say what
    the passages are about, one each, or are empty.
    """

    passages: tuple[str, ...]
    question: str | None
    restrictive_sentence: str = ""
    given_scores: tuple[float, ...] | None = None
    rankers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class TokenScores:
    """Importance of one passage's model tokens: higher is kept first.

    Token i covers the characters starts[i] to ends[i] of the passage; all three arrays have shape (tokens,).
    A token without a score has NaN.
    """

    starts: np.ndarray
    ends: np.ndarray
    values: np.ndarray


class Scores(Protocol):
    """The scores of one request; what has been computed once is kept until the request is done."""

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        """Return a ranker's value for the passages with these indices, higher is more relevant: float64, one each."""
        ...

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        """Return a token scorer's values for the passages with these indices."""
        ...

    def evidence(self) -> float | None:
        """Return the probability that the passages read so far answer the question; None where no scorer says."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked, such as a question that had to be cut."""
        ...


class Scoring(Protocol):
    """Opens requests; holds the models and is shared by all of them."""

    @property
    def device_name(self) -> str | None:
        """Where the models run; None before anything was loaded."""
        ...

    def open(self, request: Request) -> Scores:
        """Start a request. Nothing is computed before it is asked for."""
        ...

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], token_scorers: Sequence[str]) -> None:
        """Compute ahead, and keep, what these signals need of passages whatever the question."""
        ...
