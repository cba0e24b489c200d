"""The signals by name: how each ranker and each token scorer is computed for a request.

A new signal is a new method and a new entry in the table at the end, beside its entry in `lingua_shared/methods.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from lingua_shared.errors import InvalidInputError
from lingua_shared.options import ModelOptions
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.causal.reader import PassageReader, cached_likelihoods
from lingua_shared.scoring.embedding import PassageVectors, cached_vectors, cross_encoder_scores, question_vector
from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.encoder.reader import EncoderOutput, EncoderReader
from lingua_shared.scoring.entity_links import boost_linked
from lingua_shared.scoring.fusion import standardise
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import Request, TokenScores
from lingua_shared.scoring.sentences import sentence_evidence
from lingua_shared.scoring.titles import effective_titles

_NEED_VECTORS = frozenset(("embedding", "sentence_embedding", "sentence_fusion"))
_NEED_LIKELIHOODS = frozenset(("perplexity", "contrastive", "surprisal"))


class ModelScoring:
    """Scores requests with real models, loaded on first use and shared by all requests and threads."""

    def __init__(self, options: ModelOptions) -> None:
        """Remember which models to use; load none."""
        self._models = Models(options)

    @property
    def device_name(self) -> str | None:
        """Where the models run; None before anything was loaded."""
        return self._models.device_name

    def open(self, request: Request) -> "RequestScores":
        """Start a request. Nothing is computed before it is asked for."""
        return RequestScores(self._models, request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], token_scorers: Sequence[str]) -> None:
        """Compute ahead, and keep, what these signals need of passages whatever the question.

        Raises:
            InvalidInputError: there is no cache that could keep it.
        """
        if not self._models.has_cache:
            msg = "nothing would be kept: memory_cache_mb is 0 and cache_file is None; set one of them in ModelOptions"
            raise InvalidInputError(msg)
        names = {*rankers, *token_scorers}
        if names & _NEED_VECTORS:
            cached_vectors(self._models.embedder, self._models.vector_cache(), passages)
        if names & _NEED_LIKELIHOODS:
            cached_likelihoods(
                self._models.causal(),
                passages,
                prefix_cache=self._models.prefix_cache or PrefixCache(limit=0),
                cache=self._models.likelihood_cache(),
            )


class RequestScores:
    """The scores of one request. What has been read is kept until the request is done."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; compute nothing yet."""
        self._models = models
        self._request = request
        self._evidence: dict[int, EncoderOutput] = {}

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        """Return a ranker's value for the passages with these indices, higher is more relevant."""
        return np.asarray(_RANKERS[ranker](self, passages), dtype=np.float64)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        """Return a token scorer's values for the passages with these indices."""
        return _TOKEN_SCORERS[scorer](self, passages)

    def evidence(self) -> float | None:
        """Return the encoder's probability that the most relevant passage answers; None where it did not read."""
        if not self._evidence:
            return None
        relevances = np.asarray([read.relevance for read in self._evidence.values()])
        return float(to_probability(relevances.max()))

    def notes(self) -> tuple[str, ...]:
        """Say what was done other than asked."""
        if "_reader" in self.__dict__ and self._reader.question_was_cut:
            return ("the question is longer than half of the model's window; only its end was read",)
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

    @cached_property
    def _question(self) -> str:
        return self._request.question or ""

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return effective_titles(self._request.passages, self._request.titles)

    @cached_property
    def _question_vector(self) -> np.ndarray:
        return question_vector(self._models.embedder(), self._question)

    @cached_property
    def _encoder(self) -> EncoderReader:
        return self._models.encoder(self._question, self._request.passages)

    @cached_property
    def _vectors(self) -> list[PassageVectors]:
        return cached_vectors(self._models.embedder, self._models.vector_cache(), self._request.passages)

    def perplexity(self, passages: Sequence[int]) -> np.ndarray:
        """Log-likelihood of the question given each passage."""
        return self._reader.question_likelihood(passages)

    def contrastive(self, passages: Sequence[int]) -> np.ndarray:
        """Mean gain of each passage's tokens by the question."""
        if "perplexity" in self._request.rankers:
            self.perplexity(passages)  # its pass leaves most of what is needed
        return _means(self._gains(passages))

    def surprisal(self, passages: Sequence[int]) -> np.ndarray:
        """Mean negative log-likelihood of each passage's tokens."""
        return _means(self._reader.plain(passages))

    def embedding(self, passages: Sequence[int]) -> np.ndarray:
        """Cosine of question and passage."""
        return np.asarray([self._vectors[i].nearest(self._question_vector) for i in passages])

    def sentence_embedding(self, passages: Sequence[int]) -> np.ndarray:
        """Cosine of the question and the nearest sentence of each passage."""
        return np.asarray([self._vectors[i].nearest_sentence(self._question_vector) for i in passages])

    def encoder(self, passages: Sequence[int]) -> np.ndarray:
        """Log-odds that each passage answers, or is what the best one names, given that one of the request's does."""
        texts = self._request.passages
        read = self._read(range(len(texts)))
        log_odds = self._encoder.calibrate_listwise([read[i] for i in range(len(texts))])
        return boost_linked(self._question, texts, self._titles, log_odds)[list(passages)]

    def encoder_tokens(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return the log-odds of each token to belong to what answers."""
        read = self._read(passages)
        return [TokenScores(read[i].starts, read[i].ends, read[i].support) for i in passages]

    def evidence_fusion(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return what the sentences of these passages are worth, compared with each other."""
        found = self._read(passages)
        read = [found[i] for i in passages]
        texts, titles = self._texts_and_titles(passages)
        return sentence_evidence(self._question, texts, titles, read, self._encoder.calibrate_listwise(read))

    def _read(self, passages: Sequence[int]) -> dict[int, EncoderOutput]:
        """What the encoder says of passages; each is read once."""
        missing = [i for i in passages if i not in self._evidence]
        if missing:
            outputs = self._encoder.read(self._question, *self._texts_and_titles(missing))
            self._evidence.update(zip(missing, outputs, strict=True))
        return self._evidence

    def _texts_and_titles(self, passages: Sequence[int]) -> tuple[list[str], list[str]]:
        return [self._request.passages[i] for i in passages], [self._titles[i] for i in passages]

    def cross_encoder(self, passages: Sequence[int]) -> np.ndarray:
        """Score of the pair of question and passage."""
        texts = [self._request.passages[i] for i in passages]
        return cross_encoder_scores(self._models.cross_encoder(), self._question, texts)

    def bm25(self, passages: Sequence[int]) -> np.ndarray:
        """BM25 of the question's words, the collection being all passages of the request."""
        return bm25_scores(self._question, self._request.passages, self._titles)[list(passages)]

    def given(self, passages: Sequence[int]) -> np.ndarray:
        """The caller's own scores."""
        if self._request.given_scores is None:
            msg = 'the ranker "given" needs the caller\'s scores; hand them in as scores=[...], one per passage'
            raise InvalidInputError(msg)
        return np.asarray(self._request.given_scores)[list(passages)]

    def contrastive_tokens(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return log p(token | question, prefix) - log p(token | prefix)."""
        return self._of_tokens(passages, self._gains(passages))

    def surprisal_tokens(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return -log p(token | prefix)."""
        return self._of_tokens(passages, self._reader.plain(passages))

    def sentence_cosines(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return the cosine of the question and each sentence, a sentence being one token."""
        vectors = [self._vectors[i] for i in passages]
        return [TokenScores(v.starts, v.ends, v.sentences @ self._question_vector) for v in vectors]

    def sentence_fusion(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return cosine plus BM25 of each sentence, both standardised over all sentences of the request."""
        found = self.sentence_cosines(range(len(self._request.passages)))
        spans = [zip(scores.starts, scores.ends, strict=True) for scores in found]
        texts = [text[a:b] for text, of_text in zip(self._request.passages, spans, strict=True) for a, b in of_text]
        cosines = np.concatenate([scores.values for scores in found])
        values = standardise(cosines) + standardise(bm25_scores(self._question, texts))
        by_passage = np.split(values, np.cumsum([len(scores.values) for scores in found])[:-1])
        return [replace(found[i], values=by_passage[i]) for i in passages]

    def _gains(self, passages: Sequence[int]) -> list[np.ndarray]:
        plain, conditional = self._reader.plain(passages), self._reader.conditional(passages)
        return [without - with_question for without, with_question in zip(plain, conditional, strict=True)]

    def _of_tokens(self, passages: Sequence[int], values: Sequence[np.ndarray]) -> list[TokenScores]:
        encoded = [self._reader.encoded(i) for i in passages]
        return [TokenScores(e.starts, e.ends, v) for e, v in zip(encoded, values, strict=True)]


def _means(tokens: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of the known values of each passage's tokens; NaN for a passage without any."""
    known = [values[np.isfinite(values)] for values in tokens]
    return np.asarray([values.mean() if len(values) else np.nan for values in known])


_RANKERS: Mapping[str, Callable[[RequestScores, Sequence[int]], np.ndarray]] = {
    "perplexity": RequestScores.perplexity,
    "contrastive": RequestScores.contrastive,
    "embedding": RequestScores.embedding,
    "sentence_embedding": RequestScores.sentence_embedding,
    "encoder": RequestScores.encoder,
    "cross_encoder": RequestScores.cross_encoder,
    "bm25": RequestScores.bm25,
    "given": RequestScores.given,
    "surprisal": RequestScores.surprisal,
}
_TOKEN_SCORERS: Mapping[str, Callable[[RequestScores, Sequence[int]], list[TokenScores]]] = {
    "encoder": RequestScores.encoder_tokens,
    "evidence_fusion": RequestScores.evidence_fusion,
    "contrastive": RequestScores.contrastive_tokens,
    "surprisal": RequestScores.surprisal_tokens,
    "sentence_embedding": RequestScores.sentence_cosines,
    "sentence_fusion": RequestScores.sentence_fusion,
}
