"""Computes log-likelihoods with a causal language model, in batches by length; the head runs only where one is needed.

Knows token ids and the model; nothing of passages, questions, budgets or frameworks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import DynamicCache

from lingua_shared.cache.locks import computation
from lingua_shared.errors import UnsupportedModelError
from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.causal.prefix_cache import (
    KeptTokens,
    Prefix,
    PrefixCache,
    cache_argument,
    continued,
    cut_prefix,
    read_on,
    round_up,
)
from lingua_shared.scoring.causal.tokens import EncodedText, encode, opening_ids
from lingua_shared.scoring.interruption import checkpoint

LOGIT_BYTES = 16 * 1024 * 1024
"""Maximum size of the logits of one matrix product on a CPU, in bytes: larger blocks are slow to allocate."""

SOFTMAX_BYTES = 2 * 1024 * 1024
"""Maximum size of the float32 logits of one softmax on a CPU, in bytes, so that they stay in the CPU's cache."""

_ACCELERATOR_FACTOR = 32
"""Both bounds are this much larger on a GPU."""

PREFIXES_AT_ONCE = 16
"""Cached prefixes that share a batch when the model continues after them."""

_DEFAULT_WINDOW = 2048
"""Tokens of a row, for a model whose configuration does not say."""

_NOT_PLAIN = ("sliding_window", "attn_logit_softcapping", "attention_chunk_size")


@dataclass(frozen=True)
class Row:
    """A row of token ids to read.

    Attributes:
        ids: the ids.
        first: index of the first token whose likelihood is wanted; token 0 has none.
        keep: number of tokens at the beginning to store in the prefix cache.
    """

    ids: tuple[int, ...]
    first: int
    keep: int = 0


