"""Finds passages that look as if they answered a question and do not: by shared words, and by a bi-encoder."""

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from lingua_shared.scoring.lexical import words_of
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
        index.index([words_of(passage) for passage in self.passages], show_progress=False)
        asked = [words_of(question) for question in questions]
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
        keys = [sha256(passage.encode()).hexdigest() for passage in self.passages]
        known = _read_vectors(cache)
        missing = [i for i, key in enumerate(keys) if key not in known]
        for start in range(0, len(missing), _ENCODED_AT_ONCE):
            wanted = missing[start : start + _ENCODED_AT_ONCE]
            texts = [self.passages[i] for i in wanted]
            vectors = embedder.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
            known.update(zip((keys[i] for i in wanted), vectors, strict=True))
            _write_vectors(cache, known)
            _log.info("%d of %d passages encoded", start + len(wanted), len(missing))
        return np.asarray([known[key] for key in keys])


def hard_negatives(example: Example, candidates: Sequence[str], count: int) -> list[str]:
    """Return the first `count` candidates that are no gold passage and do not answer.

    They have no accepted answer in them; where the answer is in other words, they are not of the same article either.
    """
    gold = {passage.text for passage in example.gold}
    in_other_words = all(passage.answers is None for passage in example.gold)
    titles = {_title(text) for text in gold} - {""} if in_other_words else set()
    answers = () if in_other_words else example.answers  # "no" would be found in every other passage
    fitting = (
        text for text in candidates if text not in gold and _title(text) not in titles and not contains(text, answers)
    )
    return list(islice(fitting, count))


def _read_vectors(cache: Path) -> dict[str, np.ndarray]:
    if not cache.exists():
        return {}
    with np.load(cache) as stored:
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))


def _write_vectors(cache: Path, known: Mapping[str, np.ndarray]) -> None:
    unfinished = cache.with_suffix(".new.npz")
    np.savez(unfinished, keys=np.asarray(list(known)), vectors=np.asarray(list(known.values())))
    unfinished.replace(cache)


def _title(text: str) -> str:
    first, newline, _ = text.partition("\n")
    return first if newline else ""
