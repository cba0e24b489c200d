"""Turns groups (a question, its gold passages, distractors) into batches of tensors with targets for each token."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.encoder.model import ANSWER, SUPPORT
from lingua_shared.scoring.encoder.pairs import Pair, PairTokenizer, padded
from lingua_shared.training.records import MarkedPassage, TextSpan

IGNORED = -1.0
"""Target of tokens that no loss is computed for, such as those of the question."""

_LENGTH_STEP = 32
"""Batches are padded to a multiple of this many tokens."""


@dataclass(frozen=True)
class Group:
    """A question in the wording that the model reads, with gold passages and distractors."""

    question: str
    gold: tuple[MarkedPassage, ...]
    distractors: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Pairs of question and passage of similar length, padded.

    Attributes:
        input_ids: token ids, int64, shape (pairs, length).
        attention_mask: 1 for a token and 0 for padding, int64, shape (pairs, length).
        token_type_ids: token types, int64, shape (pairs, length).
        targets: support and answer target of each token, 0 or 1 or `IGNORED`, float32, shape (pairs, length, 2).
        indices: index of each pair among all pairs of the step, int64, shape (pairs,).
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    targets: Tensor
    indices: Tensor


def batches_of(groups: Sequence[Group], tokenizer: PairTokenizer, *, tokens: int) -> list[Batch]:
    """Return the pairs of a step in batches, shortest pairs first.

    Args:
        groups: groups of the step; pairs are numbered group by group, gold passages first.
        tokenizer: tokenizer of the trunk.
        tokens: maximum number of tokens in a batch, padding included.
    """
    encoded = [_encoded(group.question, text, tokenizer) for group in groups for text in _passages(group)]
    lengths = [len(pair.ids) for pair, _ in encoded]
    return [
        _batch([encoded[i] for i in indices], indices, tokenizer.pad)
        for indices in by_length(lengths, tokens=tokens, step=_LENGTH_STEP)
    ]


def _passages(group: Group) -> list[MarkedPassage | str]:
    return [*group.gold, *group.distractors]


def _encoded(question: str, passage: MarkedPassage | str, tokenizer: PairTokenizer) -> tuple[Pair, np.ndarray]:
    """A pair with its targets; of a long passage, the window with the most support."""
    text = passage if isinstance(passage, str) else passage.text
    windows = [(pair, _targets(pair, passage)) for pair in tokenizer.pairs(question, [text])[0]]
    return max(windows, key=lambda window: float(window[1].clip(min=0).sum()))


def _targets(pair: Pair, passage: MarkedPassage | str) -> np.ndarray:
    targets = np.full((len(pair.ids), 2), IGNORED, dtype=np.float32)
    of_passage = slice(pair.first, pair.first + len(pair.starts))
    if isinstance(passage, str):
        targets[of_passage] = 0.0
        return targets
    for column, spans in ((SUPPORT, passage.support), (ANSWER, passage.answers)):
        if spans is not None:
            targets[of_passage, column] = _inside(pair.starts, pair.ends, spans)
    return targets


def _inside(starts: np.ndarray, ends: np.ndarray, spans: Sequence[TextSpan]) -> np.ndarray:
    """1 for each token that overlaps one of the spans, else 0."""
    marked = np.zeros(len(starts), dtype=bool)
    for start, end in spans:
        marked |= (starts < end) & (ends > start)
    return marked.astype(np.float32)


def _batch(encoded: Sequence[tuple[Pair, np.ndarray]], indices: Sequence[int], pad: int) -> Batch:
    arrays = padded([pair for pair, _ in encoded], pad=pad, step=_LENGTH_STEP)
    targets = np.full((*arrays[0].shape, 2), IGNORED, dtype=np.float32)
    for row, (_, of_pair) in enumerate(encoded):
        targets[row, : len(of_pair)] = of_pair
    return Batch(*(torch.from_numpy(array) for array in (*arrays, targets, np.asarray(indices))))
