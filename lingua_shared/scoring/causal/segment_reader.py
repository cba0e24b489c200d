"""Scores of tokens that are read segment by segment after the kept text: surprisal, or its change by the question.

Knows texts, the question and their token ids; nothing of words or budgets.
"""

from collections.abc import Sequence

import numpy as np

from lingua_shared.scoring.causal.kept_text import KeptText
from lingua_shared.scoring.causal.model import CausalModel
from lingua_shared.scoring.causal.reader import QUESTION_CUT, QUESTION_SEPARATOR
from lingua_shared.scoring.protocol import SegmentRequest, TokenScores


class CausalSegmentReader:
    """Implements `SegmentReader` over a causal model. The contrastive score reads the text twice, side by side."""

    def __init__(self, model: CausalModel, request: SegmentRequest) -> None:
        """Tokenize the texts; the model does not run yet.

        Args:
            model: the causal model.
            request: texts, question and scorer.
        """
        self._encoded = model.encode(request.texts)
        self._shift = request.legacy_shift
        self._plain = KeptText(model, model.opening)
        self._conditional: KeptText | None = None
        self._notes: tuple[str, ...] = ()
        if request.scorer == "contrastive":
            limit = model.window // 2
            asked = [encoded.ids for encoded in model.encode([request.question or "", QUESTION_SEPARATOR])]
            self._notes = (QUESTION_CUT,) if len(asked[0]) > limit else ()
            self._conditional = KeptText(model, (*model.opening, *asked[0][-limit:], *asked[1]))

    def tokens(self, text: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the first character of each token of a text, and one behind its last."""
        return self._encoded[text].starts, self._encoded[text].ends

    def scores(self, text: int, first: int, last: int) -> TokenScores:
        """Return the scores of the tokens first to last - 1 of a text, read after everything that was kept so far."""
        encoded = self._encoded[text]
        values = self._values(encoded.ids[first : last + self._shift])
        if self._shift:
            values = values[1:] if last < len(encoded.ids) else np.append(values[1:], np.float32("inf"))
        return TokenScores(encoded.starts[first:last], encoded.ends[first:last], values)

    def keep(self, text: int, tokens: Sequence[int]) -> None:
        """Add tokens of a text, by their numbers, to the kept text."""
        ids = [self._encoded[text].ids[number] for number in tokens]
        for kept in self._kept_texts:
            kept.keep(ids)

    def notes(self) -> tuple[str, ...]:
        """Return what was done other than asked."""
        return self._notes

    @property
    def _kept_texts(self) -> list[KeptText]:
        return [self._plain, *([self._conditional] if self._conditional else [])]

    def _values(self, ids: Sequence[int]) -> np.ndarray:
        losses = self._plain.read(ids)
        return losses - self._conditional.read(ids) if self._conditional else losses
