"""Scores sentences by what the encoder says of their tokens, by the question's words, and by links between passages.

The mean support logit of a sentence says how much of it is about the answer, the highest answer logit whether it
contains the answer. BM25 finds names and numbers that a small encoder does not know. A multi-hop question ("Where was
the director of the film born?") does not name what its second passage is about, but the first passage does, most often
in its best sentence: that is what the bridge overlap and the links measure.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

import numpy as np

from lingua_shared.scoring.encoder.calibration import to_probability
from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.entity_links import linked_log_odds
from lingua_shared.scoring.fusion import standardise
from lingua_shared.scoring.lexical import bm25_of_words, words_of, words_of_units
from lingua_shared.scoring.policy import POLICY, ScoringPolicy
from lingua_shared.scoring.protocol import SentenceScores
from lingua_shared.scoring.question_echo import echoes_question
from lingua_shared.text.segments import segment


@dataclass(frozen=True)
class ReadPassages:
    """Passages whose sentences are compared, and what the encoder says of them.

    Attributes:
        texts: the passages.
        titles: what each is about, "" for none.
        outputs: what the encoder returned for each.
        log_odds: that each passage answers, calibrated listwise, shape (passages,).
    """

    texts: Sequence[str]
    titles: Sequence[str]
    outputs: Sequence[EncoderOutput]
    log_odds: np.ndarray


def fused_sentence_scores(question: str, read: ReadPassages, policy: ScoringPolicy = POLICY) -> list[SentenceScores]:
    """Return the score of each sentence: a weighted sum of z-scores over the sentences of all these passages.

    Args:
        question: what is asked.
        read: the passages.
        policy: the weights.
    """
    if not read.texts:
        return []
    parsed = [_ParsedPassage(text) for text in read.texts]
    asked = words_of(question)
    values = _own_scores(asked, parsed, read.outputs, policy)
    owners = np.repeat(np.arange(len(parsed)), [len(passage.content) for passage in parsed])
    if len(values):
        best = int(np.argmax(values + standardise(read.log_odds)[owners]))
        flat = [words for passage in parsed for words in passage.words_in_context]
        titled = [_with_title(title, passage.words) for title, passage in zip(read.titles, parsed, strict=True)]
        overlap = bridge_overlap(asked, flat[best], titled, head=policy.head_sentences)
        overlap[owners[best]] = 0.0
        linked = to_probability(linked_log_odds(question, read.texts, read.titles, read.log_odds))
        values += policy.bridge_weight * standardise(overlap)[owners]
        values += policy.link_weight * linked[owners]
        values -= policy.echo_penalty * echoes_question(question, asked, [one.words for one in parsed])[owners]
    by_passage = np.split(values, np.cumsum([len(passage.content) for passage in parsed])[:-1])
    return [passage.scores(of_passage) for passage, of_passage in zip(parsed, by_passage, strict=True)]


def lexical_sentence_scores(question: str, texts: Sequence[str]) -> list[SentenceScores]:
    """Return BM25 of each sentence over the sentences of all these passages; needs no model.

    Args:
        question: what is asked.
        texts: the passages.
    """
    if not texts:
        return []
    parsed = [_ParsedPassage(text) for text in texts]
    values = bm25_of_words(words_of(question), [words for passage in parsed for words in passage.words_in_context])
    by_passage = np.split(standardise(values), np.cumsum([len(passage.content) for passage in parsed])[:-1])
    return [passage.scores(of_passage) for passage, of_passage in zip(parsed, by_passage, strict=True)]


def bridge_overlap(
    question: Sequence[str], best: Sequence[str], passages: Sequence[Sequence[Sequence[str]]], *, head: int
) -> np.ndarray:
    """Return how much of what the beginning of each passage names is in the best sentence but not in the question.

    Args:
        question: words of the question.
        best: words of the sentence that answers best, as far as is known.
        passages: words of the sentences of each passage.
        head: sentences of its beginning.

    Returns:
        Shares in [0, 1] of the beginning's words that the question lacks, rare words counting more; shape (passages,).
    """
    counts = Counter(word for sentences in passages for sentence in sentences for word in dict.fromkeys(sentence))
    total, asked, named = sum(map(len, passages)), set(question), set(best)
    shares = []
    for sentences in passages:
        # A dict keeps the order of the text, so that sums do not depend on the order of a set.
        rarity = {word: log1p(total / counts[word]) for part in sentences[:head] for word in part if word not in asked}
        found = sum(weight for word, weight in rarity.items() if word in named)
        shares.append(found / max(sum(rarity.values()), 1e-9))
    return np.asarray(shares)


class _ParsedPassage:
    """The units of a passage, and the words of each alone and in its context: what it needs, such as a header row."""

    def __init__(self, text: str) -> None:
        segments = segment(text)
        self.structure = segments.structure
        self.borders = np.asarray(segments.sentences, dtype=np.int64)
        self.content = self.structure.content if text else []
        self.words = words_of_units(text)
        self.context = [self.structure.context_of(number) for number in self.content]

    @property
    def words_in_context(self) -> list[list[str]]:
        """Words of each unit of content, those of its context included."""
        return [
            [word for other in (*context, number) for word in self.words[other]]
            for number, context in zip(self.content, self.context, strict=True)
        ]

    def logits(self, output: EncoderOutput) -> np.ndarray:
        """Return mean support and highest answer logit of each unit of content, shape (2, content).

        A unit with a context has the mean of its own support and of the best in its context.
        """
        support, answer = _unit_logits(self.borders, output)
        of_context = [np.nanmax(support[list(c)]) if _any_known(support, c) else np.nan for c in self.context]
        own = support[self.content]
        together = np.where(np.isnan(of_context), own, (own + np.asarray(of_context)) / 2)
        return np.stack([together, answer[self.content]])

    def scores(self, values: np.ndarray) -> SentenceScores:
        """Return the scores of all units from those of the content; the others have none."""
        of_all = np.full(len(self.borders) - 1, np.nan)
        of_all[self.content] = values
        return SentenceScores(self.borders, of_all)


def _any_known(values: np.ndarray, numbers: Sequence[int]) -> bool:
    return bool(len(numbers)) and bool(np.isfinite(values[list(numbers)]).any())


def _own_scores(
    asked: Sequence[str], parsed: Sequence[_ParsedPassage], outputs: Sequence[EncoderOutput], policy: ScoringPolicy
) -> np.ndarray:
    """Return what units are worth by themselves, as z-scores, shape (content of all passages,)."""
    logits = [passage.logits(output) for passage, output in zip(parsed, outputs, strict=True)]
    support, answer = np.concatenate(logits, axis=1)
    bm25 = bm25_of_words(asked, [words for passage in parsed for words in passage.words_in_context])
    return standardise(
        standardise(support) + policy.answer_weight * standardise(answer) + policy.bm25_weight * standardise(bm25)
    )


def _with_title(title: str, sentences: list[list[str]]) -> list[list[str]]:
    """Return the words of a passage's sentences, after those of its title where it has one."""
    return [words_of(title), *sentences] if title else sentences


def _unit_logits(borders: np.ndarray, output: EncoderOutput) -> np.ndarray:
    """Return mean support and highest answer logit of each unit, shape (2, units); NaN without a token."""
    logits = np.full((2, len(borders) - 1), np.nan)
    cuts = np.searchsorted(output.ends, borders, side="right")  # a token belongs to where its last character is
    for place, (first, last) in enumerate(pairwise(cuts)):
        if last > first:
            logits[:, place] = output.support[first:last].mean(), output.answer[first:last].max()
    return logits
