"""Reads passages with a causal model: the question's likelihood after each passage, each token's with and without it.

Knows how passages and question are put together and cut into windows; nothing of rankings or budgets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lingua_shared.scorers.causal import CausalModel, EncodedText, Row, StateStore

PASSAGE_SEPARATOR = ""
"""Stands between a passage and the question whose likelihood is read behind it.

With nothing between them passages ranked a little better than with a space or a blank line. The two never run together
all the same, for they are tokenized apart.
"""

QUESTION_SEPARATOR = "\n\n"
"""Stands between the question and a passage whose tokens are read behind it."""


@dataclass(frozen=True)
class Window:
    """Tokens start to end of a passage are read together; scores are taken from position `fresh` on."""

    start: int
    end: int
    fresh: int


def windows(length: int, size: int) -> list[Window]:
    """Cut a passage of `length` tokens into windows of at most `size` that overlap by half.

    Each token is fresh in exactly one window, the one with most tokens before it.
    """
    if length <= size:
        return [Window(0, length, 0)]
    step = max(size // 2, 1)
    starts = [*range(0, length - size, step), length - size]
    fresh = [0, *(start + size for start in starts[:-1])]
    return [Window(start, start + size, first) for start, first in zip(starts, fresh, strict=True)]


class PassageReader:
    """Reads the passages of one request. What was read is kept, so nothing is read twice."""

    def __init__(self, model: CausalModel, passages: Sequence[str], question: str | None, restrictive: str) -> None:
        """Tokenize; read nothing yet.

        Args:
            model: the causal model.
            passages: texts to read.
            question: None where there is none.
            restrictive: the restrictive sentence, with the space that parts it from the question.
        """
        self._model = model
        self._encoded = model.encode(passages)
        self._opening = model.opening
        limit = model.window // 2
        question_ids = self._ids(question or "")
        asked_ids = self._ids(f"{PASSAGE_SEPARATOR}{question or ''}{restrictive}")
        self.question_was_cut = max(len(question_ids), len(asked_ids)) > limit
        self._prefix = (*self._opening, *question_ids[-limit:], *self._ids(QUESTION_SEPARATOR))
        self._asked = asked_ids[-limit:]
        self._plain: dict[int, np.ndarray] = {}
        self._conditional: dict[int, np.ndarray] = {}
        self._question: np.ndarray | None = None
        self._states: dict[int, torch.Tensor] = {}

    def encoded(self, index: int) -> EncodedText:
        """Return a passage's tokens and the characters that they cover."""
        return self._encoded[index]

    def question_likelihood(self) -> np.ndarray:
        """Return the mean log-likelihood of question and restrictive sentence given each passage, shape (passages,).

        This is -r_k of LongLLMLingua, section 4.1, in nats per token. The tokens of the question are the same behind
        every passage. A passage longer than the window counts with its best window.
        """
        if self._question is None:
            self._question = self._read_question()
        return self._question

    def plain(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | prefix) in nats of every token of the passages; NaN where there is no prefix."""
        self._finish_kept([i for i in dict.fromkeys(indices) if i not in self._plain and i in self._states])
        self._read_tokens(self._plain, self._opening, indices)
        return [self._plain[i] for i in indices]

    def conditional(self, indices: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | question, prefix) in nats of every token of the passages."""
        self._read_tokens(self._conditional, self._prefix, indices)
        return [self._conditional[i] for i in indices]

    def _read_question(self) -> np.ndarray:
        size = self._model.window - len(self._opening) - len(self._asked)
        cuts = [windows(len(encoded.ids), size) for encoded in self._encoded]
        owners = [(i, window) for i, cut in enumerate(cuts) for window in cut]
        before = [(*self._opening, *self._encoded[i].ids[w.start : w.end]) for i, w in owners]
        store = StateStore()
        rows = [Row((*ids, *self._asked), first=len(ids)) for ids in before]
        losses = self._model.negative_log_likelihoods(rows, states=store)
        likelihoods = np.full(len(cuts), -np.inf)
        for row, (i, _) in enumerate(owners):
            likelihoods[i] = max(likelihoods[i], -_mean(losses[row]))
            kept = store.get(row)
            if kept is not None and len(cuts[i]) == 1:
                self._states[i] = kept
        return likelihoods

    def _finish_kept(self, indices: Sequence[int]) -> None:
        """Run the head over passages whose hidden states the question's pass has left."""
        head = len(self._opening)
        rows = [Row((*self._opening, *self._encoded[i].ids), first=head) for i in indices]
        losses = self._model.likelihoods_of_states(rows, [self._states.pop(i) for i in indices])
        self._plain.update(zip(indices, losses, strict=True))

    def _read_tokens(self, kept: dict[int, np.ndarray], prefix: tuple[int, ...], indices: Sequence[int]) -> None:
        missing = [i for i in dict.fromkeys(indices) if i not in kept]
        cuts = [windows(len(self._encoded[i].ids), self._model.window - len(prefix)) for i in missing]
        rows = [
            Row((*prefix, *self._encoded[i].ids[w.start : w.end]), first=len(prefix) + w.fresh - w.start)
            for i, cut in zip(missing, cuts, strict=True)
            for w in cut
        ]
        losses = iter(self._model.negative_log_likelihoods(rows))
        for i, cut in zip(missing, cuts, strict=True):
            kept[i] = np.concatenate([next(losses) for _ in cut])

    def _ids(self, text: str) -> tuple[int, ...]:
        return self._model.encode([text])[0].ids if text else ()


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
