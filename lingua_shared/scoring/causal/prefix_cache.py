"""What a causal model has made of the beginning of rows, kept so that the trunk need not run over it again.

Knows tensors and transformers' cache; nothing of passages or questions.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from threading import Lock
from typing import Any

import torch
from transformers import DynamicCache

from lingua_shared.scoring.batching import padded_length

PREFIX_BYTES = 256 * 1024 * 1024
"""Upper bound of what a store holds, in bytes: about 11,000 tokens of SmolLM2-135M in bfloat16."""


STEP = 32
"""Lengths are padded to a multiple of this: on a CPU every new shape compiles, and keeps, kernels of its own."""


def round_up(length: int, *, at_most: int | None = None) -> int:
    """Return the length to which rows of at most `length` tokens are padded."""
    padded = padded_length(length, STEP)
    return padded if at_most is None else max(min(padded, at_most), length)


@dataclass(frozen=True)
class Prefix:
    """Hidden states (tokens, hidden size) of a row's start; keys and values (layers, heads, tokens, size) if known."""

    states: torch.Tensor
    keys: torch.Tensor | None = None
    values: torch.Tensor | None = None

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return sum(t.numel() * t.element_size() for t in (self.states, self.keys, self.values) if t is not None)


class PrefixStore:
    """Prefixes by their token ids, the most recently used ones, as many as fit. Threads can share it."""

    def __init__(self, limit: int | None = None) -> None:
        """Hold nothing yet; `limit` is in bytes, None is `PREFIX_BYTES`."""
        self._limit = PREFIX_BYTES if limit is None else limit
        self._kept: OrderedDict[tuple[int, ...], Prefix] = OrderedDict()
        self._used = 0
        self._lock = Lock()

    def get(self, ids: tuple[int, ...]) -> Prefix | None:
        """Return what was kept for these tokens."""
        with self._lock:
            if ids in self._kept:
                self._kept.move_to_end(ids)
            return self._kept.get(ids)

    def put(self, ids: tuple[int, ...], prefix: Prefix) -> None:
        """Keep a prefix in place of those that were not used for longest; one larger than the bound is not kept."""
        if prefix.bytes > self._limit:
            return
        with self._lock:
            before = self._kept.pop(ids, None)
            self._kept[ids] = prefix
            self._used += prefix.bytes - (before.bytes if before else 0)
            while self._used > self._limit:
                self._used -= self._kept.popitem(last=False)[1].bytes


def cache_argument(trunk: Any, cache: DynamicCache) -> dict[str, DynamicCache]:
    """Return the keyword argument that hands a cache to a model: `cache` since transformers 5.24, else its old name."""
    name = "cache" if "cache" in signature(trunk.forward).parameters else "past_key_values"
    return {name: cache}


def cut_prefix(hidden: torch.Tensor, cache: Any, row: int, length: int) -> Prefix:
    """Copy the first tokens of one row out of what a forward pass gave.

    Args:
        hidden: last hidden states, shape (rows, tokens, hidden size).
        cache: the pass's `DynamicCache`; None where keys and values are not wanted.
        row: which row.
        length: how many tokens.
    """
    states = hidden[row, :length].clone()
    if cache is None:
        return Prefix(states)
    keys, values = (
        torch.stack([getattr(layer, name)[row, :, :length] for layer in cache.layers]) for name in ("keys", "values")
    )
    return Prefix(states, keys, values)


def continued(trunk: Any, prefixes: Sequence[Prefix], ids: Sequence[int]) -> torch.Tensor:
    """Run the trunk over the same tokens behind each prefix: hidden states, shape (prefixes, tokens, hidden size).

    Prefixes of different length are padded; the padding is masked, and positions count from each prefix's own end.
    """
    device = prefixes[0].states.device
    lengths = torch.tensor([len(prefix.states) for prefix in prefixes], device=device)
    longest, tokens = round_up(int(lengths.max())), len(ids)
    steps = torch.arange(tokens, device=device)
    before = (torch.arange(longest, device=device) < lengths[:, None])[:, None, None, :].expand(-1, 1, tokens, -1)
    own = (steps[None, :] <= steps[:, None])[None, None].expand(len(prefixes), 1, -1, -1)
    hidden: torch.Tensor = trunk(
        input_ids=torch.tensor(ids, device=device).expand(len(prefixes), -1),
        position_ids=lengths[:, None] + steps,
        attention_mask=torch.cat([before, own], dim=-1),
        use_cache=True,
        **cache_argument(trunk, _padded_cache(prefixes, longest)),
    ).last_hidden_state
    return hidden


def _padded_cache(prefixes: Sequence[Prefix], longest: int) -> DynamicCache:
    cache = DynamicCache()
    keys = [_padded([prefix.keys for prefix in prefixes], longest), _padded([p.values for p in prefixes], longest)]
    for layer in range(keys[0].shape[1]):
        cache.update(keys[0][:, layer], keys[1][:, layer], layer)
    return cache


def _padded(parts: Sequence[torch.Tensor | None], longest: int) -> torch.Tensor:
    """Stack (layers, heads, tokens, size) to (rows, layers, heads, longest, size)."""
    known = [part for part in parts if part is not None]
    table = known[0].new_zeros(len(known), *known[0].shape[:2], longest, known[0].shape[-1])
    for row, part in enumerate(known):
        table[row, :, :, : part.shape[2]] = part
    return table
