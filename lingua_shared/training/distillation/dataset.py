"""Turns labelled records into token ids with a target for each token, and parts training from development records."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lingua_shared.scoring.batching import windows
from lingua_shared.scoring.classifier.reader import special_ids
from lingua_shared.training.distillation.stages import Record

IGNORED = -100
"""Target of tokens that no loss is computed for: special tokens, and white space."""

_BUCKETS = 10_000


def source_of(record: Record) -> str:
    """Return the name of what a record is from; passages of a file of questions are each their own source."""
    return str(record["id"] if record.get("questions") else record.get("source") or record["id"])


def parted(
    records: Sequence[Record], dev_share: float, name_of: Callable[[Record], str] = source_of
) -> tuple[list[Record], list[Record]]:
    """Return training and held-out records; all of one name, such as that of a document, are on the same side.

    Args:
        records: the records.
        dev_share: share of the names that is held out, by their hash, so that it stays the same.
        name_of: gives the name of a record.
    """
    sides: tuple[list[Record], list[Record]] = ([], [])
    for record in records:
        bucket = int(hashlib.sha256(name_of(record).encode("utf-8", "replace")).hexdigest(), 16) % _BUCKETS
        sides[bucket < dev_share * _BUCKETS].append(record)
    return sides


def rows_of(
    records: Sequence[Record], tokenizer: Any, window: int, around: tuple[list[int], list[int]] | None = None
) -> list[dict[str, list[int]]]:
    """Return rows of `input_ids`, `attention_mask` and `labels`; a text that is longer than a window has several.

    Args:
        records: labelled records.
        tokenizer: the model's fast tokenizer.
        window: tokens of a row with its special tokens, at most.
        around: ids before a text and behind it; None are those that the tokenizer puts there.
    """
    before, behind = around or special_ids(tokenizer)
    room = window - len(before) - len(behind)
    rows = []
    for record in records:
        encoded = tokenizer(
            record["text"],
            add_special_tokens=False,
            return_offsets_mapping=True,
            split_special_tokens=True,
            verbose=False,
        )
        ids, targets = encoded["input_ids"], token_targets(record, encoded["offset_mapping"])
        for one in windows(len(ids), room, 0):
            row = [*before, *ids[one.start : one.end], *behind]
            # The last window overlaps the one before it; its first targets count once only.
            inside = [IGNORED] * (one.fresh - one.start) + targets[one.fresh : one.end]
            labels = [IGNORED] * len(before) + inside + [IGNORED] * len(behind)
            rows.append({"input_ids": row, "attention_mask": [1] * len(row), "labels": labels})
    return rows


def token_targets(record: Record, offsets: Sequence[Sequence[int]]) -> list[int]:
    """Return the label of the word that each token is part of, by the token's last character."""
    ends = [end for _, end in record["words"]]
    numbers = np.searchsorted(ends, [end for _, end in offsets], side="left")
    return [
        int(record["labels"][number])
        if end > start and number < len(ends) and record["words"][number][0] < end
        else IGNORED
        for number, (start, end) in zip(numbers, offsets, strict=True)
    ]
