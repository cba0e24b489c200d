"""Quantizes weights for storage: int8 with one scale per row, or 4 bits where this loses nothing.

Weights that were rounded to 4 bits before, such as word embeddings that stayed frozen in training, are stored in
4 bits. Knows tensors only.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE, _NIBBLES, _STEPS = ".scale", ".nibbles", ".steps"
_MIN_ROWS = 16
"""Matrices with fewer rows are stored as they are."""

_GROUP = 32
"""Number of values that share a step in 4 bits, as in the formats Q4_0 and MatMulNBits."""

_TOLERANCE = 0.01
"""Largest distance, in steps, of a value from its 4-bit level for which 4 bits count as lossless."""


def quantize(name: str, weight: Tensor) -> dict[str, Tensor]:
    """Return the tensors that a file stores for a weight; vectors and small matrices stay as they are."""
    if weight.ndim < 2 or len(weight) < _MIN_ROWS:
        return {name: weight.contiguous()}
    if (in_four_bits := _four_bits(weight)) is not None:
        nibbles, steps = in_four_bits
        return {name + _NIBBLES: nibbles, name + _STEPS: steps}
    scale = weight.abs().amax(dim=1).clamp(min=1e-12) / 127
    return {name: (weight / scale[:, None]).round().to(torch.int8), name + _SCALE: scale}


def dequantize(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return all weights, in float32, from the tensors of a file."""
    weights = {}
    for key, value in stored.items():
        if key.endswith(_NIBBLES):
            name = key.removesuffix(_NIBBLES)
            weights[name] = _from_four_bits(value, stored[name + _STEPS])
        elif not key.endswith((_SCALE, _STEPS)):
            weights[key] = value.float() * stored[key + _SCALE][:, None] if key + _SCALE in stored else value
    return weights


def round_to_four_bits(weight: Tensor) -> Tensor:
    """Return the nearest matrix that can be stored in 4 bits without loss.

    Args:
        weight: shape (rows, columns); columns must be a multiple of 32.
    """
    levels, steps = _levels_and_steps(weight)
    return (levels * steps).reshape(weight.shape)


def _four_bits(weight: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return the 4-bit form of a matrix, or None where it would lose precision.

    Returns:
        Two values per byte, uint8, shape (rows, columns / 2), and the step of each group, float16.
    """
    if weight.shape[1] % _GROUP:
        return None
    levels, steps = _levels_and_steps(weight)
    if ((levels * steps - weight.reshape(levels.shape)).abs() > _TOLERANCE * steps.abs()).any():
        return None
    nibbles = (levels + 8).to(torch.uint8).reshape(len(weight), -1)
    return nibbles[:, ::2] | (nibbles[:, 1::2] << 4), steps.squeeze(2).half()


def _levels_and_steps(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Integer levels from -8 to 7, shape (rows, groups, 32), and the size of a step, shape (rows, groups, 1)."""
    groups = weight.reshape(len(weight), -1, _GROUP)
    farthest = groups.gather(2, groups.abs().argmax(dim=2, keepdim=True))
    steps = (farthest / -8).half().float()  # the value farthest from 0, of either sign, is -8 steps
    return torch.where(steps == 0, 0.0, groups / torch.where(steps == 0, 1.0, steps)).round().clamp(-8, 7), steps


def _from_four_bits(nibbles: Tensor, steps: Tensor) -> Tensor:
    both = torch.stack([nibbles & 15, nibbles >> 4], dim=2).reshape(len(nibbles), -1)
    levels = both.float().reshape(len(both), -1, _GROUP) - 8
    return (levels * steps.float()[:, :, None]).reshape(len(both), -1)
