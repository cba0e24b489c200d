"""Causal attention for short rows on a CPU, as two batched matrix products with a softmax between them.

torch's fused attention keeps no scores, which pays for long rows; on a CPU and rows of a few hundred tokens in
bfloat16 the products themselves are faster. Knows torch and how transformers registers attention.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

NAME = "lingua_products"

LONGEST = 512
"""Rows longer than this go to torch's fused attention: the scores of a batch would no longer stay in the cache."""

_NOT_PLAIN = ("sliding_window", "attn_logit_softcapping", "attention_chunk_size")


def is_plain(config: Any) -> bool:
    """Whether every layer of a model sees all tokens before, with scores as they are: no window, no cap.

    Args:
        config: the configuration of a transformers text model.
    """
    kinds = getattr(config, "layer_types", None) or ()
    return not any(getattr(config, name, None) for name in _NOT_PLAIN) and set(kinds) <= {"full_attention"}


def use_products(model: Any) -> None:
    """Let a causal model attend by products, where its attention is plain and its outputs stay the same.

    Args:
        model: a transformers model on a CPU; one whose attention is of another kind is left as it is.
    """
    config = model.config.get_text_config()
    if not is_plain(config):
        return
    before, expected = config._attn_implementation, _probe(model)  # noqa: SLF001 (it has no public name)
    try:
        model.set_attn_implementation(NAME)
        same = torch.allclose(_probe(model), expected, rtol=0.1, atol=0.05 * float(expected.abs().max()))
    except (ValueError, RuntimeError, TypeError, AttributeError):  # an architecture that takes no such function
        same = False
    if not same:
        model.set_attn_implementation(before)


def probe_ids(vocabulary: int, count: int) -> list[int]:
    """Return ids all over a vocabulary; the lowest are often special tokens, on which bfloat16 is least exact."""
    return [(vocabulary // 2 + 7919 * i) % vocabulary for i in range(count)]


@torch.inference_mode()
def _probe(model: Any) -> torch.Tensor:
    ids = torch.tensor(probe_ids(model.config.get_text_config().vocab_size, 32)).reshape(2, 16)
    states: torch.Tensor = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    return states.float()


def attend(
    module: torch.nn.Module,  # noqa: ARG001 (part of the signature)
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend causally; the signature is that of transformers' attention functions.

    Args:
        module: the attention layer, unused.
        query: shape (rows, heads, tokens, size).
        key: shape (rows, key heads, tokens, size); several heads may share one of them.
        value: as `key`.
        attention_mask: which keys each token sees, where rows go on behind a cache; None where rows are right-padded
            and start at their beginning.
        scaling: factor of the scores; None is 1 / sqrt(size).

    Returns:
        Shape (rows, tokens, heads, size), and no weights.
    """
    rows, heads, tokens, size = query.shape
    scaling = size**-0.5 if scaling is None else scaling
    if attention_mask is not None or tokens > LONGEST:
        mixed = scaled_dot_product_attention(
            query, key, value, attention_mask, is_causal=attention_mask is None, scale=scaling, enable_gqa=True
        )
        return mixed.transpose(1, 2).contiguous(), None
    shared = rows * key.shape[1]
    # Heads that share a key stand one below the other, so one product serves them all and no key is copied.
    scores = torch.bmm((query * scaling).reshape(shared, -1, size), key.reshape(shared, tokens, size).transpose(1, 2))
    ahead = torch.full((tokens, tokens), float("-inf"), dtype=scores.dtype, device=scores.device).triu(1)
    weights = torch.softmax(scores.view(shared, -1, tokens, tokens).add_(ahead), dim=-1).view(shared, -1, tokens)
    mixed = torch.bmm(weights, value.reshape(shared, tokens, size)).view(rows, heads, tokens, size)
    return mixed.transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, attend)
