"""Attention by products against torch's own, and which models take it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AutoModelForCausalLM

from lingua_shared.scoring.causal.attention import LONGEST, NAME, attend, use_products
from lingua_shared.scoring.causal.model import Row
from lingua_shared.scoring.loading import Models
from tests import tiny_models

Parts = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def made(heads: int, shared: int, tokens: int, *, keys: int, dtype: torch.dtype) -> Parts:
    """Query, key and value of two rows."""
    torch.manual_seed(heads + tokens)
    query, key, value = (
        torch.randn(2, heads, tokens, 8),
        torch.randn(2, shared, keys, 8),
        torch.randn(2, shared, keys, 8),
    )
    return query.to(dtype), key.to(dtype), value.to(dtype)


def expected(parts: Parts, mask: torch.Tensor | None, scale: float | None) -> torch.Tensor:
    """What torch gives in float32."""
    query, key, value = (part.float() for part in parts)
    mixed = scaled_dot_product_attention(query, key, value, mask, is_causal=mask is None, scale=scale, enable_gqa=True)
    return mixed.transpose(1, 2)


@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
@pytest.mark.parametrize(("heads", "shared"), [(4, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize("tokens", [1, 17, LONGEST, LONGEST + 1])
@pytest.mark.parametrize("scaling", [None, 0.5])
def test_attention_equals_torchs(
    heads: int, shared: int, tokens: int, scaling: float | None, dtype: torch.dtype, within: float
) -> None:
    """With heads that share keys, of any length, each token sees itself and what stands before it."""
    parts = made(heads, shared, tokens, keys=tokens, dtype=dtype)
    mixed, weights = attend(torch.nn.Identity(), *parts, None, scaling, dropout=0.0, is_causal=True)
    assert (mixed.shape, mixed.dtype, weights) == ((2, tokens, heads, 8), dtype, None)
    torch.testing.assert_close(mixed.float(), expected(parts, None, scaling), atol=within, rtol=within)


@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
def test_a_mask_says_which_keys_are_seen(dtype: torch.dtype, within: float) -> None:
    """Behind a cache there are more keys than tokens, and some of them are padding."""
    parts = made(4, 2, 3, keys=9, dtype=dtype)
    mask = torch.ones(2, 1, 3, 9, dtype=torch.bool).tril(6)
    mask[1, :, :, 2:6] = False
    mixed, _ = attend(torch.nn.Identity(), *parts, mask)
    torch.testing.assert_close(mixed.float(), expected(parts, mask, None), atol=within, rtol=within)


def test_attention_changes_nothing_that_it_is_given() -> None:
    """The products work in place on what is their own only."""
    parts = made(4, 2, 5, keys=5, dtype=torch.float32)
    before = [part.clone() for part in parts]
    attend(torch.nn.Identity(), *parts, None)
    assert all(torch.equal(part, copy) for part, copy in zip(parts, before, strict=True))


def states(model: Any, ids: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        hidden: torch.Tensor = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
    return hidden


@pytest.mark.parametrize(
    ("name", "takes"),
    [("llama", True), ("gpt2", True), ("opt", True), ("gemma2", False), ("mistral", False), ("qwen2", False)],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_which_models_attend_by_products(name: str, takes: bool, dtype: torch.dtype, models_folder: Path) -> None:  # noqa: FBT001
    """Plain attention is taken over and gives the same states; what caps or limits its look back stays as it was."""
    model = AutoModelForCausalLM.from_pretrained(tiny_models.options(models_folder, name).model, dtype=dtype).eval()
    ids = torch.arange(1, 41).reshape(2, 20)
    before, wanted = model.config._attn_implementation, states(model, ids)
    use_products(model)
    assert model.config._attn_implementation == (NAME if takes else before)
    # Rounded in other places, bfloat16 may differ by a few of its steps.
    within = 1e-5 if dtype is torch.float32 else 0.05 * float(wanted.abs().max())
    torch.testing.assert_close(states(model, ids), wanted, atol=within, rtol=1e-5)


def wrong(_module: Any, query: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, None]:
    return torch.zeros_like(query).transpose(1, 2).contiguous(), None


def refuses(*_: Any, **__: Any) -> tuple[torch.Tensor, None]:
    msg = "cannot attend"
    raise RuntimeError(msg)


@pytest.mark.parametrize("function", [wrong, refuses])
def test_a_model_that_would_give_other_states_keeps_its_attention(
    function: Callable[..., Any], models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the function fits an architecture badly, the one before is put back and works."""
    monkeypatch.setitem(AttentionInterface._global_mapping, NAME, function)
    model = AutoModelForCausalLM.from_pretrained(tiny_models.options(models_folder).model).eval()
    ids = torch.arange(1, 9).reshape(1, 8)
    before, wanted = model.config._attn_implementation, states(model, ids)
    use_products(model)
    assert model.config._attn_implementation == before
    torch.testing.assert_close(states(model, ids), wanted)


def test_models_on_a_cpu_are_loaded_so(models_folder: Path) -> None:
    """What is loaded attends by products, and its likelihoods are those of the model as it is."""
    options = tiny_models.options(models_folder)
    loaded, plain = Models(options).causal(), tiny_models.load(Path(options.model))
    assert loaded._config._attn_implementation == NAME
    rows = [Row(encoded.ids, 1) for encoded in plain.encode(tiny_models.CORPUS)]
    for ours, theirs in zip(loaded.negative_log_likelihoods(rows), plain.negative_log_likelihoods(rows), strict=True):
        torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs), atol=1e-4, rtol=1e-4)
