"""BM25 of a question over the passages of one request. Needs no model."""

from collections.abc import Sequence
from itertools import pairwise

import bm25s
import numpy as np

from lingua_shared.segments import segment


def bm25_scores(question: str, passages: Sequence[str]) -> np.ndarray:
    """Return the BM25 score (Lucene's form, k1 1.5, b 0.75) of each passage, shape (passages,).

    Words are those of `lingua_shared.segments`, lower case, in any script; the passages are the collection.
    """
    words = [words_of(passage) for passage in passages]
    present = {word for of_passage in words for word in of_passage}
    asked = [word for word in words_of(question) if word in present]
    if not asked:
        return np.zeros(len(passages))
    index = bm25s.BM25()
    index.index(words, show_progress=False)
    return np.asarray(index.get_scores(asked), dtype=np.float64)


def words_of(text: str) -> list[str]:
    """Return the words of a text in any script, lower case, without punctuation."""
    borders = segment(text).words
    pieces = [text[start:end] for start, end in pairwise(borders)]
    stripped = ("".join(c for c in piece.lower() if c.isalnum() or c.isspace()) for piece in pieces)
    return [word for piece in stripped for word in piece.split()]
