"""Loads the network and the tokenizer of a causal model, for scoring and for training. Knows transformers."""

from typing import Any

import torch

from lingua_shared.scoring.catalog import ModelSource


def load_network(
    source: ModelSource, *, dtype: torch.dtype, trust_remote_code: bool = False, **arguments: Any
) -> tuple[Any, Any]:
    """Return a causal model of transformers, and its tokenizer.

    Args:
        source: where its files are.
        dtype: precision of the weights.
        trust_remote_code: whether Python code of the folder or repository may run.
        **arguments: for both, such as `revision`.
    """
    import transformers  # noqa: PLC0415

    shared: dict[str, Any] = {"trust_remote_code": trust_remote_code, **arguments}
    if source.gguf_file:
        shared["gguf_file"] = source.gguf_file
    tokenizer = transformers.AutoTokenizer.from_pretrained(source.location, **shared)
    if source.gguf_file and hasattr(transformers, "GgufConfig"):
        # Unpacked weights: kernels for packed ones compute in float32, and have to be downloaded.
        shared["quantization_config"] = transformers.GgufConfig(dequantize=True)
    return transformers.AutoModelForCausalLM.from_pretrained(source.location, dtype=dtype, **shared), tokenizer
