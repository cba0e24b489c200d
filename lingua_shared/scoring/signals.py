"""The signals by name: which family of models computes each ranker and scorer.

A new signal is a new entry in one of the tables at the end, and one in `lingua_shared/methods.py`.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lingua_shared.cache.locks import cached_property
from lingua_shared.errors import InvalidInputError
from lingua_shared.methods import BI_ENCODER, CAUSAL
from lingua_shared.options import ModelOptions
from lingua_shared.recipe import model_name
from lingua_shared.scoring.causal.prefix_cache import PrefixCache
from lingua_shared.scoring.causal.reader import cached_likelihoods
from lingua_shared.scoring.causal.segment_reader import CausalSegmentReader
from lingua_shared.scoring.causal.signals import CausalSignals
from lingua_shared.scoring.classifier.signals import ClassifierSignals
from lingua_shared.scoring.embedding import cached_vectors, cross_encoder_scores
from lingua_shared.scoring.encoder.signals import EncoderSignals
from lingua_shared.scoring.lexical import bm25_scores, rare_word_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import (
    AnswerSigns,
    Request,
    SegmentReader,
    SegmentRequest,
    SegmentScorer,
    SentenceScores,
    TokenScores,
)
from lingua_shared.scoring.read_at_once import ReadAtOnce
from lingua_shared.scoring.relevance import read_signal_calibration
from lingua_shared.scoring.sentences import lexical_sentence_scores
from lingua_shared.scoring.similarity import SimilaritySignals
from lingua_shared.text.segments import segment

_SEGMENT_SCORERS: Mapping[str, SegmentScorer] = {"contrastive": "contrastive", "surprisal": "surprisal"}
_NEED_VECTORS = frozenset(("embedding", "sentence_embedding", "embedding_fusion"))
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

    def read_segments(self, request: SegmentRequest) -> CausalSegmentReader:
        """Start to read texts segment by segment; the causal model is loaded."""
        return CausalSegmentReader(self._models.causal(), request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], scorers: Sequence[str]) -> None:
        """Compute and cache what these rankers and scorers need of passages whatever the question is.

        Raises:
            InvalidInputError: there is no cache.
        """
        if not self._models.has_cache:
            msg = "nothing would be kept: memory_cache_mb is 0 and cache_file is None; set one of them in ModelOptions"
            raise InvalidInputError(msg)
        names = {*rankers, *scorers}
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
    """The scores of one request, by the names of signals."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; compute nothing yet."""
        self._models = models
        self._request = request
        self._found: dict[str, np.ndarray] = {}  # raw values of rankers, NaN where one did not read a passage
        self.causal = CausalSignals(models, request)
        self.encoder = EncoderSignals(models, request)
        self.similarity = SimilaritySignals(models, request)
        self.classifier = ClassifierSignals(models, request)

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        """Return a ranker's score of the passages with these indices, higher is more relevant."""
        values = np.asarray(_RANKERS[ranker](self)(passages), dtype=np.float64)
        found = self._found.setdefault(ranker, np.full(len(self._request.passages), np.nan))
        found[list(passages)] = values
        return values

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        """Return a scorer's values for the sentences of the passages with these indices."""
        if scorer in _SENTENCE_SCORERS:
            return _SENTENCE_SCORERS[scorer](self)(passages)
        borders = [segment(self._request.passages[i]).sentences for i in passages]
        tokens = self.token_scores(scorer, passages)
        return [SentenceScores.of_tokens(cut, of_one) for cut, of_one in zip(borders, tokens, strict=True)]

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        """Return a scorer's values for the tokens of the passages with these indices."""
        return _TOKEN_SCORERS[scorer](self)(passages)

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return a scorer's values for spans of a passage; the encoder reads each by itself."""
        if scorer == "encoder":
            return self.encoder.spans(passage, spans)
        [tokens] = self.token_scores(scorer, [passage])
        return [tokens.mean(start, end) for start, end in spans]

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> SegmentReader:
        """Return what gives a scorer's values for tokens of these passages segment by segment, read in this order."""
        if scorer in _SEGMENT_SCORERS:
            texts = tuple(self._request.passages[i] for i in passages)
            request = SegmentRequest(texts, self._request.question, _SEGMENT_SCORERS[scorer])
            return CausalSegmentReader(self._models.causal(), request)
        return ReadAtOnce(self.token_scores(scorer, passages))

    def probabilities(self) -> np.ndarray | None:
        """Return the calibrated probability of each passage to answer.

        None where the encoder read nothing and the other signals are not calibrated, as with models that were named.
        """
        by_encoder = self.encoder.probabilities()
        if by_encoder is not None:
            return by_encoder
        calibration = read_signal_calibration()
        options = self._models.options
        is_fitted = options.adapter is None and all(
            model_name(options, kind) == calibration.models[kind] for kind in (CAUSAL, BI_ENCODER)
        )
        return calibration.probabilities(self._found) if is_fitted else None

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        """Return where the encoder sees the answer in the passages with these indices."""
        return self.encoder.answer_signs(passages)

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked."""
        return self.causal.notes()

    @cached_property
    def _bm25(self) -> np.ndarray:
        return bm25_scores(self._request.question or "", self._request.passages, self._request.titles)

    def bm25(self, passages: Sequence[int]) -> np.ndarray:
        """Return BM25 of the question's words; the collection is all passages of the request."""
        return self._bm25[list(passages)]

    def bm25_of_sentences(self, passages: Sequence[int]) -> list[SentenceScores]:
        """Return BM25 of each sentence; the collection is the sentences of these passages."""
        return lexical_sentence_scores(self._request.question or "", [self._request.passages[i] for i in passages])

    def rare_words(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return how rare the question's words are in these passages."""
        return rare_word_scores(self._request.question or "", [self._request.passages[i] for i in passages])

    def cross_encoder(self, passages: Sequence[int]) -> np.ndarray:
        """Return the score of question and passage in the cross-encoder."""
        texts = [self._request.passages[i] for i in passages]
        return cross_encoder_scores(self._models.cross_encoder(), self._request.question or "", texts)

    def given(self, passages: Sequence[int]) -> np.ndarray:
        """Return the caller's own scores."""
        if self._request.given_scores is None:
            msg = 'the ranker "given" needs the caller\'s scores; hand them in as scores=[...], one per passage'
            raise InvalidInputError(msg)
        return np.asarray(self._request.given_scores)[list(passages)]

    def position(self, passages: Sequence[int]) -> np.ndarray:
        """Return scores that fall along the order handed in."""
        return -np.asarray(passages, dtype=np.float64)


_Passages = Sequence[int]
_RANKERS: Mapping[str, Callable[[RequestScores], Callable[[_Passages], np.ndarray]]] = {
    "encoder": lambda scores: scores.encoder.relevance,
    "perplexity": lambda scores: scores.causal.question_likelihood,
    "contrastive": lambda scores: scores.causal.mean_contrastive,
    "surprisal": lambda scores: scores.causal.mean_surprisal,
    "embedding": lambda scores: scores.similarity.of_passages,
    "sentence_embedding": lambda scores: scores.similarity.of_closest_sentence,
    "cross_encoder": lambda scores: scores.cross_encoder,
    "bm25": lambda scores: scores.bm25,
    "given": lambda scores: scores.given,
    "classifier": lambda scores: scores.classifier.mean_probability,
    "position": lambda scores: scores.position,
}
_SENTENCE_SCORERS: Mapping[str, Callable[[RequestScores], Callable[[_Passages], list[SentenceScores]]]] = {
    "encoder_fusion": lambda scores: scores.encoder.sentences,
    "embedding_fusion": lambda scores: scores.similarity.fused_with_bm25,
    "bm25": lambda scores: scores.bm25_of_sentences,
}
_TOKEN_SCORERS: Mapping[str, Callable[[RequestScores], Callable[[_Passages], list[TokenScores]]]] = {
    "encoder": lambda scores: scores.encoder.tokens,
    "contrastive": lambda scores: scores.causal.contrastive,
    "surprisal": lambda scores: scores.causal.surprisal,
    "sentence_embedding": lambda scores: scores.similarity.of_sentences,
    "classifier": lambda scores: scores.classifier.words,
    "rare_words": lambda scores: scores.rare_words,
}