class CausalModel:
    """A causal language model with its tokenizer. It keeps no state between calls, so threads can share it."""

    def __init__(self, model: Any, tokenizer: Any, *, batch_tokens: int) -> None:
        """Wrap a model, and check that its trunk and head can run separately.

        Args:
            model: a transformers model, on its device and in its precision.
            tokenizer: its tokenizer.
            batch_tokens: maximum tokens of a batch, padding included.

        Raises:
            UnsupportedModelError: the logits are not the head applied to the last hidden state.
        """
        self._trunk = model.base_model
        self._head = model.get_output_embeddings()
        self._config = model.config.get_text_config()
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._check_head(model)
        self._continues = self._can_continue()

    @property
    def continues(self) -> bool:
        """Whether the model can continue after a cached prefix."""
        return self._continues

    @property
    def window(self) -> int:
        """Maximum tokens of a row."""
        return int(getattr(self._config, "max_position_embeddings", None) or _DEFAULT_WINDOW)

    @property
    def opening(self) -> tuple[int, ...]:
        """The ids that the tokenizer adds before every text, such as a BOS token; often none."""
        return opening_ids(self._tokenizer)

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Tokenize texts without special tokens."""
        return encode(self._tokenizer, texts)

    def negative_log_likelihoods(self, rows: Sequence[Row], *, keep: PrefixCache | None = None) -> list[np.ndarray]:
        """Return -log p(token | all tokens before it) in nats, for the tokens of each row from `first` on.

        Rows of similar length share a batch; apart from rounding, the results do not depend on that. Token 0 has
        nothing before it and gets NaN.

        Args:
            rows: what to read.
            keep: stores the prefix of each row with `keep` > 0; None stores none.

        Returns:
            One float32 array of shape (len(ids) - first,) per row, in the order of the rows.
        """
        results: list[np.ndarray] = [np.empty(0, dtype=np.float32)] * len(rows)
        for batch in self._batches(rows):
            of_batch = [rows[i] for i in batch]
            hidden, cache = self._run(of_batch, with_cache=keep is not None and self._continues)
            values = self.likelihoods_of_states(of_batch, list(hidden))
            for place, (i, row, of_row) in enumerate(zip(batch, of_batch, values, strict=True)):
                results[i] = of_row
                if keep is not None and row.keep:
                    keep.put(row.ids[: row.keep], cut_prefix(hidden, cache, place, row.keep))
        return results

    @computation
    @torch.inference_mode()
    def likelihoods_after(self, prefixes: Sequence[Prefix], ids: Sequence[int]) -> list[np.ndarray]:
        """Return -log p(token | prefix and all tokens before it) in nats, of the same tokens after each prefix.

        Args:
            prefixes: not empty, with keys and values.
            ids: tokens that follow each prefix.

        Returns:
            One float32 array of shape (len(ids),) per prefix.
        """
        results: list[np.ndarray] = [np.empty(0, dtype=np.float32)] * len(prefixes)
        order = sorted(range(len(prefixes)), key=lambda i: len(prefixes[i].states))
        for start in range(0, len(order), PREFIXES_AT_ONCE):
            batch = order[start : start + PREFIXES_AT_ONCE]
            hidden = continued(self._trunk, [prefixes[i] for i in batch], ids)
            # The last state of the prefix predicts the first token after it.
            states = [torch.cat([prefixes[i].states[-1:], row]) for i, row in zip(batch, hidden, strict=True)]
            values = self.likelihoods_of_states([Row((0, *ids), first=1)] * len(batch), states)
            for i, of_prefix in zip(batch, values, strict=True):
                results[i] = of_prefix
        return results

    @computation
    @torch.inference_mode()
    def states_after(self, kept: KeptTokens, ids: Sequence[int]) -> tuple[torch.Tensor, KeptTokens]:
        """Return hidden states of tokens that follow kept ones, and the kept tokens with these; see `read_on`."""
        return read_on(self._trunk, kept, ids, at_most=self.window)

    @computation
    @torch.inference_mode()
    def likelihoods_of_states(self, rows: Sequence[Row], states: Sequence[torch.Tensor]) -> list[np.ndarray]:
        """Return the same as `negative_log_likelihoods` from known hidden states; only the head runs.

        Args:
            rows: what to read.
            states: hidden states of each row, shape (at least len(ids) - 1, hidden size); later ones are ignored.
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
        wanted = [i for i, row in enumerate(rows) if len(row.ids) > row.first]
        lengths = [len(rows[i].ids) for i in wanted]
        for batch in by_length(lengths, tokens=self._batch_tokens):
            checkpoint(len(batch) * max(lengths[i] for i in batch))
            yield [wanted[place] for place in batch]

    @computation
    @torch.inference_mode()
    def _run(self, rows: list[Row], *, with_cache: bool) -> tuple[torch.Tensor, Any]:
        """Run the trunk over rows that are padded on the right.

        No attention mask is needed, because tokens attend only to earlier ones and the padding comes last.

        Returns:
            Hidden states of shape (rows, longest row, hidden size), and the KV cache; None without `with_cache`.
        """
        longest = round_up(max(len(row.ids) for row in rows), at_most=min(self.window, self._batch_tokens // len(rows)))
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row.ids)] = torch.tensor(row.ids)
        cache = (
            DynamicCache() if with_cache else None
        )  # passed in, because its name in the output depends on the version
        argument = cache_argument(self._trunk, cache) if cache is not None else {}
        output = self._trunk(input_ids=ids.to(self._trunk.device), use_cache=with_cache, **argument)
        return output.last_hidden_state, cache

    def _head_losses(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of each target given its hidden state, float32, in blocks that limit the memory of logits."""
        if not len(targets):
            return torch.empty(0)
        vocabulary = self._head.weight.shape[0]
        factor = 1 if hidden.device.type == "cpu" else _ACCELERATOR_FACTOR
        block = max(1, factor * LOGIT_BYTES // (hidden.element_size() * vocabulary))
        step = max(1, factor * SOFTMAX_BYTES // (4 * vocabulary))
        losses = [
            cross_entropy(self._scaled(logits.float()), target, reduction="none")
            for states, of_block in zip(torch.split(hidden, block), torch.split(targets, block), strict=True)
            for logits, target in zip(torch.split(self._head(states), step), torch.split(of_block, step), strict=True)
        ]
        return torch.cat(losses)

    def _scaled(self, logits: torch.Tensor) -> torch.Tensor:
        """Scale and cap logits, in float32, as some models do after the head."""
        scale = getattr(self._config, "logit_scale", None)
        divisor = getattr(self._config, "logits_scaling", None)
        cap = getattr(self._config, "final_logit_softcapping", None)
        if scale:
            logits = logits * scale
        if divisor:
            logits = logits / divisor
        return torch.tanh(logits / cap) * cap if cap else logits

    @computation
    @torch.inference_mode()
    def _check_head(self, model: Any) -> None:
        ids = torch.tensor([[1, 2, 3, 1]], device=self._trunk.device) % self._config.vocab_size
        whole = model(input_ids=ids, use_cache=False).logits.float()
        apart = self._scaled(self._head(self._trunk(input_ids=ids, use_cache=False).last_hidden_state).float())
        if whole.shape != apart.shape or not torch.allclose(whole, apart, rtol=1e-2, atol=1e-2):
            msg = (
                f"{type(model).__name__} computes its logits in a way that is not supported "
                "(they are not the output embedding of the last hidden state); choose another causal language model"
            )
            raise UnsupportedModelError(msg)

    @computation
    @torch.inference_mode()
    def _can_continue(self) -> bool:
        """Whether continuing after cached prefixes of different lengths gives the same as reading whole rows."""
        if not _has_plain_attention(self._config):
            return False
        ids = tuple(_probe_ids(self._config.vocab_size, 14))
        rows = [Row(ids[:end], first=end - 5) for end in (9, 14)]
        try:
            hidden, cache = self._run(rows, with_cache=True)
            prefixes = [cut_prefix(hidden, cache, place, row.first) for place, row in enumerate(rows)]
            apart = continued(self._trunk, prefixes, rows[0].ids[-4:])
            whole, _ = self._run(
                [Row(row.ids[: row.first] + rows[0].ids[-4:], row.first) for row in rows], with_cache=False
            )
        except (
            AttributeError,
            IndexError,
            RuntimeError,
            TypeError,
            ValueError,
        ):  # the model has another kind of cache or mask
            return False
        pairs = [(apart[i], whole[i, row.first : row.first + 4]) for i, row in enumerate(rows)]
        return all(torch.allclose(a.float(), b.float(), rtol=0.1, atol=0.05 * float(b.abs().max())) for a, b in pairs)


def _has_plain_attention(config: Any) -> bool:
    """Whether every layer attends to all earlier tokens, with unmodified scores: no sliding window, no soft cap."""
    kinds = getattr(config, "layer_types", None) or ()
    return not any(getattr(config, name, None) for name in _NOT_PLAIN) and set(kinds) <= {"full_attention"}


def _probe_ids(vocabulary: int, count: int) -> list[int]:
    """Return ids from all over a vocabulary; the lowest are often special tokens, where bfloat16 is least exact."""
    return [(vocabulary // 2 + 7919 * i) % vocabulary for i in range(count)]
