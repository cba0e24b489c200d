"""Compares sentences by what the encoder says of their tokens and by the question's words in them.

The mean log-odds of a sentence say how much of it is about the answer, the highest whether the answer itself is in it;
BM25 finds the names and numbers that a small encoder does not know.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from lingua_shared.ranking import standardise
from lingua_shared.scorers.bm25 import bm25_scores
from lingua_shared.scorers.encoder import Evidence
from lingua_shared.scoring import TokenScores
from lingua_shared.segments import segment

ANSWER_WEIGHT = 0.75
BM25_WEIGHT = 0.5
"""Against 1 for the mean evidence, each in standard deviations over all sentences; chosen on development files."""


def sentence_evidence(question: str, passages: Sequence[str], read: Sequence[Evidence]) -> list[TokenScores]:
    """Return one value for each sentence, a sentence being one token.

    Args:
        question: what is asked.
        passages: texts whose sentences are compared with each other.
        read: what the encoder says of each of them.
    """
    if not passages:
        return []
    borders = [np.asarray(segment(text).sentences, dtype=np.int64) for text in passages]
    parts = [_sentence_parts(cut, evidence) for cut, evidence in zip(borders, read, strict=True)]
    texts = [text[a:b] for text, cut in zip(passages, borders, strict=True) for a, b in pairwise(cut)]
    means, highest = np.concatenate(parts, axis=1)
    values = (
        standardise(means)
        + ANSWER_WEIGHT * standardise(highest)
        + BM25_WEIGHT * standardise(bm25_scores(question, texts))
    )
    by_passage = np.split(values, np.cumsum([len(cut) - 1 for cut in borders])[:-1])
    return [TokenScores(cut[:-1], cut[1:], of_one) for cut, of_one in zip(borders, by_passage, strict=True)]


def _sentence_parts(borders: np.ndarray, read: Evidence) -> np.ndarray:
    """Mean evidence and highest answer of each sentence, shape (2, sentences); NaN where it has no token."""
    parts = np.full((2, len(borders) - 1), np.nan)
    cuts = np.searchsorted(read.ends, borders, side="right")  # a token belongs to where its last character stands
    for place, (first, last) in enumerate(pairwise(cuts)):
        if last > first:
            parts[:, place] = read.evidence[first:last].mean(), read.answer[first:last].max()
    return parts
