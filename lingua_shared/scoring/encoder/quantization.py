"""Packs matrices for files of weights: 8 bits with one scale a row; 4 bits where a matrix was rounded to them before.

A trunk that comes in 4 bits, as its frozen word embeddings still are after training, loses nothing that way.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE, _NIBBLES, _STEPS = ".scale", ".nibbles", ".steps"
_LEAST_ROWS = 16
_GROUP = 32
"""Values that share a step in 4 bits, as in the formats Q4_0 and MatMulNBits."""

_TOLERANCE = 0.01
"""Of a step: how far a value may be from its 4 bits and count as rounded to them."""


def pack(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Return what stands in a file for one weight: vectors and small matrices as they are."""
    if weight.ndim < 2 or len(weight) < _LEAST_ROWS:
        return {name: weight.contiguous()}
    if (in_four_bits := _four_bits(weight)) is not None:
        nibbles, steps = in_four_bits
        return {name + _NIBBLES: nibbles, name + _STEPS: steps}
    scale = weight.abs().amax(dim=1).clamp(min=1e-12) / 127
    return {name: (weight / scale[:, None]).round().to(torch.int8), name + _SCALE: scale}


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights, in float32, of everything that `pack` made."""
    weights = {}
    for key, value in packed.items():
        if key.endswith(_NIBBLES):
            name = key.removesuffix(_NIBBLES)
            weights[name] = _from_four_bits(value, packed[name + _STEPS])
        elif not key.endswith((_SCALE, _STEPS)):
            weights[key] = value.float() * packed[key + _SCALE][:, None] if key + _SCALE in packed else value
    return weights


def four_bits_can_hold(weight: Tensor) -> Tensor:
    """Return the nearest matrix that 4 bits hold without loss.

    Args:
        weight: shape (rows, columns); columns must be a multiple of 32.
    """
    levels, steps = _levels_and_steps(weight)
    return (levels * steps).reshape(weight.shape)


def _four_bits(weight: Tensor) -> tuple[Tensor, Tensor] | None:
    """Two values a byte, uint8 of shape (rows, columns / 2), and the step of each group, float16; None with a loss."""
    if weight.shape[1] % _GROUP:
        return None
    levels, steps = _levels_and_steps(weight)
    if ((levels * steps - weight.reshape(levels.shape)).abs() > _TOLERANCE * steps.abs()).any():
        return None
    bits = (levels + 8).to(torch.uint8).reshape(len(weight), -1)
    return bits[:, ::2] | (bits[:, 1::2] << 4), steps.squeeze(2).half()


def _levels_and_steps(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers of -8 to 7, shape (rows, groups, 32), and what one of them stands for, shape (rows, groups, 1)."""
    groups = weight.reshape(len(weight), -1, _GROUP)
    farthest = groups.gather(2, groups.abs().argmax(dim=2, keepdim=True))
    steps = (farthest / -8).half().float()  # so that the farthest value, of either sign, is -8 steps
    return torch.where(steps == 0, 0.0, groups / torch.where(steps == 0, 1.0, steps)).round().clamp(-8, 7), steps


def _from_four_bits(nibbles: Tensor, steps: Tensor) -> Tensor:
    bits = torch.stack([nibbles & 15, nibbles >> 4], dim=2).reshape(len(nibbles), -1)
    levels = bits.float().reshape(len(bits), -1, _GROUP) - 8
    return (levels * steps.float()[:, :, None]).reshape(len(bits), -1)
