"""BM25 of a question over the passages of one request, or over their sentences. Needs no model."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import bm25s
import numpy as np

from lingua_shared.text.segments import segment


def bm25_scores(question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the BM25 score (Lucene's form, k1 1.5, b 0.75) of each passage, shape (passages,).

    Words are those of `lingua_shared.text.segments`, lower case, in any script; the passages are the collection.
    """
    return bm25_of_words(words_of(question), [words_of(passage) for passage in passages])


def bm25_of_words(question: Sequence[str], texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the same for a question and texts that are words already, shape (texts,)."""
    present = {word for text in texts for word in text}
    asked = [word for word in question if word in present]
    if not asked:
        return np.zeros(len(texts))
    index = bm25s.BM25()
    index.index(texts, show_progress=False)
    return np.asarray(index.get_scores(asked), dtype=np.float64)


def words_of(text: str) -> list[str]:
    """Return the words of a text in any script, lower case, without punctuation."""
    return _bare(text[start:end] for start, end in pairwise(segment(text).words))


def words_of_sentences(text: str) -> list[list[str]]:
    """Return such words of each sentence of a text."""
    segments = segment(text)
    sentences = range(len(segments.sentences) - 1)
    return [_bare(text[start:end] for start, end in segments.words_of(sentence)) for sentence in sentences]


def _bare(pieces: Iterable[str]) -> list[str]:
    words: list[str] = []
    for piece in pieces:
        word = piece.strip().lower()
        words += [word] if word.isalnum() else "".join(c for c in word if c.isalnum() or c.isspace()).split()
    return words
