"""Reading likelihoods, against a straight-line computation on tiny models of four families."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from lingua_shared.errors import UnsupportedModelError
from lingua_shared.scorers import causal
from lingua_shared.scorers.causal import CausalModel, Row
from tests import tiny_models

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
    """Rows without wanted positions come back empty and cost no pass."""
    assert [len(v) for v in model.negative_log_likelihoods([Row((), 0), Row((1, 2), 2)])] == [0, 0]


def test_no_rows_give_no_results(model: CausalModel) -> None:
    """Nothing asked, nothing answered."""
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


@pytest.fixture(name="spied_logits")
def _spied_logits(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collects the bytes of every block of logits."""
    sizes: list[int] = []
    original = model._logits

    def spy(hidden: torch.Tensor) -> torch.Tensor:
        logits = original(hidden)
        sizes.append(logits.numel() * logits.element_size())
        return logits

    monkeypatch.setattr(model, "_logits", spy)
    return sizes


def test_logits_stay_within_the_stated_bound(
    model: CausalModel, spied_logits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No block of logits is larger than LOGIT_BYTES, and several blocks give the same values as one."""
    rows = [Row(e.ids, 1) for e in model.encode(TEXTS[:2])]
    whole = model.negative_log_likelihoods(rows)
    spied_logits.clear()
    monkeypatch.setattr(causal, "LOGIT_BYTES", 2_000)
    chunked = model.negative_log_likelihoods(rows)
    assert len(spied_logits) > 1
    assert max(spied_logits) <= 2_000
    for a, b in zip(whole, chunked, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_pass_has_no_more_tokens_than_asked(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding included, a forward pass stays within batch_tokens."""
    seen: list[int] = []
    original = model._hidden

    def spy(rows: list[Row]) -> torch.Tensor:
        hidden = original(rows)
        seen.append(hidden.shape[0] * hidden.shape[1])
        return hidden

    monkeypatch.setattr(model, "_hidden", spy)
    model.negative_log_likelihoods([Row(tuple([1, 2] * n), 1) for n in (3, 5, 7, 9, 11, 13)])
    assert len(seen) > 1
    assert max(seen) <= 64


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
