"""Signals of the bi-encoder: cosine similarity of the question with passages and with their sentences."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.locks import cached_property
from lingua_shared.scoring.embedding import PassageVectors, cached_vectors, question_vector
from lingua_shared.scoring.fusion import standardise
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.protocol import Request, SentenceScores, TokenScores
from lingua_shared.text.segments import segment


class SimilaritySignals:
    """The signals of one request. Each passage is read once."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; read nothing yet."""
        self._models = models
        self._request = request

    def of_passages(self, passages: Sequence[int]) -> np.ndarray:
        """Return the cosine of question and passage, in [-1, 1]."""
        return np.asarray([self._vectors[i].nearest(self._question) for i in passages])

    def of_closest_sentence(self, passages: Sequence[int]) -> np.ndarray:
        """Return the cosine of the question and the closest sentence of each passage, in [-1, 1]."""
        return np.asarray([self._vectors[i].nearest_sentence(self._question) for i in passages])

    def of_sentences(self, passages: Sequence[int]) -> list[TokenScores]:
        """Return the cosine of the question and each sentence, as the score of all of the sentence's tokens."""
        vectors = [self._vectors[i] for i in passages]
        return [TokenScores(v.starts, v.ends, v.sentences @ self._question) for v in vectors]

    def fused_with_bm25(self, passages: Sequence[int]) -> list[SentenceScores]:
        """Return cosine plus BM25 of each sentence, both as z-scores over all sentences of the request."""
        texts = self._request.passages
        cosines = self.of_sentences(range(len(texts)))
        spans = [zip(scores.starts, scores.ends, strict=True) for scores in cosines]
        sentences = [text[a:b] for text, of_text in zip(texts, spans, strict=True) for a, b in of_text]
        flat = standardise(np.concatenate([scores.values for scores in cosines]))
        values = flat + standardise(bm25_scores(self._request.question or "", sentences))
        by_passage = np.split(values, np.cumsum([len(scores.values) for scores in cosines])[:-1])
        fused = [TokenScores(cosines[i].starts, cosines[i].ends, by_passage[i]) for i in passages]
        return [
            SentenceScores.of_tokens(segment(texts[i]).sentences, scores)
            for i, scores in zip(passages, fused, strict=True)
        ]

    @cached_property
    def _question(self) -> np.ndarray:
        return question_vector(self._models.embedder(), self._request.question or "")

    @cached_property
    def _vectors(self) -> list[PassageVectors]:
        return cached_vectors(self._models.embedder, self._models.vector_cache(), self._request.passages)
