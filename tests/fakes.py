"""A scorer without a model, for tests of everything but the scorers: words shared with the question are relevant."""

import re
from collections.abc import Sequence

import numpy as np

from lingua_shared.scoring.protocol import Request, SentenceScores, TokenScores
from lingua_shared.text.segments import segment


class OverlapScoring:
    """Implements `Scoring`; counts how many requests were opened."""

    device_name = "fake"

    def __init__(self) -> None:
        self.opened = 0
        self.prepared: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = []

    def open(self, request: Request) -> "OverlapScores":
        self.opened += 1
        return OverlapScores(request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], token_scorers: Sequence[str]) -> None:
        self.prepared += [(tuple(passages), tuple(rankers), tuple(token_scorers))]


class OverlapScores:
    """Implements `Scores`: relevance is the number of the question's words in a passage, by any ranker's name."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._asked = set(re.findall(r"\w+", (request.question or "").lower()))

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        if ranker == "given":
            return np.asarray(self._request.given_scores)[list(passages)]
        words = [re.findall(r"\w+", self._request.passages[i].lower()) for i in passages]
        return np.asarray([sum(word in self._asked for word in found) for found in words], dtype=np.float64)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        return [self._tokens(self._request.passages[i]) for i in passages]

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        texts = [self._request.passages[i] for i in passages]
        return [SentenceScores.of_tokens(segment(text).sentences, self._tokens(text)) for text in texts]

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        [tokens] = self.token_scores(scorer, [passage])
        return [tokens.mean(start, end) for start, end in spans]

    def probabilities(self) -> np.ndarray | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def _tokens(self, passage: str) -> TokenScores:
        found = list(re.finditer(r"\w+|[^\w\s]", passage))
        values = [1.0 if m.group().lower() in self._asked else len(m.group()) / 100 for m in found]
        return TokenScores(
            np.asarray([m.start() for m in found], dtype=np.int64),
            np.asarray([m.end() for m in found], dtype=np.int64),
            np.asarray(values, dtype=np.float32),
        )
