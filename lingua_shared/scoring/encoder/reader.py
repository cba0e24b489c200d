"""Runs the encoder over pairs of question and passage: relevance of each passage and logits of its tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lingua_shared.cache.locks import cached_property, computation
from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.encoder.calibration import Calibration
from lingua_shared.scoring.encoder.model import ANSWER, SUPPORT, EncoderModel
from lingua_shared.scoring.encoder.pairs import Pair, PairTokenizer, padded
from lingua_shared.scoring.interruption import checkpoint

UNCALIBRATED = Calibration()

_LENGTH_STEP = 16
"""Batches are padded to a multiple of this many tokens."""

_MAX_PAIRS = 64
"""Maximum number of pairs in a batch."""


@dataclass(frozen=True)
class EncoderOutput:
    """What the encoder returns for a passage.

    Attributes:
        relevance: calibrated logit: log-odds that the passage on its own answers the question. For a passage of
            several windows, the highest.
        starts: start of each token in characters of the passage, int64, shape (tokens,).
        ends: end of each token, int64, shape (tokens,).
        support: support logits: log-odds that the token is part of a supporting sentence, float32, shape (tokens,).
        answer: answer logits: log-odds that the token is part of the answer, float32, shape (tokens,).
    """

    relevance: float
    starts: np.ndarray
    ends: np.ndarray
    support: np.ndarray
    answer: np.ndarray


class EncoderReader:
    """Reads questions and passages with one model. Threads may share it."""

    def __init__(
        self,
        model: EncoderModel,
        tokenizer: PairTokenizer,
        *,
        batch_tokens: int,
        calibration: Calibration = UNCALIBRATED,
        fingerprint: Callable[[], str] = str,
    ) -> None:
        """Wrap a model.

        Args:
            model: the network, on its device and in its precision.
            tokenizer: the tokenizer of its trunk.
            batch_tokens: maximum number of tokens in a batch, padding included.
            calibration: calibration of the relevance.
            fingerprint: gives what identifies the model; called only where it is asked for.
        """
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._calibration = calibration
        self._fingerprint = fingerprint
        self._device = next(model.parameters()).device

    @cached_property
    def fingerprint(self) -> str:
        """What identifies the model: the content of its files; "" where it is not from files."""
        return self._fingerprint()

    def read(self, question: str, passages: Sequence[str], titles: Sequence[str] = ()) -> list[EncoderOutput]:
        """Return the encoder's output for each passage.

        Args:
            question: a question of any length; of a long one the beginning and the end are read.
            passages: texts of any length; long ones are read in overlapping windows.
            titles: one per passage, "" for none; or none at all. The model reads a title before its passage and
                returns no tokens for it.
        """
        windows = self._tokenizer.pairs(question, passages, titles)
        outputs = iter(self._read([pair for of_passage in windows for pair in of_passage]))
        return [_merged(of_passage, [next(outputs) for _ in of_passage]) for of_passage in windows]

    def calibrate_listwise(self, outputs: Sequence[EncoderOutput]) -> np.ndarray:
        """Return the log-odds that each passage answers, given that at least one of them does, shape (passages,)."""
        return self._calibration.calibrate_listwise(np.asarray([output.relevance for output in outputs]))

    def _read(self, pairs: Sequence[Pair]) -> list[tuple[float, np.ndarray]]:
        """Relevance and token logits, shape (tokens, 2), of each pair. Pairs of similar length share a batch."""
        found: dict[int, tuple[float, np.ndarray]] = {}
        lengths = [len(pair.ids) for pair in pairs]
        for batch in by_length(lengths, tokens=self._batch_tokens, step=_LENGTH_STEP, most=_MAX_PAIRS):
            checkpoint(len(batch) * max(lengths[i] for i in batch))
            found.update(zip(batch, self._forward([pairs[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(pairs))]

    @computation
    @torch.inference_mode()
    def _forward(self, pairs: Sequence[Pair]) -> list[tuple[float, np.ndarray]]:
        arrays = padded(pairs, pad=self._tokenizer.pad, step=_LENGTH_STEP)
        relevances, token_logits = self._model(*(torch.from_numpy(array).to(self._device) for array in arrays))
        of_tokens = token_logits.cpu().numpy()
        return [
            (self._calibration(relevance), of_tokens[row, pair.first : pair.first + len(pair.starts)])
            for row, (relevance, pair) in enumerate(zip(relevances.tolist(), pairs, strict=True))
        ]


def _merged(windows: Sequence[Pair], outputs: Sequence[tuple[float, np.ndarray]]) -> EncoderOutput:
    """Merge the windows of a passage: the highest relevance, and of tokens in two windows the higher logits."""
    length = max(pair.skipped + len(pair.starts) for pair in windows)
    starts, ends = np.zeros((2, length), dtype=np.int64)
    logits = np.full((length, 2), -np.inf, dtype=np.float32)
    for pair, (_, of_window) in zip(windows, outputs, strict=True):
        inside = slice(pair.skipped, pair.skipped + len(pair.starts))
        starts[inside], ends[inside] = pair.starts, pair.ends
        logits[inside] = np.maximum(logits[inside], of_window)
    relevance = max(relevance for relevance, _ in outputs)
    return EncoderOutput(relevance, starts, ends, logits[:, SUPPORT], logits[:, ANSWER])
