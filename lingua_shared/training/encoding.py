"""Turns groups (a question, passages that answer it, others) into arrays for the network, with their targets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lingua_shared.scorers.pairs import Pair, PairTokenizer
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
    encoded = [
        (len(ids), place, ids, types, targets)
        for place, (question, passage) in enumerate(_pairs(groups))
        for ids, types, targets in [_encoded(question, passage, tokenizer)]
    ]
    encoded.sort(key=lambda pair: pair[:2])
    batches, start = [], 0
    while start < len(encoded):
        end = start + 1
        while end < len(encoded) and _round_up(encoded[end][0]) * (end + 1 - start) <= tokens:
            end += 1
        batches.append(_padded([pair[1:] for pair in encoded[start:end]], _round_up(encoded[end - 1][0])))
        start = end
    return batches


def _pairs(groups: Sequence[Group]) -> list[tuple[str, MarkedPassage | str]]:
    pairs: list[tuple[str, MarkedPassage | str]] = []
    for group in groups:
        pairs += [(group.question, passage) for passage in group.gold]
        pairs += [(group.question, passage) for passage in group.distractors]
    return pairs


def _encoded(
    question: str, passage: MarkedPassage | str, tokenizer: PairTokenizer
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, token types and targets of a pair; of a passage beyond the window, that with most evidence in it."""
    text = passage if isinstance(passage, str) else passage.text
    marked = [(pair, _targets(pair, passage)) for pair in tokenizer.pairs(question, [text])[0]]
    pair, targets = max(marked, key=lambda window: float(window[1].clip(min=0).sum()))
    return pair.ids, pair.types, targets


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


def _padded(pairs: Sequence[tuple[int, np.ndarray, np.ndarray, np.ndarray]], length: int) -> Batch:
    ids, mask, types = (np.zeros((len(pairs), length), dtype=np.int64) for _ in range(3))
    targets = np.full((len(pairs), length, 2), IGNORED, dtype=np.float32)
    for row, (_, pair_ids, pair_types, pair_targets) in enumerate(pairs):
        ids[row, : len(pair_ids)] = pair_ids
        types[row, : len(pair_ids)] = pair_types
        mask[row, : len(pair_ids)] = 1
        targets[row, : len(pair_ids)] = pair_targets
    places = np.asarray([place for place, *_ in pairs])
    return Batch(*(torch.from_numpy(array) for array in (ids, mask, types, targets, places)))


def _round_up(length: int) -> int:
    return -(-length // _STEP) * _STEP
