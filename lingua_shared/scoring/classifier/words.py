"""The probability of a word from those of its tokens. Knows arrays and texts; no model."""

import numpy as np

from lingua_shared.scoring.classifier.reader import TokenProbabilities
from lingua_shared.scoring.protocol import TokenScores, TokenToWord
from lingua_shared.text.words import word_spans


def word_scores(text: str, tokens: TokenProbabilities, how: TokenToWord) -> TokenScores:
    """Return a score for each word of a text that tokens touch.

    A token that covers parts of several words, such as a piece of a text without spaces, counts for each of them.

    Args:
        text: the text.
        tokens: the probabilities of its tokens.
        how: a word has the mean of its tokens, or the first one's, or the highest.
    """
    words = word_spans(text)
    real = tokens.ends > tokens.starts
    starts, ends, values = tokens.starts[real], tokens.ends[real], tokens.values[real]
    firsts = np.searchsorted(ends, [start for start, _ in words], side="right")
    lasts = np.searchsorted(starts, [end for _, end in words], side="left")
    found = [_word(values[first:last], how) for first, last in zip(firsts, lasts, strict=True)]
    columns = np.asarray(words, dtype=np.int64).reshape(-1, 2)
    return TokenScores(columns[:, 0], columns[:, 1], np.asarray(found, dtype=np.float64))


def _word(values: np.ndarray, how: TokenToWord) -> float:
    if not len(values):
        return float("nan")
    return float({"mean": values.mean(), "max": values.max(), "first": values[0]}[how])
