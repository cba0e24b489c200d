"""Likelihoods, compared with a straightforward computation on tiny models of four families."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer

from lingua_shared.errors import UnsupportedModelError
from lingua_shared.scoring.causal import model as causal
from lingua_shared.scoring.causal.model import PREFIXES_AT_ONCE, CausalModel, Row
from lingua_shared.scoring.causal.prefix_cache import Prefix, PrefixCache
from tests import tiny_models
from tests.spies import trunk_reads

TEXTS = ["The lighthouse at Gull Point was built in 1871.", "A ferry left.", "東京都は😀 señor", "x"]


@pytest.fixture(name="folder", scope="module", params=tiny_models.NAMES)
def _folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(name="parts", scope="module")
def _parts(folder: Path) -> tuple[torch.nn.Module, AutoTokenizer]:
    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


@pytest.fixture(name="model", scope="module")
def _model(parts: tuple[torch.nn.Module, AutoTokenizer]) -> CausalModel:
    return CausalModel(*parts, batch_tokens=64)


def straight_line(model: torch.nn.Module, row: Row) -> list[float]:
    """The same numbers, one row and one token at a time, from the model's own logits."""
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([row.ids])).logits[0].float()
    losses = [
        -torch.log_softmax(logits[j - 1], dim=-1)[row.ids[j]].item() for j in range(max(row.first, 1), len(row.ids))
    ]
    return [float("nan"), *losses] if row.first == 0 else losses


