"""Turns pairs of an instruction and a response into token ids, with targets for the tokens of the response alone."""

from collections.abc import Sequence
from typing import Any

import torch

from lingua_shared.scoring.causal.tokens import encode, opening_ids
from lingua_shared.training.distillation.dataset import IGNORED, parted
from lingua_shared.training.distillation.stages import Record

_RESPONSE_SHARE = 3 / 4
"""Share of a row that a long response takes, at most, so that the end of its instruction has room."""


def split(records: Sequence[Record], held_out: float) -> tuple[list[Record], list[Record]]:
    """Return the pairs to train on, and those that are held out; all of one instruction are on the same side.

    Args:
        records: the pairs.
        held_out: share of the instructions that is held out, by a hash of their text, so that it stays the same.
    """
    return parted(records, held_out, lambda record: str(record["instruction"]))


def prompt_of(record: Record) -> str:
    """Return the text before a response: the instruction and an empty line, no marks of a chat.

    The model reads plain text when it scores, and its scores of plain text are what is to change.
    """
    return f"{record['instruction'].strip()}\n\n"


def row_of(record: Record, tokenizer: Any, window: int) -> dict[str, list[int]]:
    """Return the row of a pair: `input_ids`, and `labels`, which are `IGNORED` for all but the response.

    Args:
        record: the pair.
        tokenizer: the model's tokenizer.
        window: tokens of a row, at most. Of a long instruction the end stays, of a long response the beginning.
    """
    opening = opening_ids(tokenizer)
    prompt, response = (list(one.ids) for one in encode(tokenizer, [prompt_of(record), record["response"]]))
    if not record.get("is_cut") and tokenizer.eos_token_id is not None:
        response.append(tokenizer.eos_token_id)
    room = window - len(opening)
    response = response[: max(int(room * _RESPONSE_SHARE), room - len(prompt))]
    before = [*opening, *prompt[max(len(prompt) + len(response) - room, 0) :]]
    return {"input_ids": before + response, "labels": [IGNORED] * len(before) + response}


def batch_of(rows: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
    """Return a batch of rows that are padded on the right: ids, targets and attention mask, shape (rows, longest)."""
    longest = max(len(row["input_ids"]) for row in rows)

    def padded(name: str, filler: int) -> torch.Tensor:
        return torch.tensor([row[name] + [filler] * (longest - len(row[name])) for row in rows])

    lengths = torch.tensor([len(row["input_ids"]) for row in rows])
    mask = (torch.arange(longest)[None] < lengths[:, None]).long()
    return {"input_ids": padded("input_ids", 0), "labels": padded("labels", IGNORED), "attention_mask": mask}
