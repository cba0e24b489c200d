"""Watch what models are asked to read, without changing what they answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from lingua_shared.scoring.causal.model import CausalModel


@contextmanager
def trunk_reads(model: CausalModel) -> Iterator[list[torch.Tensor]]:
    """Collects the token ids of every pass of a causal model's trunk, shape (rows, tokens), padding included."""
    passes: list[torch.Tensor] = []

    def note(_module: torch.nn.Module, _args: tuple[Any, ...], given: dict[str, Any]) -> None:
        passes.append(given["input_ids"])

    handle = model._trunk.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield passes
    finally:
        handle.remove()


@contextmanager
def embedder_reads(model: Any) -> Iterator[list[str]]:
    """Collects the texts that a `SentenceTransformer` reads, as its tokenizer spells them."""
    texts: list[str] = []

    def note(_module: torch.nn.Module, args: tuple[Any, ...]) -> None:
        texts.extend(model.tokenizer.decode(row, skip_special_tokens=True) for row in args[0]["input_ids"])

    handle = model[0].register_forward_pre_hook(note)
    try:
        yield texts
    finally:
        handle.remove()
