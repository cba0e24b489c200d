"""Mines hard negatives: passages that are similar to a question, by BM25 or by vectors, but do not answer it."""

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

_PASSAGES_PER_SAVE = 4096
"""Number of passages that are encoded before their vectors are saved."""

_QUESTIONS_PER_BLOCK = 256
"""Number of questions that are compared with all passages at once."""

_log = logging.getLogger(__name__)


class Pool:
    """Passages that may become distractors; finds the most similar ones to each question."""

    def __init__(self, passages: Sequence[str]) -> None:
        """Hold passages.

        Args:
            passages: texts; duplicates count once.
        """
        self.passages = list(dict.fromkeys(passages))

    def nearest_by_words(self, questions: Sequence[str], count: int) -> np.ndarray:
        """Return indices of the `count` best passages by BM25, best first: int, shape (questions, count)."""
        index = bm25s.BM25()
        index.index([words_of(passage) for passage in self.passages], show_progress=False)
        words = [words_of(question) for question in questions]
        found, _ = index.retrieve(words, k=min(count, len(self.passages)), show_progress=False)
        return np.asarray(found)

    def nearest_by_meaning(self, embedder: Any, questions: Sequence[str], count: int, cache: Path) -> np.ndarray:
        """Return indices of the `count` nearest passages by cosine similarity, nearest first.

        Args:
            embedder: a `SentenceTransformer`.
            questions: the questions.
            count: number of passages for each question.
            cache: `.npz` file that caches the vectors of passages, which take long to compute.

        Returns:
            Indices, int, shape (questions, count).
        """
        vectors = self._vectors(embedder, cache)
        queries = embedder.encode(list(questions), batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        count = min(count, len(self.passages))
        blocks = (
            np.argsort(-(block @ vectors.T), axis=1)[:, :count]
            for block in np.array_split(queries, 1 + len(queries) // _QUESTIONS_PER_BLOCK)
        )
        return np.concatenate(list(blocks))

    def _vectors(self, embedder: Any, cache: Path) -> np.ndarray:
        keys = [sha256(passage.encode()).hexdigest() for passage in self.passages]
        known = _read_vectors(cache)
        missing = [i for i, key in enumerate(keys) if key not in known]
        for start in range(0, len(missing), _PASSAGES_PER_SAVE):
            part = missing[start : start + _PASSAGES_PER_SAVE]
            texts = [self.passages[i] for i in part]
            vectors = embedder.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
            known.update(zip((keys[i] for i in part), vectors, strict=True))
            _write_vectors(cache, known)
            _log.info("%d of %d passages encoded", start + len(part), len(missing))
        return np.asarray([known[key] for key in keys])


def hard_negatives(example: Example, candidates: Sequence[str], count: int) -> list[str]:
    """Return the first `count` candidates that are not gold and do not answer the question.

    A candidate answers if it contains an accepted answer. Where the answer is no quotation ("yes"), candidates with the
    title of a gold passage are left out instead.

    Args:
        example: the question.
        candidates: texts, most similar first.
        count: maximum number of negatives.
    """
    gold = {passage.text for passage in example.gold}
    is_quotation = any(passage.answers is not None for passage in example.gold)
    titles = set() if is_quotation else {_title(text) for text in gold} - {""}
    answers = example.answers if is_quotation else ()  # "no" occurs in every other passage
    negatives = (
        text for text in candidates if text not in gold and _title(text) not in titles and not contains(text, answers)
    )
    return list(islice(negatives, count))


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
