"""Reads log-likelihoods out of a causal language model: batched by length, the head run only where one is read.

Knows token ids and the model; nothing of passages, questions, budgets or frameworks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from lingua_shared.errors import UnsupportedModelError

LOGIT_BYTES = 48 * 1024 * 1024
"""Upper bound of the float32 logits that exist at one moment, in bytes; larger blocks are slower on a CPU."""

STATE_BYTES = 256 * 1024 * 1024
"""Upper bound of the hidden states that one request keeps, in bytes; what does not fit is read again."""

_DEFAULT_WINDOW = 2048


@dataclass(frozen=True)
class Row:
    """Token ids to read, and the position from which on likelihoods are wanted (the first position has none)."""

    ids: tuple[int, ...]
    first: int


@dataclass(frozen=True)
class EncodedText:
    """A text as token ids; token i covers the characters starts[i] to ends[i] of the text."""

    ids: tuple[int, ...]
    starts: np.ndarray
    ends: np.ndarray


class StateStore:
    """Hidden states of rows that were read, as many as fit the bound, so that the trunk runs over them once."""

    def __init__(self, limit: int | None = None) -> None:
        """Hold nothing yet; `limit` is in bytes, None is `STATE_BYTES`."""
        self._states: dict[int, torch.Tensor] = {}
        self._left = STATE_BYTES if limit is None else limit

    def put(self, key: int, states: torch.Tensor) -> None:
        """Keep a copy, if it fits."""
        size = states.numel() * states.element_size()
        if size <= self._left:
            self._left -= size
            self._states[key] = states.clone()

    def get(self, key: int) -> torch.Tensor | None:
        """Return what was kept under a key."""
        return self._states.get(key)


class CausalModel:
    """A loaded causal language model with its tokenizer. Holds no state of a call, so threads can share it."""

    def __init__(self, model: Any, tokenizer: Any, *, batch_tokens: int) -> None:
        """Wrap a transformers model and tokenizer and check that trunk and head can be run apart.

        Raises:
            UnsupportedModelError: the model's logits are not its head applied to its last hidden state.
        """
        self._trunk = model.base_model
        self._head = model.get_output_embeddings()
        self._config = model.config.get_text_config()
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._check_head(model)

    @property
    def window(self) -> int:
        """The most tokens that one row may have."""
        return int(getattr(self._config, "max_position_embeddings", None) or _DEFAULT_WINDOW)

    @property
    def opening(self) -> tuple[int, ...]:
        """The ids that this tokenizer puts before a text by itself, such as a BOS token; often none."""
        ids = self._tokenizer("a")["input_ids"]
        plain = self._tokenizer("a", add_special_tokens=False)["input_ids"]
        return tuple(ids[: len(ids) - len(plain)]) if ids[-len(plain) :] == plain else ()

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Tokenize texts without special tokens."""
        if not texts:
            return []
        if not self._tokenizer.is_fast:
            return [self._encode_by_words(text) for text in texts]
        batch = self._tokenizer(
            list(texts),
            add_special_tokens=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            verbose=False,
        )
        return [
            EncodedText(tuple(ids), *_columns(offsets))
            for ids, offsets in zip(batch["input_ids"], batch["offset_mapping"], strict=True)
        ]

    def _encode_by_words(self, text: str) -> EncodedText:
        # A tokenizer in pure Python reports no offsets: then every token of a word covers the whole word.
        borders = [i for i in range(1, len(text)) if text[i].isspace() and not text[i - 1].isspace()]
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        for start, end in pairwise([0, *borders, len(text)]):
            piece = self._tokenizer(text[start:end], add_special_tokens=False)["input_ids"]
            ids += piece
            offsets += [(start, end)] * len(piece)
        return EncodedText(tuple(ids), *_columns(offsets))

    def negative_log_likelihoods(self, rows: Sequence[Row], *, states: StateStore | None = None) -> list[np.ndarray]:
        """Return, for each row, -log p(token | all tokens before it) in nats, for the tokens from `first` on.

        Rows are read in batches of equal or nearly equal length; results do not depend on the batch beyond
        rounding. A row's first token has nothing before it and gets NaN if it is asked for.

        Args:
            rows: what to read.
            states: keeps the hidden states of the rows, by their place in `rows`, for `likelihoods_of_states`.

        Returns:
            One float32 array of shape (len(ids) - first,) per row, in the order of the rows.
        """
        results: list[np.ndarray] = [np.empty(0, dtype=np.float32)] * len(rows)
        for batch in self._batches(rows):
            hidden = self._hidden([rows[i] for i in batch])
            of_rows = [hidden[place, : len(rows[i].ids)] for place, i in enumerate(batch)]
            if states is not None:
                for i, kept in zip(batch, of_rows, strict=True):
                    states.put(i, kept)
            values = self.likelihoods_of_states([rows[i] for i in batch], of_rows)
            for i, of_row in zip(batch, values, strict=True):
                results[i] = of_row
        return results

    @torch.inference_mode()
    def likelihoods_of_states(self, rows: Sequence[Row], states: Sequence[torch.Tensor]) -> list[np.ndarray]:
        """Return what `negative_log_likelihoods` does, from hidden states that are there already: only the head runs.

        Args:
            rows: what to read; the ids may be a head of those that the states were made from.
            states: hidden states of each row, shape (at least len(ids) - 1, hidden size).
        """
        if not rows:
            return []
        firsts = [max(row.first, 1) for row in rows]
        # The hidden state at position j - 1 predicts token j.
        wanted = torch.cat(
            [s[f - 1 : max(len(row.ids), f) - 1] for s, row, f in zip(states, rows, firsts, strict=True)]
        )
        targets = [token for row, f in zip(rows, firsts, strict=True) for token in row.ids[f:]]
        values = self._head_losses(wanted, torch.tensor(targets, dtype=torch.long, device=wanted.device))
        lengths = [max(len(row.ids) - f, 0) for row, f in zip(rows, firsts, strict=True)]
        parts = np.split(values.cpu().numpy(), np.cumsum(lengths)[:-1])
        return [
            np.concatenate([[np.float32("nan")], part]) if row.first == 0 and row.ids else part
            for row, part in zip(rows, parts, strict=True)
        ]

    def _batches(self, rows: Sequence[Row]) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in sorted(range(len(rows)), key=lambda i: len(rows[i].ids)):
            if len(rows[index].ids) <= rows[index].first:
                continue
            if batch and len(rows[index].ids) * (len(batch) + 1) > self._batch_tokens:
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    @torch.inference_mode()
    def _hidden(self, rows: list[Row]) -> torch.Tensor:
        """Run the trunk over right-padded rows: shape (rows, longest row, hidden size).

        No attention mask is needed: attention looks back only, and the padding stands behind.
        """
        longest = max(len(row.ids) for row in rows)
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row.ids)] = torch.tensor(row.ids)
        hidden: torch.Tensor = self._trunk(input_ids=ids.to(self._trunk.device), use_cache=False).last_hidden_state
        return hidden

    def _head_losses(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of each target given its hidden state, float32, in chunks that bound the logits' memory."""
        if not len(targets):
            return torch.empty(0)
        rows_at_once = max(1, LOGIT_BYTES // (4 * self._head.weight.shape[0]))
        losses = [
            torch.nn.functional.cross_entropy(self._logits(states), target, reduction="none")
            for states, target in zip(
                torch.split(hidden, rows_at_once), torch.split(targets, rows_at_once), strict=True
            )
        ]
        return torch.cat(losses)

    def _logits(self, hidden: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self._head(hidden).float()
        scale = getattr(self._config, "logit_scale", None)
        divisor = getattr(self._config, "logits_scaling", None)
        cap = getattr(self._config, "final_logit_softcapping", None)
        if scale:
            logits = logits * scale
        if divisor:
            logits = logits / divisor
        return torch.tanh(logits / cap) * cap if cap else logits

    @torch.inference_mode()
    def _check_head(self, model: Any) -> None:
        ids = torch.tensor([[1, 2, 3, 1]], device=self._trunk.device) % self._config.vocab_size
        whole = model(input_ids=ids, use_cache=False).logits.float()
        apart = self._logits(self._trunk(input_ids=ids, use_cache=False).last_hidden_state)
        if whole.shape != apart.shape or not torch.allclose(whole, apart, rtol=1e-2, atol=1e-2):
            msg = (
                f"{type(model).__name__} computes its logits in a way that this package does not know "
                "(they are not the output embedding of the last hidden state); choose another causal language model"
            )
            raise UnsupportedModelError(msg)


def _columns(offsets: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.asarray(offsets, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
