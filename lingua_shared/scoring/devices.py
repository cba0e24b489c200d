"""Chooses the device and the precision of models. Knows torch, but no model."""

import torch

from lingua_shared.errors import InvalidInputError, reason, short

CPU_BATCH_TOKENS = 1024
ACCELERATOR_BATCH_TOKENS = 16_384


def choose_device(name: str) -> torch.device:
    """Return the device that an option names; "auto" is cuda if there is one, else mps, else cpu.

    Raises:
        InvalidInputError: torch does not know the device, this machine does not have it, or it cannot compute.
    """
    if name != "auto":
        return _named_device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _named_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.ones(1, device=device).item()  # raises for "meta", which has shapes but no values
    except (RuntimeError, AssertionError) as error:
        msg = (
            f'device {short(name)} cannot be used here; take "auto", "cpu", or a device that torch sees '
            f"({reason(error)})"
        )
        raise InvalidInputError(msg) from error
    return device


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """Return the dtype that an option names; "auto" is a 16-bit one if the hardware computes in it, else float32."""
    if name != "auto":
        dtype: torch.dtype = getattr(torch, name)
        return dtype
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _cpu_has_bfloat16() -> bool:
    # Without such instructions, torch emulates bfloat16, which is slower than float32.
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "arm_bf16"))


def default_batch_tokens(device: torch.device) -> int:
    """Return the tokens of a batch, padding included: few, to fit a CPU's cache, or many, to use a whole GPU."""
    return CPU_BATCH_TOKENS if device.type == "cpu" else ACCELERATOR_BATCH_TOKENS
