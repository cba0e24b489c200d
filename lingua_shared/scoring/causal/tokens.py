"""Token ids of texts for a causal model, with the characters that each token covers. Knows the tokenizer only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class EncodedText:
    """A tokenized text.

    Attributes:
        ids: token ids.
        starts: index of the first character of each token, int64, shape (tokens,).
        ends: index after the last character of each token, int64, shape (tokens,).
    """

    ids: tuple[int, ...]
    starts: np.ndarray
    ends: np.ndarray


def opening_ids(tokenizer: Any) -> tuple[int, ...]:
    """Return the ids that a tokenizer adds before every text, such as a BOS token; often none."""
    ids = tokenizer("a")["input_ids"]
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    return tuple(ids[: len(ids) - len(plain)]) if ids[-len(plain) :] == plain else ()


def encode(tokenizer: Any, texts: Sequence[str]) -> list[EncodedText]:
    """Tokenize texts without special tokens."""
    if not texts:
        return []
    if not tokenizer.is_fast:
        return [_encode_by_words(tokenizer, text) for text in texts]
    batch = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    return [
        EncodedText(tuple(ids), *_columns(offsets))
        for ids, offsets in zip(batch["input_ids"], batch["offset_mapping"], strict=True)
    ]


def _encode_by_words(tokenizer: Any, text: str) -> EncodedText:
    # A tokenizer in pure Python gives no offsets, so every token of a word covers the whole word.
    borders = [i for i in range(1, len(text)) if text[i].isspace() and not text[i - 1].isspace()]
    ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    for start, end in pairwise([0, *borders, len(text)]):
        piece = tokenizer(text[start:end], add_special_tokens=False)["input_ids"]
        ids += piece
        offsets += [(start, end)] * len(piece)
    return EncodedText(tuple(ids), *_columns(offsets))


def _columns(offsets: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.asarray(offsets, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
