"""Cache of what a causal model computes for the beginning of a row: hidden states, keys and values (the KV cache).

With it, the model reads only what follows. Knows tensors and the KV cache of transformers; nothing of passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from cachetools import LRUCache
from transformers import DynamicCache

from lingua_shared.cache.locks import ForkSafeLock
from lingua_shared.scoring.batching import padded_length

PREFIX_BYTES = 256 * 1024 * 1024
"""Default bound of a prefix cache, in bytes: about 11,000 tokens of SmolLM2-135M in bfloat16."""

STEP = 32
"""Rows are padded to a multiple of this: on a CPU, torch compiles and keeps kernels for every new shape."""


def round_up(length: int, *, at_most: int | None = None) -> int:
    """Return the length to which rows of at most `length` tokens are padded."""
    padded = padded_length(length, STEP)
    return padded if at_most is None else max(min(padded, at_most), length)


@dataclass(frozen=True)
class Prefix:
    """What the model computed for the first tokens of a row.

    Attributes:
        states: last hidden states, shape (tokens, hidden size).
        keys: of the KV cache, shape (layers, heads, tokens, size); None if the model cannot continue from them.
        values: as `keys`.
    """

    states: torch.Tensor
    keys: torch.Tensor | None = None
    values: torch.Tensor | None = None

    @property
    def bytes(self) -> int:
        """Memory of the tensors, in bytes."""
        return sum(t.numel() * t.element_size() for t in (self.states, self.keys, self.values) if t is not None)


class PrefixCache:
    """The most recently used prefixes by their token ids, within a bound. Threads can share it."""

    def __init__(self, limit: int | None = None) -> None:
        """Make an empty cache; `limit` is in bytes, None is `PREFIX_BYTES`."""
        self._limit = PREFIX_BYTES if limit is None else limit
        self._prefixes: LRUCache[tuple[int, ...], Prefix] = LRUCache(self._limit, getsizeof=lambda p: p.bytes)
        self._lock = ForkSafeLock()

    def get(self, ids: tuple[int, ...]) -> Prefix | None:
        """Return the prefix with exactly these token ids; None if there is none."""
        with self._lock:
            return self._prefixes.get(ids)

    def put(self, ids: tuple[int, ...], prefix: Prefix) -> None:
        """Store a prefix in place of those not used for longest; one larger than the bound is not stored."""
        if prefix.bytes <= self._limit:
            with self._lock:
                self._prefixes[ids] = prefix


def cache_argument(trunk: Any, cache: DynamicCache) -> dict[str, DynamicCache]:
    """Return the keyword argument that hands a cache to a model: `cache` since transformers 5.24, else its old name."""
    name = "cache" if "cache" in signature(trunk.forward).parameters else "past_key_values"
    return {name: cache}


def cut_prefix(hidden: torch.Tensor, cache: Any, row: int, length: int) -> Prefix:
    """Copy the prefix of one row from the output of a forward pass.

    Args:
        hidden: last hidden states, shape (rows, tokens, hidden size).
        cache: the `DynamicCache` of the pass; None if keys and values are not needed.
        row: index of the row.
        length: tokens of the prefix.
    """
    states = hidden[row, :length].clone()
    if cache is None:
        return Prefix(states)
    keys, values = (
        torch.stack([getattr(layer, name)[row, :, :length] for layer in cache.layers]) for name in ("keys", "values")
    )
    return Prefix(states, keys, values)


@dataclass(frozen=True)
class KeptTokens:
    """Keys and values of the tokens that a model has read and that stay before what it reads next.

    Attributes:
        keys: of each layer, shape (1, heads, tokens, size); empty where nothing was read.
        values: as `keys`.
    """

    keys: tuple[torch.Tensor, ...] = ()
    values: tuple[torch.Tensor, ...] = ()

    @property
    def length(self) -> int:
        """Number of tokens."""
        return self.keys[0].shape[2] if self.keys else 0

    def head(self, length: int) -> "KeptTokens":
        """Return the first tokens alone; what was computed for them does not depend on those after them."""
        keys, values = ([t[:, :, :length] for t in tensors] for tensors in (self.keys, self.values))
        return KeptTokens(tuple(keys), tuple(values))


def read_on(trunk: Any, kept: KeptTokens, ids: Sequence[int], *, at_most: int) -> tuple[torch.Tensor, KeptTokens]:
    """Run the trunk over tokens that follow kept ones.

    Args:
        trunk: the model without its head.
        kept: what stands before.
        ids: tokens to read.
        at_most: tokens that the model can hold, kept ones included; padding does not exceed it.

    Returns:
        Hidden states of shape (tokens, hidden size), and the kept tokens with those that were read.
    """
    before, tokens = kept.length, len(ids)
    # Padding on the right changes nothing: tokens attend only to earlier ones.
    padded = round_up(tokens, at_most=max(at_most - before, tokens))
    device = next(trunk.parameters()).device
    steps = torch.arange(padded, device=device)
    own = steps[None, :] <= steps[:, None]
    cache = DynamicCache()
    for layer, (keys, values) in enumerate(zip(kept.keys, kept.values, strict=True)):
        cache.update(keys, values, layer)
    hidden = trunk(
        input_ids=torch.tensor([[*ids, *[0] * (padded - tokens)]], device=device),
        position_ids=(before + steps)[None],
        attention_mask=torch.cat([own.new_ones(padded, before), own], dim=-1)[None, None],
        use_cache=True,
        **cache_argument(trunk, cache),
    ).last_hidden_state
    read = KeptTokens(tuple(layer.keys for layer in cache.layers), tuple(layer.values for layer in cache.layers))
    return hidden[0, :tokens], read.head(before + tokens)


def continued(trunk: Any, prefixes: Sequence[Prefix], ids: Sequence[int]) -> torch.Tensor:
    """Run the trunk over the same tokens after each prefix.

    Prefixes of different lengths are padded on the right. The padding is masked, and positions continue from the end of
    each prefix.

    Args:
        trunk: the model without its head.
        prefixes: with keys and values.
        ids: tokens that follow each prefix.

    Returns:
        Hidden states of shape (prefixes, tokens, hidden size).
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
    keys, values = _padded([p.keys for p in prefixes], longest), _padded([p.values for p in prefixes], longest)
    for layer in range(keys.shape[1]):
        cache.update(keys[:, layer], values[:, layer], layer)
    return cache


def _padded(parts: Sequence[torch.Tensor | None], longest: int) -> torch.Tensor:
    """Stack tensors of shape (layers, heads, tokens, size) into one of shape (rows, layers, heads, longest, size)."""
    known = [part for part in parts if part is not None]
    table = known[0].new_zeros(len(known), *known[0].shape[:2], longest, known[0].shape[-1])
    for row, part in enumerate(known):
        table[row, :, :, : part.shape[2]] = part
    return table
