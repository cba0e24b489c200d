"""Signals of the encoder: scores of passages, sentences and tokens, all from one pass over each passage."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.locks import cached_property
from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.encoder.reader import EncoderOutput, EncoderReader
from lingua_shared.scoring.encoder.unit_reading import with_units_read
from lingua_shared.scoring.entity_links import boost_linked
from lingua_shared.scoring.fusion import standardise
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.loading import Models
from lingua_shared.scoring.policy import POLICY, ScoringPolicy
from lingua_shared.scoring.protocol import AnswerSigns, Request, SentenceScores, TokenScores
from lingua_shared.scoring.sentences import ReadPassages, fused_sentence_scores


class EncoderSignals:
    """The signals of one request. Each passage is read once."""

    def __init__(self, models: Models, request: Request) -> None:
        """Hold the request; read nothing yet."""
        self._models = models
        self._request = request
        self._titles = request.titles or ("",) * len(request.passages)
        self._outputs: dict[int, EncoderOutput] = {}

    def relevance(self, passages: Sequence[int]) -> np.ndarray:
        """Return the log-odds that each passage answers, calibrated listwise and raised for linked passages."""
        log_odds = self._encoder.calibrate_listwise(self._read_all())
        return self._boosted(log_odds)[list(passages)]

    def probabilities(self) -> np.ndarray | None:
        """Return the probability that each passage answers or leads to the answer; None where nothing was read.

        It is calibrated for a passage by itself, so that it does not depend on the other passages, except that linked
        passages are raised.
        """
        if not self._outputs:
            return None
        own = np.asarray([output.relevance for output in self._read_all()])
        return to_probability(self._boosted(own))

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        """Return where the answer may be in passages, by all that was read."""
        log_odds = self._encoder.calibrate_listwise(self._read_all())
        chosen = list(passages)
        tokens = [TokenScores(one.starts, one.ends, one.answer) for one in self._read(chosen)]
        return AnswerSigns(self._encoder.fingerprint, log_odds[chosen], self._boosted(log_odds)[chosen], tokens)

    def tokens(self, passages: Sequence[int], policy: ScoringPolicy = POLICY) -> list[TokenScores]:
        """Return the weighted sum of each token's support logit and answer logit."""
        return [
            TokenScores(output.starts, output.ends, output.support + policy.answer_weight * output.answer)
            for output in self._read(passages)
        ]

    def spans(self, passage: int, spans: Sequence[tuple[int, int]], policy: ScoringPolicy = POLICY) -> list[float]:
        """Return the scores of spans of a passage: the relevance of each read by itself, and BM25, as z-scores."""
        text, title = self._request.passages[passage], self._titles[passage]
        texts = [text[start:end] for start, end in spans]
        outputs = self._encoder.read(self._question, texts, [title] * len(texts))
        relevances = np.asarray([output.relevance for output in outputs])
        bm25 = bm25_scores(self._question, texts)
        return [float(value) for value in standardise(relevances) + policy.bm25_weight * standardise(bm25)]

    def sentences(self, passages: Sequence[int], policy: ScoringPolicy = POLICY) -> list[SentenceScores]:
        """Return the fused score of each sentence, compared over these passages."""
        outputs = self._read(passages)
        texts, titles = self._texts_and_titles(passages)
        log_odds = self._encoder.calibrate_listwise(outputs)
        scores = fused_sentence_scores(self._question, ReadPassages(texts, titles, outputs, log_odds), policy)
        return with_units_read(self._question, texts, titles, scores, self._encoder.read, policy)

    @property
    def _question(self) -> str:
        return self._request.question or ""

    @cached_property
    def _encoder(self) -> EncoderReader:
        return self._models.encoder(str(self._request.encoder))

    def _boosted(self, log_odds: np.ndarray) -> np.ndarray:
        return boost_linked(self._question, self._request.passages, self._titles, log_odds)

    def _read_all(self) -> list[EncoderOutput]:
        return self._read(range(len(self._request.passages)))

    def _read(self, passages: Sequence[int]) -> list[EncoderOutput]:
        missing = [i for i in passages if i not in self._outputs]
        if missing:
            outputs = self._encoder.read(self._question, *self._texts_and_titles(missing))
            self._outputs.update(zip(missing, outputs, strict=True))
        return [self._outputs[i] for i in passages]

    def _texts_and_titles(self, passages: Sequence[int]) -> tuple[list[str], list[str]]:
        return [self._request.passages[i] for i in passages], [self._titles[i] for i in passages]
