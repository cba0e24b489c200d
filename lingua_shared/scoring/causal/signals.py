"""Signals of the causal language model: how likely the question is after a passage, how likely each token is."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.locks import cached_property
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.causal.reader import QUESTION_CUT, PassageReader
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import Request, TokenScores


class CausalSignals:
    """The signals of one request. What was read is kept, and shared by all of them."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; read nothing yet."""
        self._models = models
        self._request = request

    def question_likelihood(self, passages: Sequence[int]) -> np.ndarray:
        """Return the mean log-likelihood of the question given each passage (LongLLMLingua, section 4.1)."""
        return self._reader.question_likelihood(passages)

    def mean_contrastive(self, passages: Sequence[int]) -> np.ndarray:
        """Return the mean contrastive score of each passage's tokens (LongLLMLingua, section 4.2)."""
        if "perplexity" in self._request.rankers:
            self.question_likelihood(passages)  # its pass computes most of what is needed here
        return _means(self._contrastive(passages))

    def mean_surprisal(self, passages: Sequence[int]) -> np.ndarray:
        """Return the mean negative log-likelihood of each passage's tokens (LLMLingua)."""
        return _means(self._reader.plain(passages))

    def contrastive(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return log p(token | question, prefix) - log p(token | prefix) of each token."""
        return self._of_tokens(passages, self._contrastive(passages))

    def surprisal(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return -log p(token | prefix) of each token."""
        return self._of_tokens(passages, self._reader.plain(passages))

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked."""
        if "_reader" in self.__dict__ and self._reader.question_was_cut:
            return (QUESTION_CUT,)
        return ()

    @cached_property
    def _reader(self) -> PassageReader:
        request = self._request
        return PassageReader(
            self._models.causal(),
            request.passages,
            request.question,
            request.restrictive_sentence,
            prefix_cache=self._models.prefix_cache or PrefixCache(),
            cache=self._models.likelihood_cache(),
        )

    def _contrastive(self, passages: Sequence[int]) -> list[np.ndarray]:
        plain, conditional = self._reader.plain(passages), self._reader.conditional(passages)
        return [without - with_question for without, with_question in zip(plain, conditional, strict=True)]

    def _of_tokens(self, passages: Sequence[int], values: Sequence[np.ndarray]) -> list[TokenScores]:
        encoded = [self._reader.encoded(i) for i in passages]
        return [TokenScores(e.starts, e.ends, v) for e, v in zip(encoded, values, strict=True)]


def _means(tokens: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of the known values of each passage's tokens; NaN for a passage without any."""
    known = [values[np.isfinite(values)] for values in tokens]
    return np.asarray([values.mean() if len(values) else np.nan for values in known])
