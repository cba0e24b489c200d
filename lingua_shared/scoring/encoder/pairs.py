"""Pairs of question and passage as the encoder reads them: token ids, windows of long passages, places in the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from lingua_shared.scoring.batching import padded_length, windows

WINDOW = 256
"""Tokens of a pair at most, as in training."""

MOST_OF_QUESTION = 64
"""Tokens of a question; of a longer one, the first and the last half of so many are read."""

OVERLAP = 32
"""Tokens that two windows of a long passage share."""


@dataclass(frozen=True)
class Pair:
    """One window of a passage behind its question.

    Attributes:
        ids: token ids, special ones included, int64, shape (length,).
        types: token types, int64, shape (length,).
        first: place of the first token of the passage in `ids`.
        skipped: tokens of the passage before this window.
        starts: where each token of the passage in this window starts, in characters of the passage, int64.
        ends: where each ends, int64.
    """

    ids: np.ndarray
    types: np.ndarray
    first: int
    skipped: int
    starts: np.ndarray
    ends: np.ndarray


class PairTokenizer:
    """Tokenizes each question and each passage once, and joins them."""

    def __init__(self, tokenizer: Tokenizer, *, start: int, end: int, pad: int, double: bool, types: bool) -> None:
        """Hold a tokenizer.

        Args:
            tokenizer: of the trunk.
            start: id of the token before the question.
            end: id of the token behind the question and behind the passage.
            pad: id of the token that fills up.
            double: whether two of those stand between question and passage, as in XLM-R.
            types: whether tokens of the passage have token type 1, as in BERT.
        """
        self._tokenizer = tokenizer
        self._start, self._end, self.pad = start, end, pad
        self._between = 2 if double else 1
        self._type_of_passage = int(types)

    @classmethod
    def from_folder(cls, folder: str | Path) -> "PairTokenizer":
        """Read `tokenizer.json`; BERT's form and XLM-R's are told apart by their special tokens."""
        tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "[SEP]" in a passage is text like any other
        is_bert = tokenizer.token_to_id("[CLS]") is not None
        names = ("[CLS]", "[SEP]", "[PAD]") if is_bert else ("<s>", "</s>", "<pad>")
        start, end, pad = (int(tokenizer.token_to_id(name) or 0) for name in names)
        return cls(tokenizer, start=start, end=end, pad=pad, double=not is_bert, types=is_bert)

    def pairs(self, question: str, passages: Sequence[str]) -> list[list[Pair]]:
        """Return the windows of each passage behind the question; that of an empty passage has no tokens of its own."""
        asked = np.asarray(self._tokenizer.encode(question, add_special_tokens=False).ids, dtype=np.int64)
        if len(asked) > MOST_OF_QUESTION:
            asked = np.concatenate([asked[: MOST_OF_QUESTION // 2], asked[-MOST_OF_QUESTION // 2 :]])
        head = np.concatenate([[self._start], asked, [self._end] * self._between]).astype(np.int64)
        encodings = self._tokenizer.encode_batch(list(passages), add_special_tokens=False)
        return [
            self._windows(
                head, np.asarray(e.ids, dtype=np.int64), np.asarray(e.offsets, dtype=np.int64).reshape(-1, 2), text
            )
            for e, text in zip(encodings, passages, strict=True)
        ]

    def _windows(self, head: np.ndarray, ids: np.ndarray, offsets: np.ndarray, text: str) -> list[Pair]:
        room = WINDOW - len(head) - 1
        starts = _without_space(text, offsets)
        return [
            self._pair(head, w.start, ids[w.start : w.end], starts[w.start : w.end], offsets[w.start : w.end, 1])
            for w in windows(len(ids), room, OVERLAP)
        ]

    def _pair(self, head: np.ndarray, skipped: int, ids: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> Pair:
        types = np.zeros(len(head) + len(ids) + 1, dtype=np.int64)
        types[len(head) :] = self._type_of_passage
        return Pair(np.concatenate([head, ids, [self._end]]), types, len(head), skipped, starts, ends)


def padded(pairs: Sequence[Pair], *, pad: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return token ids, attention mask and token types of pairs as the network takes them, padded on the right.

    Args:
        pairs: what shares a pass.
        pad: id of the token that fills up.
        step: rows are as long as the next multiple of it.

    Returns:
        Three int64 arrays of shape (pairs, length).
    """
    shape = len(pairs), padded_length(max(len(pair.ids) for pair in pairs), step)
    ids, mask, types = (
        np.full(shape, pad, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
    )
    for row, pair in enumerate(pairs):
        place = slice(len(pair.ids))
        ids[row, place], mask[row, place], types[row, place] = pair.ids, 1, pair.types
    return ids, mask, types


def _without_space(text: str, offsets: np.ndarray) -> np.ndarray:
    """Where tokens start, without the space that some tokenizers count to the word behind it."""
    return np.asarray(
        [start + (start < end and text[start].isspace()) for start, end in offsets.tolist()], dtype=np.int64
    )
