"""Finds passages that look as if they answered a question and do not: by shared words, and by a bi-encoder."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from lingua_shared.training.records import Example, contains

_ENCODED_AT_ONCE = 4096

_log = logging.getLogger(__name__)


class Pool:
    """Passages that may be distractors, and the nearest of them to each question."""

    def __init__(self, passages: Sequence[str]) -> None:
        """Hold passages, each once.

        Args:
            passages: texts; repeated ones count once.
        """
        self.passages = list(dict.fromkeys(passages))

    def nearest_by_words(self, questions: Sequence[str], count: int) -> np.ndarray:
        """Return indices of the `count` best passages by BM25, best first: int, shape (questions, count)."""
        index = bm25s.BM25()
        index.index(bm25s.tokenize(self.passages, show_progress=False), show_progress=False)
        asked = bm25s.tokenize(list(questions), show_progress=False)
        found, _ = index.retrieve(asked, k=min(count, len(self.passages)), show_progress=False)
        return np.asarray(found)

    def nearest_by_meaning(self, embedder: Any, questions: Sequence[str], count: int, cache: Path) -> np.ndarray:
        """Return indices of the `count` nearest passages by cosine, nearest first: int, shape (questions, count).

        Args:
            embedder: a `SentenceTransformer`.
            questions: the questions.
            count: how many of each.
            cache: file that keeps the passages' vectors, which take long.
        """
        vectors = self._vectors(embedder, cache)
        asked = embedder.encode(list(questions), batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        count = min(count, len(self.passages))
        blocks = (
            np.argsort(-(block @ vectors.T), axis=1)[:, :count]
            for block in np.array_split(asked, 1 + len(asked) // 256)
        )
        return np.concatenate(list(blocks))

    def _vectors(self, embedder: Any, cache: Path) -> np.ndarray:
        known = list(np.load(cache)) if cache.exists() else []
        while len(known) < len(self.passages):
            wanted = self.passages[len(known) : len(known) + _ENCODED_AT_ONCE]
            known.extend(embedder.encode(wanted, batch_size=32, normalize_embeddings=True, show_progress_bar=False))
            np.save(cache, np.asarray(known))
            _log.info("%d of %d passages encoded", len(known), len(self.passages))
        return np.asarray(known[: len(self.passages)])


def hard_negatives(example: Example, candidates: Sequence[str], count: int) -> list[str]:
    """Return the first `count` candidates that are no gold passage and do not answer.

    They have no accepted answer in them; where the answer is in other words, they are not of the same article either.
    """
    gold = {passage.text for passage in example.gold}
    in_other_words = any(passage.answers is None for passage in example.gold)
    titles = {_title(text) for text in gold} - {""} if in_other_words else set()
    fitting = (
        text
        for text in candidates
        if text not in gold and _title(text) not in titles and not contains(text, example.answers)
    )
    return [text for text, _ in zip(fitting, range(count), strict=False)]


def _title(text: str) -> str:
    first, newline, _ = text.partition("\n")
    return first if newline else ""
