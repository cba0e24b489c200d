"""BM25 of a question over the passages of one request, or over their sentences. Needs no model."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log1p

import bm25s
import numpy as np

from lingua_shared.scoring.interruption import checkpoint
from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.text.segments import segment


def bm25_scores(question: str, passages: Sequence[str], titles: Sequence[str] = ()) -> np.ndarray:
    """Return the BM25 score of each passage (Lucene's variant, k1 1.5, b 0.75); the passages are the collection.

    Args:
        question: the question.
        passages: texts.
        titles: one per passage, "" for none; or none at all. Their words count as words of the passage.

    Returns:
        Scores of 0 or more, shape (passages,).
    """
    texts = []
    for title, text in zip(titles or [""] * len(passages), passages, strict=True):
        checkpoint(0)
        texts.append([*words_of(title), *words_of(text)])
    return bm25_of_words(words_of(question), texts)


def bm25_of_words(question: Sequence[str], texts: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the BM25 score of texts that are lists of words already, shape (texts,)."""
    vocabulary = {word for text in texts for word in text}
    known = [word for word in question if word in vocabulary]
    if not known:
        return np.zeros(len(texts))
    index = bm25s.BM25()
    index.index(texts, show_progress=False)
    return np.asarray(index.get_scores(known), dtype=np.float64)


def rare_word_scores(question: str, texts: Sequence[str]) -> list[TokenScores]:
    """Return for each word of texts how rare it is in them if the question has it, else 0.

    The score of a word is log(1 + texts / texts with it), as the weight of a word in BM25.
    """
    asked = set(words_of(question))
    spans = [list(pairwise(segment(text).words)) for text in texts]
    found = [
        [asked.intersection(_normalised([text[start:end]])) for start, end in of_text]
        for text, of_text in zip(texts, spans, strict=True)
    ]
    counts = Counter(word for of_text in found for word in set().union(*of_text))
    rarity = {word: log1p(len(texts) / count) for word, count in counts.items()}
    return [
        TokenScores(
            np.asarray([start for start, _ in of_text], dtype=np.int64),
            np.asarray([end for _, end in of_text], dtype=np.int64),
            np.asarray([max((rarity[word] for word in words), default=0.0) for words in of_words], dtype=np.float32),
        )
        for of_text, of_words in zip(spans, found, strict=True)
    ]


def words_of(text: str) -> list[str]:
    """Return the words of a text in any script, in lower case and without punctuation."""
    return _normalised(text[start:end] for start, end in pairwise(segment(text).words))


def words_of_units(text: str) -> list[list[str]]:
    """Return the words of each unit of a text, in lower case and without punctuation."""
    segments = segment(text)
    sentences = range(len(segments.sentences) - 1)
    return [_normalised(text[start:end] for start, end in segments.words_of(sentence)) for sentence in sentences]


def _normalised(words: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in words:
        word = text.strip().lower()
        found += [word] if word.isalnum() else "".join(c for c in word if c.isalnum() or c.isspace()).split()
    return found
