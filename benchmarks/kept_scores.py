"""Scores of the encoder that are computed once for a request, and fused anew with other weights of sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from lingua_shared import ModelOptions
from lingua_shared.scoring.policy import POLICY, ScoringPolicy
from lingua_shared.scoring.protocol import (
    AnswerSigns,
    Request,
    SegmentReader,
    SegmentRequest,
    SentenceScores,
    TokenScores,
)
from lingua_shared.scoring.signals import ModelScoring, RequestScores


class KeptScoring:
    """An implementation of the engine's `Scoring` for one process that repeats the same requests.

    Attributes:
        weights: Values of the scoring policy to use instead of its own.
    """

    def __init__(self, models: ModelOptions) -> None:
        """Load nothing yet."""
        self._scoring = ModelScoring(models)
        self._opened: dict[Request, RequestScores] = {}
        self.weights: Mapping[str, float] = {}

    @property
    def device_name(self) -> str | None:
        """Where the models run; None before anything was loaded."""
        return self._scoring.device_name

    def open(self, request: Request) -> "KeptScores":
        """Return the scores of a request, with what an earlier one like it computed."""
        if request not in self._opened:
            self._opened[request] = self._scoring.open(request)
        return KeptScores(self._opened[request], self.weights)

    def forget(self) -> None:
        """Keep nothing of the requests so far."""
        self._opened.clear()

    def read_segments(self, request: SegmentRequest) -> SegmentReader:
        """Start to read texts segment by segment; of these scores nothing is kept."""
        return self._scoring.read_segments(request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], scorers: Sequence[str]) -> None:
        """Compute and cache what does not depend on the question."""
        self._scoring.prepare(passages, rankers, scorers)


@dataclass(frozen=True)
class KeptScores:
    """The scores of one request; sentences are fused with other weights than the engine's."""

    scores: RequestScores
    weights: Mapping[str, float]

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        """Return a ranker's score of these passages."""
        return self.scores.relevances(ranker, passages)

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        """Return the scores of the sentences of these passages."""
        if scorer == "encoder_fusion":
            policy = ScoringPolicy(**{**asdict(POLICY), **self.weights})
            return self.scores.encoder.sentences(passages, policy)
        return self.scores.sentence_scores(scorer, passages)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        """Return the scores of the tokens of these passages."""
        return self.scores.token_scores(scorer, passages)

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        """Return the scores of spans of a passage."""
        return self.scores.span_scores(scorer, passage, spans)

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> SegmentReader:
        """Start to read these passages segment by segment; of these scores nothing is kept."""
        return self.scores.segment_reader(scorer, passages)

    def probabilities(self) -> np.ndarray | None:
        """Return the calibrated probability of each passage."""
        return self.scores.probabilities()

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        """Return where the encoder sees the answer in these passages."""
        return self.scores.answer_signs(passages)

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked."""
        return self.scores.notes()
