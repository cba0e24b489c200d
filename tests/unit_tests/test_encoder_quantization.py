"""Quantized weights: 8 and 4 bits."""

import pytest
import torch
from torch import Tensor

from lingua_shared.scoring.encoder.quantization import dequantize, quantize, round_to_four_bits


def matrix(rows: int = 40, columns: int = 64, seed: int = 3) -> Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def in_four_bits(rows: int = 40, groups: int = 3, seed: int = 3) -> Tensor:
    """A matrix of whole steps in groups of 32; the farthest value of each group is -8 steps."""
    generator = torch.Generator().manual_seed(seed)
    levels = torch.randint(-7, 8, (rows, groups, 32), generator=generator)
    levels[:, :, 5] = -8
    sign = torch.randint(0, 2, (rows, groups, 1), generator=generator) * 2 - 1
    steps = (torch.rand(rows, groups, 1, generator=generator) + 0.01).half().float() * sign
    return (levels * steps).reshape(rows, -1)


def size(stored: dict[str, Tensor]) -> int:
    return sum(value.numel() * value.element_size() for value in stored.values())


def test_a_matrix_in_four_bits_comes_back_exactly() -> None:
    """Steps may be negative; two values share a byte, and 32 values share a step."""
    weight = in_four_bits()
    stored = quantize("w", weight)
    assert torch.equal(dequantize(stored)["w"], weight)
    assert size(stored) == weight.numel() / 2 + 2 * weight.numel() / 32


def test_a_group_of_zeros() -> None:
    """There is no division by a step of 0."""
    weight = in_four_bits()
    weight[3, :32] = 0
    assert torch.equal(dequantize(quantize("w", weight))["w"], weight)


def test_any_matrix_can_be_rounded_to_four_bits() -> None:
    """The farthest value of a group is exact; others move by half a step, or by one step at the other end."""
    weight = matrix()
    weight[3, :32] = 0
    rounded = round_to_four_bits(weight)
    steps = weight.reshape(40, 2, 32).abs().amax(dim=2).repeat_interleave(32, dim=1) / 8
    assert ((rounded - weight).abs() <= steps * 1.01).all()
    assert (rounded - weight).abs().mean() < 0.3 * steps.mean()
    assert torch.equal(dequantize(quantize("w", rounded))["w"], rounded)
    assert torch.equal(round_to_four_bits(rounded), rounded)
    assert set(quantize("w", rounded)) == {"w.nibbles", "w.steps"}


@pytest.mark.parametrize(
    "weight",
    [
        pytest.param(matrix(), id="values between the steps"),
        pytest.param(torch.where(torch.arange(96) == 40, in_four_bits() * 1.05, in_four_bits()), id="one value off"),
        pytest.param(in_four_bits()[:, :90], id="no whole groups"),
    ],
)
def test_other_matrices_take_eight_bits(weight: Tensor) -> None:
    """Each value is within half a step of its row."""
    stored = quantize("w", weight)
    assert stored["w"].dtype == torch.int8
    half = weight.abs().amax(dim=1, keepdim=True) / 127 / 2
    assert ((dequantize(stored)["w"] - weight).abs() <= half * 1.001).all()


@pytest.mark.parametrize("weight", [torch.arange(5.0), matrix(2), matrix(15)])
def test_vectors_and_small_matrices_stay_as_they_are(weight: Tensor) -> None:
    """They are stored in float32."""
    assert torch.equal(dequantize(quantize("w", weight))["w"], weight)


def test_several_weights_do_not_mix() -> None:
    """Weights keep their names, whatever form each is stored in."""
    weights = {"a": matrix(), "b": in_four_bits(), "c": torch.arange(4.0), "a.b": in_four_bits(seed=4)}
    stored = {key: value for name, weight in weights.items() for key, value in quantize(name, weight).items()}
    back = dequantize(stored)
    assert back.keys() == weights.keys()
    assert all(torch.equal(back[name], weights[name]) for name in ("b", "c", "a.b"))
