"""Chooses where a model runs and in which precision. Knows torch, no model."""

import torch

from lingua_shared.errors import InvalidInputError

CPU_BATCH_TOKENS = 1024
ACCELERATOR_BATCH_TOKENS = 16_384


def choose_device(name: str) -> torch.device:
    """Turn an option into a device; "auto" takes cuda, then mps, then cpu, by what is there.

    Raises:
        InvalidInputError: the name is no device of torch, or this machine does not have it.
    """
    if name != "auto":
        return _named_device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _named_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        msg = f'device "{name}" cannot be used here; take "auto", "cpu", or a device that torch sees ({error})'
        raise InvalidInputError(msg) from error
    return device


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """Turn an option into a dtype; "auto" takes bfloat16 where the hardware computes in it, else what is safe."""
    if name != "auto":
        dtype: torch.dtype = getattr(torch, name)
        return dtype
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _cpu_has_bfloat16() -> bool:
    # Without such instructions torch emulates bfloat16 and is slower than in float32.
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "arm_bf16"))


def default_batch_tokens(device: torch.device) -> int:
    """Tokens of one forward pass, padding included: small batches keep a CPU's cache, large ones fill a GPU."""
    return CPU_BATCH_TOKENS if device.type == "cpu" else ACCELERATOR_BATCH_TOKENS
