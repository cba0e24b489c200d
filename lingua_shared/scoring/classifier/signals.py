"""The signals of the token classifier for one request; each passage is read once."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.scoring.classifier.words import word_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import Request, TokenScores


class ClassifierSignals:
    """Word probabilities of the passages of a request."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; read nothing yet."""
        self._models = models
        self._request = request
        self._found: dict[int, TokenScores] = {}

    def words(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return the probability of each word of the passages with these indices to be kept."""
        if new := [i for i in passages if i not in self._found]:
            texts = [self._request.passages[i] for i in new]
            read = self._models.classifier().read(texts)
            scored = [word_scores(t, one, self._request.token_to_word) for t, one in zip(texts, read, strict=True)]
            self._found.update(zip(new, scored, strict=True))
        return [self._found[i] for i in passages]

    def mean_probability(self, passages: Sequence[int]) -> np.ndarray:
        """Return the mean probability of the words of each passage, 0 for one without words, shape (passages,)."""
        return np.asarray([_mean(one.values) for one in self.words(passages)])


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0
