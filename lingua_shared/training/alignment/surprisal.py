"""How surprising the words of a response are, to a causal model or to the target that wrote it.

Two models have different tokens, so they are compared by words: a word has the surprisal of all tokens that end in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lingua_shared.scoring.catalog import find_model
from lingua_shared.scoring.causal.loading import load_network
from lingua_shared.scoring.causal.model import CausalModel, Row
from lingua_shared.scoring.quiet import quiet
from lingua_shared.text.words import word_spans
from lingua_shared.training.alignment.pairs import prompt_of
from lingua_shared.training.distillation.stages import Record

_BATCH_TOKENS = 2048


@dataclass(frozen=True)
class Surprisal:
    """How surprising the tokens of a response are, read after its instruction.

    Attributes:
        ends: index after the last character of each token, shape (tokens,).
        nats: -log p of each token, shape (tokens,).
    """

    ends: np.ndarray
    nats: np.ndarray


def surprisals(model: CausalModel, records: Sequence[Record], prompts: Sequence[str] | None = None) -> list[Surprisal]:
    """Return the surprisal of each response; one that exceeds the window of the model is cut at its end.

    Args:
        model: the model that reads.
        records: the pairs.
        prompts: the text before each response; None is the instruction, as in the training.
    """
    befores = model.encode(prompts if prompts is not None else [prompt_of(one) for one in records])
    responses = model.encode([one["response"] for one in records])
    rows, kept = [], []
    for before, response in zip(befores, responses, strict=True):
        length = min(len(response.ids), model.window // 2)
        room = model.window - length - len(model.opening)
        start = (*model.opening, *before.ids[max(len(before.ids) - room, 0) :])
        rows.append(Row((*start, *response.ids[:length]), first=len(start)))
        kept.append(response.ends[:length])
    values = model.negative_log_likelihoods(rows)
    return [Surprisal(ends, nats) for ends, nats in zip(kept, values, strict=True)]


def by_target(records: Sequence[Record], name: str | None) -> list[Surprisal | None]:
    """Return the target's own surprisal of each response: as it said itself, or as the target reads it here.

    Args:
        records: the pairs, with `logprobs` where the target gave them.
        name: the target as a local model, for pairs without; None leaves them out.
    """
    found = [_said(one) for one in records]
    missing = [i for i, one in enumerate(found) if one is None]
    if name is not None and missing:
        rest = [records[i] for i in missing]
        for i, one in zip(missing, _read(name, rest), strict=True):
            found[i] = one
    return found


def by_word(text: str, one: Surprisal) -> np.ndarray:
    """Return the surprisal of each word in nats, shape (words,); NaN for words that no token ends in."""
    spans = word_spans(text)
    sums = np.full(len(spans), np.nan)
    # The word that a token's last character is in, or that is before it.
    places = np.searchsorted([start for start, _ in spans], one.ends, side="left") - 1
    for place in np.unique(places[places >= 0]):
        sums[place] = one.nats[places == place].sum()
    return sums


def _said(record: Record) -> Surprisal | None:
    """Return what the target said of its tokens; None where they do not make up the response."""
    tokens = record.get("logprobs")
    if not tokens:
        return None
    whole = "".join(token for token, _ in tokens)
    shift = len(whole) - len(whole.lstrip())
    if whole.strip() != record["response"]:
        return None
    ends = np.cumsum([len(token) for token, _ in tokens]) - shift
    return Surprisal(np.clip(ends, 0, len(record["response"])), -np.array([value for _, value in tokens]))


def _read(name: str, records: Sequence[Record]) -> list[Surprisal]:
    source = find_model(name)
    with quiet():
        network, tokenizer = load_network(source, dtype=torch.float32, local_files_only=source.local_files_only)
        model = CausalModel(network.eval(), tokenizer, batch_tokens=_BATCH_TOKENS)
    return surprisals(model, records, [_as_asked(tokenizer, one) for one in records])


def _as_asked(tokenizer: Any, record: Record) -> str:
    """Return the text before a response as the target had it: with the marks of its chats where it has some."""
    if not getattr(tokenizer, "chat_template", None):
        return prompt_of(record)
    asked = [{"role": "user", "content": record["instruction"]}]
    return str(tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False))