def test_values_equal_those_of_the_whole_model(
    model: CausalModel, parts: tuple[torch.nn.Module, AutoTokenizer]
) -> None:
    """Each token's likelihood is that of the model's own logits, whatever the batch."""
    encoded = model.encode(TEXTS)
    rows = [Row(e.ids, first) for e in encoded for first in (0, 1, len(e.ids) // 2) if e.ids]
    for row, values in zip(rows, model.negative_log_likelihoods(rows), strict=True):
        np.testing.assert_allclose(values, straight_line(parts[0], row), atol=1e-4)


def test_results_do_not_depend_on_the_batch(model: CausalModel) -> None:
    """A row read with others equals the row read alone."""
    rows = [Row(e.ids, 1) for e in model.encode(TEXTS)]
    together = model.negative_log_likelihoods(rows)
    alone = [model.negative_log_likelihoods([row])[0] for row in rows]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_row_that_asks_for_nothing_gives_nothing(model: CausalModel) -> None:
    """A row without wanted tokens gives an empty result and needs no pass."""
    assert [len(v) for v in model.negative_log_likelihoods([Row((), 0), Row((1, 2), 2)])] == [0, 0]


def test_no_rows_give_no_results(model: CausalModel) -> None:
    """Without rows or texts, the results are empty."""
    assert model.negative_log_likelihoods([]) == []
    assert model.encode([]) == []


def test_offsets_are_slices_in_order(model: CausalModel) -> None:
    """Tokens cover characters of the text, in order."""
    for text, encoded in zip(TEXTS, model.encode(TEXTS), strict=True):
        assert len(encoded.ids) == len(encoded.starts) == len(encoded.ends)
        assert all(np.diff(encoded.ends) >= 0)
        assert (encoded.starts >= 0).all()
        assert (encoded.ends <= len(text)).all()


def test_a_tokenizer_without_offsets_covers_whole_words(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens of a tokenizer in pure Python cover the word that they are part of."""
    monkeypatch.setattr(model, "_tokenizer", _Slow(model._tokenizer))
    encoded = model.encode(["The ferry left."])[0]
    assert {(int(s), int(e)) for s, e in zip(encoded.starts, encoded.ends, strict=True)} == {(0, 3), (3, 9), (9, 15)}


class _Slow:
    """A tokenizer that says it is slow and gives no offsets."""

    is_fast = False

    def __init__(self, tokenizer: AutoTokenizer) -> None:
        self._tokenizer = tokenizer

    def __call__(self, text: str, *, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": self._tokenizer(text, add_special_tokens=add_special_tokens)["input_ids"]}


def test_opening_is_what_the_tokenizer_puts_in_front(folder: Path, model: CausalModel) -> None:
    """A BOS token is used where the tokenizer adds one, and nowhere else."""
    assert model.opening == ((1,) if "llama" in folder.name or "gemma" in folder.name else ())


def test_logits_stay_within_the_stated_bounds(
    model: CausalModel, parts: tuple[Any, AutoTokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No product has more than LOGIT_BYTES, no softmax more than SOFTMAX_BYTES; blocks give the same values as one."""
    rows = [Row(e.ids, 1) for e in model.encode(TEXTS[:2])]
    whole = model.negative_log_likelihoods(rows)
    products, softmaxes = [], []
    head = parts[0].get_output_embeddings()
    of_one_token = 4 * head.weight.shape[0]
    monkeypatch.setattr(causal, "LOGIT_BYTES", 5 * of_one_token + 3)
    monkeypatch.setattr(causal, "SOFTMAX_BYTES", 2 * of_one_token + 3)

    def note(logits: torch.Tensor, *args: Any, **options: Any) -> torch.Tensor:
        softmaxes.append(logits.numel() * logits.element_size())
        return cross_entropy(logits, *args, **options)

    monkeypatch.setattr(causal, "cross_entropy", note)
    hook = head.register_forward_hook(lambda *given: products.append(given[2].numel() * given[2].element_size()))
    in_blocks = model.negative_log_likelihoods(rows)
    hook.remove()
    assert (len(products) > 1, len(softmaxes) > len(products)) == (True, True)
    assert (max(products), max(softmaxes)) == (5 * of_one_token, 2 * of_one_token)
    for a, b in zip(whole, in_blocks, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_pass_has_no_more_tokens_than_asked(model: CausalModel) -> None:
    """Padding included, a forward pass stays within batch_tokens."""
    with trunk_reads(model) as passes:
        model.negative_log_likelihoods([Row(tuple([1, 2] * n), 1) for n in (3, 5, 7, 9, 11, 13)])
    assert len(passes) > 1
    assert max(ids.numel() for ids in passes) <= 64


def kept_of(model: CausalModel, befores: Sequence[tuple[int, ...]]) -> list[Prefix]:
    """The prefixes of these rows in the cache."""
    store = PrefixCache()
    model.negative_log_likelihoods([Row((*ids, 5), len(ids), keep=len(ids)) for ids in befores], keep=store)
    return [prefix for ids in befores if (prefix := store.get(ids)) is not None]


def rows_of(lengths: Iterable[int]) -> list[tuple[int, ...]]:
    """Rows of these lengths, no two alike."""
    return [tuple((3 * n + 7 * i) % 50 + 2 for i in range(n)) for n in lengths]


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param([9], id="one"),
        pytest.param([1, 40, 7, 7], id="different lengths"),
        pytest.param(range(1, PREFIXES_AT_ONCE + 5), id="more than are read at once"),
    ],
)
def test_continuing_equals_reading_whole_rows(model: CausalModel, lengths: Iterable[int]) -> None:
    """Tokens after a cached prefix get the likelihoods that they have in one row with it, in the order asked."""
    if not model.continues:
        pytest.skip("cannot continue after a prefix")
    befores, ids = rows_of(lengths), (3, 8, 5, 21)
    expected = model.negative_log_likelihoods([Row((*before, *ids), len(before)) for before in befores])
    behind = model.likelihoods_after(kept_of(model, befores), ids)
    assert len(behind) == len(expected)
    for ours, whole in zip(behind, expected, strict=True):
        np.testing.assert_allclose(ours, whole, atol=1e-4)


def test_continuing_reads_no_prefix_again(model: CausalModel) -> None:
    """The trunk sees the new tokens only, PREFIXES_AT_ONCE rows at a time."""
    if not model.continues:
        pytest.skip("cannot continue after a prefix")
    prefixes = kept_of(model, rows_of(range(1, PREFIXES_AT_ONCE + 5)))
    with trunk_reads(model) as passes:
        model.likelihoods_after(prefixes, (3, 8))
    assert [tuple(ids.shape) for ids in passes] == [(PREFIXES_AT_ONCE, 2), (4, 2)]


def test_a_model_that_cannot_continue_caches_states_only(model: CausalModel) -> None:
    """Keys and values are cached only if the model can use them."""
    for prefix in kept_of(model, rows_of([3, 8])):
        assert (prefix.keys is not None) == (prefix.values is not None) == model.continues


def test_which_models_continue(folder: Path, model: CausalModel) -> None:
    """Models with plain attention can; Gemma 2, with soft caps and sliding windows, cannot."""
    assert model.continues == (not folder.name.startswith("gemma2"))


def test_a_model_with_an_unknown_head_is_refused(
    parts: tuple[torch.nn.Module, AutoTokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model whose logits are not its head of its last hidden state raises instead of scoring wrongly."""
    forward = type(parts[0]).forward

    def doubled(self: torch.nn.Module, *args: object, **kwargs: object) -> object:
        output = forward(self, *args, **kwargs)
        output.logits = output.logits * 2 + 1
        return output

    monkeypatch.setattr(type(parts[0]), "forward", doubled)
    with pytest.raises(UnsupportedModelError, match=type(parts[0]).__name__):
        CausalModel(*parts, batch_tokens=64)
