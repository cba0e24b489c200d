"""Turns groups (a question, passages that answer it, others) into arrays for the network, with their targets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lingua_shared.scoring.batching import by_length
from lingua_shared.scoring.encoder.pairs import Pair, PairTokenizer, padded
from lingua_shared.training.records import MarkedPassage, SpanOfText

IGNORED = -1.0
_STEP = 32


@dataclass(frozen=True)
class Group:
    """A question as it is asked, with gold passages first and distractors behind them."""

    question: str
    gold: tuple[MarkedPassage, ...]
    distractors: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Pairs of like length, padded.

    Attributes:
        input_ids, attention_mask, token_type_ids: for the network, int64, shape (pairs, length).
        targets: evidence and answer for each token, 0 or 1 or `IGNORED`, float32, shape (pairs, length, 2).
        places: where each pair stands among all pairs of the step, int64, shape (pairs,).
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    targets: Tensor
    places: Tensor


def batches_of(groups: Sequence[Group], tokenizer: PairTokenizer, *, tokens: int) -> list[Batch]:
    """Return the pairs of groups, group by group in `places`, in batches of about so many tokens, shortest first."""
    encoded = [_encoded(question, passage, tokenizer) for question, passage in _pairs(groups)]
    lengths = [len(pair.ids) for pair, _ in encoded]
    return [
        _batch([encoded[place] for place in places], places, tokenizer.pad)
        for places in by_length(lengths, tokens=tokens, step=_STEP)
    ]


def _pairs(groups: Sequence[Group]) -> list[tuple[str, MarkedPassage | str]]:
    pairs: list[tuple[str, MarkedPassage | str]] = []
    for group in groups:
        pairs += [(group.question, passage) for passage in group.gold]
        pairs += [(group.question, passage) for passage in group.distractors]
    return pairs


def _encoded(question: str, passage: MarkedPassage | str, tokenizer: PairTokenizer) -> tuple[Pair, np.ndarray]:
    """A pair and its targets; of a passage beyond the window, that with most evidence in it."""
    text = passage if isinstance(passage, str) else passage.text
    marked = [(pair, _targets(pair, passage)) for pair in tokenizer.pairs(question, [text])[0]]
    return max(marked, key=lambda window: float(window[1].clip(min=0).sum()))


def _targets(pair: Pair, passage: MarkedPassage | str) -> np.ndarray:
    targets = np.full((len(pair.ids), 2), IGNORED, dtype=np.float32)
    of_passage = slice(pair.first, pair.first + len(pair.starts))
    if isinstance(passage, str):
        targets[of_passage] = 0.0
        return targets
    for column, spans in enumerate((passage.evidence, passage.answers)):
        if spans is not None:
            targets[of_passage, column] = _inside(pair.starts, pair.ends, spans)
    return targets


def _inside(starts: np.ndarray, ends: np.ndarray, spans: Sequence[SpanOfText]) -> np.ndarray:
    marked = np.zeros(len(starts), dtype=bool)
    for start, end in spans:
        marked |= (starts < end) & (ends > start)
    return marked.astype(np.float32)


def _batch(encoded: Sequence[tuple[Pair, np.ndarray]], places: Sequence[int], pad: int) -> Batch:
    arrays = padded([pair for pair, _ in encoded], pad=pad, step=_STEP)
    targets = np.full((*arrays[0].shape, 2), IGNORED, dtype=np.float32)
    for row, (_, of_pair) in enumerate(encoded):
        targets[row, : len(of_pair)] = of_pair
    return Batch(*(torch.from_numpy(array) for array in (*arrays, targets, np.asarray(places))))
