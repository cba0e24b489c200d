"""Gives scores of whole texts segment by segment, for scorers that read each text in one pass. Knows arrays only."""

from collections.abc import Sequence

import numpy as np

from lingua_shared.scoring.protocol import TokenScores


class ReadAtOnce:
    """Implements `SegmentReader` with scores of whole texts, for scorers that do not read segment by segment."""

    def __init__(self, scores: Sequence[TokenScores]) -> None:
        """Hold the scores of the tokens of each text."""
        self._scores = scores

    def tokens(self, text: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the first character of each token of a text, and one behind its last."""
        return self._scores[text].starts, self._scores[text].ends

    def scores(self, text: int, first: int, last: int) -> TokenScores:
        """Return the scores of the tokens first to last - 1 of a text."""
        of_text = self._scores[text]
        return TokenScores(of_text.starts[first:last], of_text.ends[first:last], of_text.values[first:last])

    def keep(self, text: int, tokens: Sequence[int]) -> None:
        """Do nothing: what was kept changes no score."""

    def notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()
