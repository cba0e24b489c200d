"""Reads texts with a token classifier: the probability of each token to be kept (LLMLingua-2, arXiv 2403.12968).

The special tokens are those of the model's own tokenizer, and the characters of each token come from it, too: nothing
is decoded. Knows models and texts; no budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lingua_shared.cache.locks import computation
from lingua_shared.errors import UnsupportedModelError, short, short_name
from lingua_shared.scoring.batching import Window, by_length
from lingua_shared.scoring.classifier.head import WORDS, head_tokenizer, load_head
from lingua_shared.scoring.classifier.windows import sentence_windows
from lingua_shared.scoring.interruption import checkpoint
from lingua_shared.text.segments import segment

KEEP = 1
"""Number of the label that says that a token is kept."""

LONGEST_WINDOW = 512
"""Tokens of a window with its special tokens, at most: the published classifiers were trained on no more."""

_SAMPLE = "a"


@dataclass(frozen=True)
class TokenProbabilities:
    """Probabilities of the tokens of one text to be kept.

    Attributes:
        starts: first character of each token, int64, shape (tokens,).
        ends: one behind its last character, int64, shape (tokens,).
        values: probabilities, float32, shape (tokens,).
    """

    starts: np.ndarray
    ends: np.ndarray
    values: np.ndarray


class ClassifierReader:
    """Reads texts with one token classifier. Threads may share it."""

    def __init__(
        self, model: nn.Module, tokenizer: Any, *, batch_tokens: int, around: tuple[list[int], list[int]] | None = None
    ) -> None:
        """Wrap a model.

        Args:
            model: an `AutoModelForTokenClassification` with two labels, on its device and in its precision.
            tokenizer: its fast tokenizer, not used elsewhere.
            batch_tokens: maximum number of tokens in a batch, padding included.
            around: ids before a text and behind it; None are those that the tokenizer puts there.
        """
        self.model = model.eval()
        self._batch_tokens = batch_tokens
        self._device = next(model.parameters()).device
        self._before, self._behind = around or special_ids(tokenizer)
        self.window = window_size(model, tokenizer)
        self._pad = int(tokenizer.pad_token_id or 0)
        unknown = self._pad if tokenizer.unk_token_id is None else int(tokenizer.unk_token_id)
        self._ordinary = dict.fromkeys(tokenizer.all_special_ids, unknown)
        self._tokenizer = tokenizer.backend_tokenizer  # calls of the tokenizer around it would change its settings
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True

    def read(self, texts: Sequence[str]) -> list[TokenProbabilities]:
        """Return the probabilities of the tokens of texts of any length."""
        encodings = [(ids, starts, ends) for ids, starts, ends in map(self._encoded, texts)]
        room = self.window - len(self._before) - len(self._behind)
        cut = [
            sentence_windows(starts, segment(text).sentences if len(ids) > room else (), room)
            for text, (ids, starts, _) in zip(texts, encodings, strict=True)
        ]
        rows = [
            ids[one.start : one.end] for (ids, _, _), of_text in zip(encodings, cut, strict=True) for one in of_text
        ]
        found = iter(self._read(rows))
        return [
            TokenProbabilities(starts, ends, _joined(of_text, [next(found) for _ in of_text]))
            for (_, starts, ends), of_text in zip(encodings, cut, strict=True)
        ]

    def _encoded(self, text: str) -> tuple[list[int], np.ndarray, np.ndarray]:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        offsets = np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        # "[SEP]" or "</s>" in a text is ordinary text, though some vocabularies have it as a piece, too.
        return [self._ordinary.get(one, one) for one in encoding.ids], offsets[:, 0], offsets[:, 1]

    def _read(self, rows: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """Probabilities of the tokens of each row. Rows of similar length share a batch."""
        found: dict[int, np.ndarray] = {i: np.zeros(0, dtype=np.float32) for i, row in enumerate(rows) if not row}
        filled = [i for i, row in enumerate(rows) if row]
        around = len(self._before) + len(self._behind)
        lengths = [len(rows[i]) + around for i in filled]
        for batch in by_length(lengths, tokens=self._batch_tokens):
            checkpoint(len(batch) * max(lengths[i] for i in batch))
            numbers = [filled[i] for i in batch]
            found.update(zip(numbers, self._forward([rows[i] for i in numbers]), strict=True))
        return [found[i] for i in range(len(rows))]

    @computation
    @torch.inference_mode()
    def _forward(self, rows: Sequence[Sequence[int]]) -> list[np.ndarray]:
        full = [[*self._before, *row, *self._behind] for row in rows]
        shape = (len(full), max(map(len, full)))
        ids = np.full(shape, self._pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for number, row in enumerate(full):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        tensors = (torch.from_numpy(array).to(self._device) for array in (ids, mask))
        logits = self.model(**dict(zip(("input_ids", "attention_mask"), tensors, strict=True))).logits
        values = logits.float().softmax(-1)[..., KEEP].cpu().numpy()
        first = len(self._before)
        return [values[number, first : first + len(row)] for number, row in enumerate(rows)]


def load_classifier(
    location: str,
    *,
    dtype: torch.dtype,
    device: torch.device,
    batch_tokens: int,
    trust_remote_code: bool = False,
    **arguments: Any,
) -> ClassifierReader:
    """Load a token classifier of any class that transformers knows, under any name, or a head on an encoder.

    Args:
        location: folder or hub id.
        dtype: precision of the weights.
        device: where it runs.
        batch_tokens: maximum number of tokens in a batch, padding included.
        trust_remote_code: whether Python code that comes with the model may run.
        **arguments: of `from_pretrained`, for model and tokenizer.

    Raises:
        UnsupportedModelError: it has not two labels, its weights lack the classification layer, or its tokenizer gives
            no offsets.
    """
    if (Path(location) / WORDS).exists():
        tokenizer, around = head_tokenizer(Path(location))
        head = load_head(Path(location)).to(device, dtype)
        return ClassifierReader(head, tokenizer, batch_tokens=batch_tokens, around=around)
    import transformers  # noqa: PLC0415

    tokenizer = transformers.AutoTokenizer.from_pretrained(location, trust_remote_code=trust_remote_code, **arguments)
    if not tokenizer.is_fast:
        _refuse(location, "its tokenizer gives no characters of tokens (it is no fast one)")
    model, info = transformers.AutoModelForTokenClassification.from_pretrained(
        location, dtype=dtype, output_loading_info=True, trust_remote_code=trust_remote_code, **arguments
    )
    if missing := sorted(info["missing_keys"]):
        _refuse(location, f"its file has no weights for {short(missing)}, as of a model without a classification layer")
    if model.config.num_labels != KEEP + 1:
        _refuse(location, f"it has {model.config.num_labels} labels, not 2")
    return ClassifierReader(model.to(device), tokenizer, batch_tokens=batch_tokens)


def special_ids(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids that a tokenizer puts before a text and behind it, such as [CLS] and [SEP], or <s> and </s>."""
    full = list(tokenizer(_SAMPLE)["input_ids"])
    plain = list(tokenizer(_SAMPLE, add_special_tokens=False)["input_ids"])
    before = next((i for i in range(len(full)) if full[i : i + len(plain)] == plain), 0)
    return full[:before], full[before + len(plain) :]


def window_size(model: Any, tokenizer: Any) -> int:
    """Return the largest number of tokens that a model reads in one go, special tokens included."""
    limits = [LONGEST_WINDOW, int(tokenizer.model_max_length)]
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa and its like number positions from behind the padding token's id.
            offset = 0 if module.padding_idx is None else module.padding_idx + 1
            limits.append(module.num_embeddings - offset)
    return min(limits)


def _joined(cut: Sequence[Window], found: Sequence[np.ndarray]) -> np.ndarray:
    """Join the probabilities of windows; a token that is in two has that of the first, which ends its sentence."""
    return np.concatenate([values[one.fresh - one.start :] for one, values in zip(cut, found, strict=True)])


def _refuse(location: str, why: str) -> None:
    msg = (
        f"{short_name(location)} is no token classifier of LLMLingua-2: {why}; give one with two labels, such as "
        "llmlingua-2-mbert, or train one with lingua_shared.training.distillation"
    )
    raise UnsupportedModelError(msg)
