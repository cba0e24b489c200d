"""Tokenizes pairs of question and passage for the encoder: token ids, windows of long passages, character offsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np
from tokenizers import Encoding, Tokenizer

from lingua_shared.scoring.batching import padded_length, windows

WINDOW = 256
"""Maximum number of tokens of a pair, the same as in training."""

MAX_QUESTION_TOKENS = 64
"""Of a longer question, the first half and the last half of this many tokens are read."""

MAX_TITLE_TOKENS = 64
"""Of a longer title, the first tokens are read."""

OVERLAP = 32
"""Tokens that neighbouring windows of a long passage share."""

_PLAIN_LETTERS = {
    code: plain
    for code in (*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800))
    if len(plain := normalize("NFKC", chr(code))) == 1
}
"""Full-width and mathematical letters, which no vocabulary has; each becomes one letter, so that places stay."""


@dataclass(frozen=True)
class Pair:
    """A question with its passage, or with one window of a long passage.

    Attributes:
        ids: token ids with special tokens, int64, shape (length,).
        types: token types, int64, shape (length,).
        first: index in `ids` of the first token of the passage; the title stands before it.
        skipped: number of tokens of the passage before this window.
        starts: start of each passage token of this window, in characters of the passage, int64, shape (tokens,).
        ends: end of each of them, int64, shape (tokens,).
    """

    ids: np.ndarray
    types: np.ndarray
    first: int
    skipped: int
    starts: np.ndarray
    ends: np.ndarray


class PairTokenizer:
    """Tokenizes each question, title and passage once, and joins them into pairs."""

    def __init__(self, tokenizer: Tokenizer, *, start: int, end: int, pad: int, double: bool, types: bool) -> None:
        """Wrap a tokenizer.

        Args:
            tokenizer: the trunk's tokenizer, without truncation and padding.
            start: id of the token before the question, such as `[CLS]`.
            end: id of the token after the question and after the passage, such as `[SEP]`.
            pad: id of the padding token.
            double: whether two end tokens separate question and passage, as in XLM-R.
            types: whether the passage has token type 1, as in BERT.
        """
        self._tokenizer = tokenizer
        self._start, self._end, self.pad = start, end, pad
        self._separators = 2 if double else 1
        self._passage_type = int(types)

    @classmethod
    def from_folder(cls, folder: str | Path) -> "PairTokenizer":
        """Read `tokenizer.json`. Its special tokens tell whether it is of BERT's or of XLM-R's form."""
        tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "[SEP]" in a passage is ordinary text
        is_bert = tokenizer.token_to_id("[CLS]") is not None
        names = ("[CLS]", "[SEP]", "[PAD]") if is_bert else ("<s>", "</s>", "<pad>")
        start, end, pad = (int(tokenizer.token_to_id(name) or 0) for name in names)
        return cls(tokenizer, start=start, end=end, pad=pad, double=not is_bert, types=is_bert)

    def pairs(self, question: str, passages: Sequence[str], titles: Sequence[str] = ()) -> list[list[Pair]]:
        """Return the windows of each passage; an empty passage has one window without tokens of its own.

        Args:
            question: the question; empty is allowed.
            passages: texts of any length.
            titles: one per passage, "" for none; or none at all. The model reads the title before the passage, in
                each of its windows.
        """
        head = self._head(question)
        named = [self._ids(encoding)[:MAX_TITLE_TOKENS] for encoding in self._encoded(titles or [""] * len(passages))]
        return [
            self._windows(head, title, encoding, text)
            for title, encoding, text in zip(named, self._encoded(passages), passages, strict=True)
        ]

    def _head(self, question: str) -> np.ndarray:
        """Ids of the question and the special tokens around it."""
        ids = self._ids(self._encoded([question])[0])
        if len(ids) > MAX_QUESTION_TOKENS:
            ids = np.concatenate([ids[: MAX_QUESTION_TOKENS // 2], ids[-MAX_QUESTION_TOKENS // 2 :]])
        return np.concatenate([[self._start], ids, [self._end] * self._separators]).astype(np.int64)

    def _encoded(self, texts: Sequence[str]) -> list[Encoding]:
        plain = [text if text.isascii() else text.translate(_PLAIN_LETTERS) for text in texts]
        return list(self._tokenizer.encode_batch(plain, add_special_tokens=False))

    @staticmethod
    def _ids(encoding: Encoding) -> np.ndarray:
        return np.asarray(encoding.ids, dtype=np.int64)

    def _windows(self, head: np.ndarray, title: np.ndarray, encoding: Encoding, text: str) -> list[Pair]:
        before = np.concatenate([head, title])
        types = np.concatenate([np.zeros_like(head), np.full_like(title, self._passage_type)])
        size = WINDOW - len(before) - 1
        ids, offsets = self._ids(encoding), np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        starts = _without_space(text, offsets)
        pairs = []
        for window in windows(len(ids), size, OVERLAP):
            inside = slice(window.start, window.end)
            behind = np.append(ids[inside], self._end)
            pairs.append(
                Pair(
                    ids=np.concatenate([before, behind]),
                    types=np.concatenate([types, np.full_like(behind, self._passage_type)]),
                    first=len(before),
                    skipped=window.start,
                    starts=starts[inside],
                    ends=offsets[inside, 1],
                )
            )
        return pairs


def padded(pairs: Sequence[Pair], *, pad: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pad pairs on the right and stack them.

    Args:
        pairs: pairs of one batch, at least one.
        pad: id of the padding token.
        step: the length is a multiple of it.

    Returns:
        Token ids, attention mask and token types, int64, each of shape (pairs, length).
    """
    shape = len(pairs), padded_length(max(len(pair.ids) for pair in pairs), step)
    ids = np.full(shape, pad, dtype=np.int64)
    mask, types = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, pair in enumerate(pairs):
        inside = slice(len(pair.ids))
        ids[row, inside], mask[row, inside], types[row, inside] = pair.ids, 1, pair.types
    return ids, mask, types


def _without_space(text: str, offsets: np.ndarray) -> np.ndarray:
    """Starts of tokens, after the space that some tokenizers count as part of the word that follows it."""
    return np.asarray(
        [start + (start < end and text[start].isspace()) for start, end in offsets.tolist()], dtype=np.int64
    )
