"""Reads segments of a text one after another, each after what was kept of those before it (LLMLingua, algorithm 2).

Knows token ids and the model; nothing of words, budgets or questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lingua_shared.scoring.batching import windows
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.causal.prefix_cache import KeptTokens

SINKS = 4
"""Tokens at the beginning of the kept text that stay where the window slides: models rely on them (StreamingLLM,
arXiv 2309.17453, section 3.1)."""


@dataclass(frozen=True)
class _Segment:
    """A segment that was read: its ids, hidden states of shape (tokens, size), keys and values up to its end."""

    ids: tuple[int, ...]
    states: torch.Tensor
    read: KeptTokens


class KeptText:
    """The kept text before a segment, with the model's keys and values for it.

    There is one pass per segment, over the segment and what was kept of the one before behind the first gap: what
    comes before that gap was read in its right place already. Where the model's window is full, the oldest kept tokens
    but the prefix and the attention sinks are forgotten, and the rest is read anew in its new place: right for every
    kind of position encoding, and seldom, since a half of the kept text is forgotten at a time.
    """

    def __init__(self, model: CausalModel, prefix: Sequence[int] = (), *, window: int | None = None) -> None:
        """Begin with an empty text.

        Args:
            model: the causal model.
            prefix: tokens that stand before the text, such as a question; at most a half of the window.
            window: tokens that are read at once, at most; None is the model's window.
        """
        self._model = model
        self._window = min(window or model.window, model.window)
        self._prefix = tuple(prefix)
        self._ids: list[int] = [*prefix]
        self._read = KeptTokens()
        self._last: torch.Tensor | None = None  # hidden state of the last kept token read, which predicts the next one
        self._segment: _Segment | None = None  # the segment read last, while nothing was kept since

    @property
    def longest_segment(self) -> int:
        """Tokens of a segment that can be read in one pass."""
        return max((self._window - len(self._prefix)) // 2, 1)

    @property
    def ids(self) -> tuple[int, ...]:
        """The prefix and the kept tokens that the next segment will be read after."""
        return tuple(self._ids)

    def keep(self, ids: Sequence[int]) -> None:
        """Add tokens to the kept text.

        Those with which the segment read last begins need not be read again; the model reads the others with the next
        segment.
        """
        segment, self._segment = self._segment, None
        if segment and (same := _common(segment.ids, ids)):
            self._read = segment.read.head(len(self._ids) + same)
            self._last = segment.states[same - 1 : same].clone()
        self._ids += ids

    def read(self, ids: Sequence[int]) -> np.ndarray:
        """Return -log p(token | kept text and all tokens before it in the segment), in nats, float32, shape (tokens,).

        NaN for a token with nothing before it. The segment is not kept: `keep` says what of it is.
        """
        if not ids:
            return np.empty(0, dtype=np.float32)
        if len(ids) > self.longest_segment:
            return self._read_in_windows(ids)
        self._make_room(len(ids))
        if not self._model.continues:
            row = Row((*self._ids, *ids), first=len(self._ids))
            return self._model.negative_log_likelihoods([row])[0]
        return self._read_on(ids)

    def _read_on(self, ids: Sequence[int]) -> np.ndarray:
        """Read what was kept but not read yet, and the segment, in one pass."""
        new = self._ids[self._read.length :]
        states, read = self._model.states_after(self._read, [*new, *ids])
        if self._last is not None and not new:
            states = torch.cat([self._last, states])
        before = len(states) - len(ids)  # states of tokens before the segment; the last one predicts its first token
        self._segment = _Segment(tuple(ids), states[before:], read)
        self._read = read.head(len(self._ids))
        if new:
            self._last = states[before - 1 : before].clone()
        row = Row((*([0] * min(before, 1)), *ids), first=min(before, 1))
        return self._model.likelihoods_of_states([row], [states[max(before - 1, 0) :]])[0]

    def _make_room(self, tokens: int) -> None:
        """Forget the oldest kept tokens where the segment would not fit into the window behind them."""
        if len(self._ids) + tokens <= self._window:
            return
        first = len(self._prefix) + SINKS
        room = (self._window - tokens - first) // 2
        self._ids = [*self._ids[:first], *self._ids[-room:]] if room > 0 else [*self._prefix]
        self._read, self._last, self._segment = KeptTokens(), None, None

    def _read_in_windows(self, ids: Sequence[int]) -> np.ndarray:
        """Read a segment that is longer than the window allows, such as a single word of great length, in pieces.

        Each piece is read after the prefix and the piece before it.
        """
        size = self._window - len(self._prefix)
        cuts = windows(len(ids), size, overlap=size - size // 2)
        rows = [Row((*self._prefix, *ids[w.start : w.end]), first=len(self._prefix) + w.fresh - w.start) for w in cuts]
        return np.concatenate(self._model.negative_log_likelihoods(rows))


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return with how many of the same items two sequences begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
