"""Scores passages with the encoder: relevance of each and importance of its tokens, all from one pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.encoder.calibration import Calibration
from lingua_shared.scoring.encoder.model import ANSWER, EVIDENCE, EvidenceModel
from lingua_shared.scoring.encoder.pairs import Pair, PairTokenizer, padded

RAW = Calibration()
_STEP = 16
_MOST_PAIRS = 64


@dataclass(frozen=True)
class Evidence:
    """What the encoder says of a passage.

    Attributes:
        relevance: log-odds that the passage answers the question, judged by itself; of a passage read in windows, the
            highest.
        starts: where each token starts, in characters of the passage, int64, shape (tokens,).
        ends: where each ends, int64, shape (tokens,).
        evidence: log-odds of each token to be in a sentence that answers, float32, shape (tokens,).
        answer: log-odds of each token to be in the answer itself, float32, shape (tokens,).
    """

    relevance: float
    starts: np.ndarray
    ends: np.ndarray
    evidence: np.ndarray
    answer: np.ndarray

    @property
    def importance(self) -> np.ndarray:
        """What words are compared by, float32, shape (tokens,)."""
        return self.evidence


class EncoderReader:
    """Reads pairs with one model. Safe to share between threads."""

    def __init__(
        self, model: EvidenceModel, tokenizer: PairTokenizer, *, batch_tokens: int, calibration: Calibration = RAW
    ) -> None:
        """Hold a model.

        Args:
            model: the network, on its device and in its precision.
            tokenizer: of its trunk.
            batch_tokens: tokens of one pass, padding included.
            calibration: of relevances.
        """
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._calibration = calibration
        self._device = next(model.parameters()).device

    def read(self, question: str, passages: Sequence[str]) -> list[Evidence]:
        """Return what the encoder says of each passage.

        Args:
            question: of any length; of a long one its head and its tail are read.
            passages: texts of any length; long ones are read in windows that overlap.
        """
        windows = self._tokenizer.pairs(question, passages)
        flat = [pair for of_passage in windows for pair in of_passage]
        read = iter(self._read(flat))
        return [_joined(of_passage, [next(read) for _ in of_passage]) for of_passage in windows]

    def among(self, read: Sequence[Evidence]) -> np.ndarray:
        """Return the log-odds that each of these passages answers, given that one of them does, shape (passages,)."""
        return self._calibration.among(np.asarray([evidence.relevance for evidence in read]))

    def _read(self, pairs: Sequence[Pair]) -> list[tuple[float, np.ndarray]]:
        """Relevance and token log-odds of each pair; pairs of like length share a pass."""
        found: dict[int, tuple[float, np.ndarray]] = {}
        lengths = [len(pair.ids) for pair in pairs]
        for batch in by_length(lengths, tokens=self._batch_tokens, step=_STEP, most=_MOST_PAIRS):
            found.update(zip(batch, self._pass([pairs[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(pairs))]

    @torch.inference_mode()
    def _pass(self, pairs: Sequence[Pair]) -> list[tuple[float, np.ndarray]]:
        arrays = padded(pairs, pad=self._tokenizer.pad, step=_STEP)
        relevances, logits = self._model(*(torch.from_numpy(array).to(self._device) for array in arrays))
        of_tokens = logits.cpu().numpy()
        return [
            (self._calibration(relevance), of_tokens[row, pair.first : pair.first + len(pair.starts)])
            for row, (relevance, pair) in enumerate(zip(relevances.tolist(), pairs, strict=True))
        ]


def _joined(windows: Sequence[Pair], read: Sequence[tuple[float, np.ndarray]]) -> Evidence:
    """Put the windows of a passage together; a token that two windows share keeps the higher log-odds."""
    length = max(pair.skipped + len(pair.starts) for pair in windows)
    starts, ends = np.zeros((2, length), dtype=np.int64)
    logits = np.full((length, 2), -np.inf, dtype=np.float32)
    for pair, (_, values) in zip(windows, read, strict=True):
        place = slice(pair.skipped, pair.skipped + len(pair.starts))
        starts[place], ends[place] = pair.starts, pair.ends
        logits[place] = np.maximum(logits[place], values)
    return Evidence(max(r for r, _ in read), starts, ends, logits[:, EVIDENCE], logits[:, ANSWER])
