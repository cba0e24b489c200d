"""What sentences are worth by the encoder, by the question's words, and by what the best of them names."""

from math import log1p

import numpy as np
import pytest

from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.sentences import (
    ANSWER_WEIGHT,
    BM25_WEIGHT,
    NAMED_WEIGHT,
    NEXT_STEP_WEIGHT,
    next_steps,
    sentence_evidence,
)

QUESTION = "Who built the lighthouse?"
PASSAGES = ("A gull cried. Ada Marsh built it.", "The fare is two marks.", "Ada Marsh\nShe slept.")
SENTENCES = ("A gull cried. ", "Ada Marsh built it.", "The fare is two marks.", "Ada Marsh\n", "She slept.")


def read(text: str, evidence: list[float], answer: list[float] | None = None, relevance: float = 0.0) -> EncoderOutput:
    """What an encoder with one token a word might say."""
    ends = [i for i, letter in enumerate(text) if letter.isspace()] + [len(text)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    values, answers = (np.asarray(column, dtype=np.float32) for column in (evidence, answer or evidence))
    return EncoderOutput(relevance, np.asarray(starts), np.asarray(ends), values, answers)


def standard(values: list[float]) -> np.ndarray:
    return np.asarray((np.asarray(values) - np.mean(values)) / np.std(values))


LOG_ODDS = np.array([2.0, -1.0, -2.0])
READ = [
    read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3], [0, 0, 0, 9, 1, 1, 1], relevance=3.0),
    read(PASSAGES[1], [-1, -1, -1, -1, -6], [-2, -2, -2, -2, 4], relevance=-1.0),
    read(PASSAGES[2], [1, 1, -3, -3], relevance=-2.0),
]


def test_value_is_made_of_evidence_answer_and_words_in_standard_deviations_and_of_the_next_step() -> None:
    """A token belongs to the sentence in which it ends. The best sentence names the head of the last passage."""
    found = sentence_evidence(QUESTION, PASSAGES, (), READ, LOG_ODDS)
    own = standard(
        (
            standard([1, 5, -2, 1, -3])
            + ANSWER_WEIGHT * standard([0, 9, 4, 1, -3])
            + BM25_WEIGHT * standard(bm25_scores(QUESTION, SENTENCES).tolist())
        ).tolist()
    )
    # Two sentences of five have "Ada", two "Marsh", one each "she" and "slept"; the best sentence has the first two.
    share = 2 * log1p(5 / 2) / (2 * log1p(5 / 2) + 2 * log1p(5 / 1))
    next_step = standard([0.0, 0.0, share])
    named = np.array([0.0, 0.0, 1 / (1 + np.exp(-1.999))])  # once named by one that answers a hair more surely
    expected = own + (NEXT_STEP_WEIGHT * next_step + NAMED_WEIGHT * named)[[0, 0, 1, 2, 2]]
    np.testing.assert_allclose(np.concatenate([one.values for one in found]), expected, atol=1e-5)


def test_each_sentence_is_one_token_with_its_place() -> None:
    """Borders meet, so that every character is in one."""
    found = sentence_evidence(QUESTION, PASSAGES, (), READ, LOG_ODDS)
    spans = [list(zip(one.starts.tolist(), one.ends.tolist(), strict=True)) for one in found]
    assert spans == [[(0, 14), (14, 33)], [(0, 22)], [(0, 10), (10, 20)]]


def test_a_sentence_without_a_token_counts_as_the_least() -> None:
    """A model may read fewer characters than a text has."""
    full = read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3])
    cut = EncoderOutput(0.0, full.starts[:3], full.ends[:3], full.support[:3], full.answer[:3])
    [found] = sentence_evidence("What?", PASSAGES[:1], (), [cut], np.zeros(1))
    assert np.isfinite(found.values).all()
    assert found.values[1] <= found.values[0]


@pytest.mark.parametrize("texts", [(), ("",), ("", "")])
def test_nothing_to_compare(texts: tuple[str, ...]) -> None:
    """No sentence, no value."""
    found = sentence_evidence(QUESTION, texts, (), [read(text, [0.0]) for text in texts], np.zeros(len(texts)))
    assert [len(one.values) for one in found] == [0] * len(texts)


def test_an_empty_passage_among_others() -> None:
    """It has no sentence, and the others have their own."""
    found = sentence_evidence(QUESTION, ("", PASSAGES[1]), (), [read("", [0.0]), READ[1]], np.zeros(2))
    assert [len(one.values) for one in found] == [0, 1]


def test_next_step_counts_what_the_question_does_not_name() -> None:
    """Rare words of a passage's first two sentences count more, those of the question not at all."""
    director = [["the", "film"], ["it", "was", "made", "by", "ada", "marsh"]]
    person = [["ada", "marsh"], ["she", "lives"], ["the", "film"]]
    film = [["the", "film"], ["the", "film"]]
    shares = next_steps(["the", "film"], director[1], [director, person, film])
    assert shares.tolist() == pytest.approx([1.0, 2 * log1p(7 / 2) / (2 * log1p(7 / 2) + 2 * log1p(7 / 1)), 0.0])


def test_next_step_is_named_by_a_title() -> None:
    """Sentences of a passage whose title the best sentence contains gain what they gain where it is a first line."""
    passages = (PASSAGES[0], PASSAGES[1], "She slept.")
    outputs = [*READ[:2], read(passages[2], [-3, -3], relevance=-2.0)]
    untitled, titled = (
        sentence_evidence(QUESTION, passages, titles, outputs, LOG_ODDS) for titles in ((), ("", "", "Ada Marsh"))
    )
    assert titled[2].values[0] - untitled[2].values[0] > NAMED_WEIGHT * 0.5
    np.testing.assert_array_equal(titled[2].ends, [len(passages[2])])


def test_next_step_in_a_script_without_spaces() -> None:
    """The best sentence names the second passage."""
    passages = ("电影由王芳执导。", "王芳\n她生于上海。", "李明\n他生于北京。")
    evidence = [read(text, [0.0] * len(text.split())) for text in passages]
    _, second, third = sentence_evidence("电影的导演生于哪里？", passages, (), evidence, np.zeros(3))
    assert second.values[0] > third.values[0]
