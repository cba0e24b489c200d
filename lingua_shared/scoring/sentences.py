"""Compares sentences by what the encoder says of their tokens, by the question's words, and by what the best ones name.

The mean log-odds of a sentence say how much of it is about the answer, the highest whether the answer itself is in it;
BM25 finds the names and numbers that a small encoder does not know. A question over several steps ("Where was the
director of the film born?") does not name what its second passage is about, but the first passage does, most often in
its best sentence.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log1p

import numpy as np

from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.entity_links import linked_log_odds
from lingua_shared.scoring.fusion import standardise
from lingua_shared.scoring.lexical import bm25_of_words, words_of, words_of_sentences
from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.text.segments import segment

ANSWER_WEIGHT = 0.75
BM25_WEIGHT = 0.75
NEXT_STEP_WEIGHT = 0.25
"""Against 1 for the mean evidence, each in standard deviations; chosen on development files."""

NAMED_WEIGHT = 5.0
"""Standard deviations that sentences gain in a passage that the best one names, if that one answers for certain."""

_HEAD = 2
"""Sentences at the start of a passage, a title being one, that name what it is about."""


def sentence_evidence(
    question: str,
    passages: Sequence[str],
    titles: Sequence[str],
    read: Sequence[EncoderOutput],
    log_odds: np.ndarray,
) -> list[TokenScores]:
    """Return one value for each sentence, a sentence being one token.

    Args:
        question: what is asked.
        passages: texts whose sentences are compared with each other.
        titles: one per passage, "" for none; or none at all.
        read: what the encoder says of each of them.
        log_odds: that each of them answers, given that one does, shape (passages,).
    """
    if not passages:
        return []
    borders = [np.asarray(segment(text).sentences, dtype=np.int64) for text in passages]
    words = [words_of_sentences(text) for text in passages]
    flat = [sentence for of_passage in words for sentence in of_passage]
    asked = words_of(question)
    means, highest = np.concatenate(
        [_log_odds(cut, evidence) for cut, evidence in zip(borders, read, strict=True)], axis=1
    )
    values = standardise(
        standardise(means)
        + ANSWER_WEIGHT * standardise(highest)
        + BM25_WEIGHT * standardise(bm25_of_words(asked, flat))
    )
    owners = np.repeat(np.arange(len(passages)), [len(of_passage) for of_passage in words])
    if len(values):
        best = int(np.argmax(values + standardise(log_odds)[owners]))
        titled = zip(titles or [""] * len(passages), words, strict=True)
        shares = next_steps(asked, flat[best], [_with_title(title, of_one) for title, of_one in titled])
        shares[owners[best]] = 0.0
        values += NEXT_STEP_WEIGHT * standardise(shares)[owners]
        named = to_probability(linked_log_odds(question, passages, titles, log_odds))
        values += NAMED_WEIGHT * named[owners]
    by_passage = np.split(values, np.cumsum([len(cut) - 1 for cut in borders])[:-1])
    return [TokenScores(cut[:-1], cut[1:], of_one) for cut, of_one in zip(borders, by_passage, strict=True)]


def next_steps(question: Sequence[str], best: Sequence[str], passages: Sequence[Sequence[Sequence[str]]]) -> np.ndarray:
    """Return how much of what the head of each passage names stands in a sentence and not in the question.

    Args:
        question: words of what is asked.
        best: words of the sentence that answers it best, as far as is known.
        passages: words of the sentences of each passage.

    Returns:
        Shares in [0, 1] of the head's words that the question lacks, rare words counting more; shape (passages,).
    """
    counts = Counter(word for sentences in passages for sentence in sentences for word in set(sentence))
    total, asked, named = sum(map(len, passages)), set(question), set(best)
    shares = []
    for sentences in passages:
        head = {word for sentence in sentences[:_HEAD] for word in sentence} - asked
        rarity = {word: log1p(total / counts[word]) for word in head}
        shares.append(sum(rarity[word] for word in head & named) / max(sum(rarity.values()), 1e-9))
    return np.asarray(shares)


def _with_title(title: str, sentences: list[list[str]]) -> list[list[str]]:
    """The words of a passage's sentences, after those of its title where it has one."""
    return [words_of(title), *sentences] if title else sentences


def _log_odds(borders: np.ndarray, read: EncoderOutput) -> np.ndarray:
    """Mean of evidence and highest of answer in each sentence, shape (2, sentences); NaN where it has no token."""
    parts = np.full((2, len(borders) - 1), np.nan)
    cuts = np.searchsorted(read.ends, borders, side="right")  # a token belongs to where its last character stands
    for place, (first, last) in enumerate(pairwise(cuts)):
        if last > first:
            parts[:, place] = read.support[first:last].mean(), read.answer[first:last].max()
    return parts
