"""What sentences are worth by the encoder and by the question's words."""

import numpy as np
import pytest

from lingua_shared.scorers.bm25 import bm25_scores
from lingua_shared.scorers.encoder import Evidence
from lingua_shared.scorers.sentence_evidence import ANSWER_WEIGHT, BM25_WEIGHT, sentence_evidence

QUESTION = "Who built the lighthouse?"
PASSAGES = ("A gull cried. Ada Marsh built it.", "The fare is two marks.")
SENTENCES = ("A gull cried. ", "Ada Marsh built it.", "The fare is two marks.")


def read(text: str, evidence: list[float], answer: list[float] | None = None) -> Evidence:
    """What an encoder with one token a word might say."""
    ends = [i for i, letter in enumerate(text) if letter == " "] + [len(text)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    values = np.asarray(evidence, dtype=np.float32)
    return Evidence(0.0, np.asarray(starts), np.asarray(ends), values, np.asarray(answer or evidence, dtype=np.float32))


def standard(values: list[float]) -> np.ndarray:
    return np.asarray((np.asarray(values) - np.mean(values)) / np.std(values))


def test_value_is_mean_evidence_highest_answer_and_bm25_in_standard_deviations() -> None:
    """A token belongs to the sentence in which it ends."""
    first = read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3], [0, 0, 0, 9, 1, 1, 1])
    second = read(PASSAGES[1], [-1, -1, -1, -1, -6], [-2, -2, -2, -2, 4])
    found = sentence_evidence(QUESTION, PASSAGES, [first, second])
    expected = (
        standard([1, 5, -2])
        + ANSWER_WEIGHT * standard([0, 9, 4])
        + BM25_WEIGHT * standard(bm25_scores(QUESTION, SENTENCES).tolist())
    )
    np.testing.assert_allclose(np.concatenate([one.values for one in found]), expected, atol=1e-5)


def test_each_sentence_is_one_token_with_its_place() -> None:
    """Borders meet, so that every character is in one."""
    found = sentence_evidence(QUESTION, PASSAGES, [read(PASSAGES[0], [0.0] * 7), read(PASSAGES[1], [1.0] * 5)])
    assert [(one.starts.tolist(), one.ends.tolist()) for one in found] == [([0, 14], [14, 33]), ([0], [22])]


def test_a_sentence_without_a_token_counts_as_the_least() -> None:
    """A model may read fewer characters than a text has."""
    full = read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3])
    cut = Evidence(0.0, full.starts[:3], full.ends[:3], full.evidence[:3], full.answer[:3])
    [found] = sentence_evidence("What?", PASSAGES[:1], [cut])
    assert np.isfinite(found.values).all()
    assert found.values[1] <= found.values[0]


@pytest.mark.parametrize("texts", [(), ("",)])
def test_nothing_to_compare(texts: tuple[str, ...]) -> None:
    """No sentence, no value."""
    found = sentence_evidence(QUESTION, texts, [read(text, [0.0]) for text in texts])
    assert [len(one.values) for one in found] == [0] * len(texts)
