"""Scores of sentences: by the encoder, by the question's words, and by links between passages."""

from collections.abc import Sequence
from dataclasses import replace
from math import log1p

import numpy as np
import pytest

from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.scoring.policy import POLICY
from lingua_shared.scoring.protocol import SentenceScores
from lingua_shared.scoring.sentences import ReadPassages, _ParsedPassage, bridge_overlap, fused_sentence_scores
from lingua_shared.text.segments import segment

QUESTION = "Who built the lighthouse?"
PASSAGES = ("A gull cried. Ada Marsh built it.", "The fare is two marks.", "Ada Marsh\nShe slept.")
CONTENT = ("A gull cried. ", "Ada Marsh built it.", "The fare is two marks.", "She slept.")
"""Units that are compared: the heading in the last passage is none of them."""


def read(text: str, support: list[float], answer: list[float] | None = None, relevance: float = 0.0) -> EncoderOutput:
    """Return what an encoder with one token per word could return."""
    ends = [i for i, letter in enumerate(text) if letter.isspace()] + [len(text)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    values, answers = (np.asarray(column, dtype=np.float32) for column in (support, answer or support))
    return EncoderOutput(relevance, np.asarray(starts), np.asarray(ends), values, answers)


def standard(values: list[float]) -> np.ndarray:
    return np.asarray((np.asarray(values) - np.mean(values)) / np.std(values))


LOG_ODDS = np.array([2.0, -1.0, -2.0])
READ = [
    read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3], [0, 0, 0, 9, 1, 1, 1], relevance=3.0),
    read(PASSAGES[1], [-1, -1, -1, -1, -6], [-2, -2, -2, -2, 4], relevance=-1.0),
    read(PASSAGES[2], [1, 1, -3, -3], relevance=-2.0),
]


def scored(
    passages: Sequence[str],
    outputs: Sequence[EncoderOutput],
    log_odds: np.ndarray,
    *,
    titles: Sequence[str] | None = None,
    question: str = QUESTION,
) -> list[SentenceScores]:
    return fused_sentence_scores(question, ReadPassages(passages, titles or [""] * len(passages), outputs, log_odds))


def values_of(found: Sequence[SentenceScores]) -> np.ndarray:
    """The values of all units that have one."""
    values = np.concatenate([one.values for one in found])
    return np.asarray(values[np.isfinite(values)])


def test_a_score_is_a_sum_of_z_scores_and_links() -> None:
    """A token belongs to the sentence in which it ends. The best sentence names what the last passage is about."""
    found = scored(PASSAGES, READ, LOG_ODDS)
    own = standard(
        (
            standard([1, 5, -2, -3])
            + POLICY.answer_weight * standard([0, 9, 4, -3])
            + POLICY.bm25_weight * standard(bm25_scores(QUESTION, CONTENT).tolist())
        ).tolist()
    )
    # Two sentences of five have "Ada", two "Marsh", one each "she" and "slept"; the best sentence has the first two.
    share = 2 * log1p(5 / 2) / (2 * log1p(5 / 2) + 2 * log1p(5 / 1))
    overlap = standard([0.0, 0.0, share])
    linked = np.array([0.0, 0.0, 1 / (1 + np.exp(-(2.0 - POLICY.link_margin)))])  # capped just below the best passage
    expected = own + (POLICY.bridge_weight * overlap + POLICY.link_weight * linked)[[0, 0, 1, 2]]
    np.testing.assert_allclose(values_of(found), expected, atol=1e-5)
    assert np.isnan(found[2].values[0])


def test_weights_come_from_the_policy() -> None:
    """Without weights only the mean support logit counts."""
    policy = replace(POLICY, answer_weight=0.0, bm25_weight=0.0, bridge_weight=0.0, link_weight=0.0)
    found = fused_sentence_scores(QUESTION, ReadPassages(PASSAGES, [""] * 3, READ, LOG_ODDS), policy)
    np.testing.assert_allclose(values_of(found), standard([1, 5, -2, -3]), atol=1e-5)


def test_scores_have_the_borders_of_the_sentences() -> None:
    """Borders meet, so that every character is in one sentence."""
    assert [one.borders.tolist() for one in scored(PASSAGES, READ, LOG_ODDS)] == [[0, 14, 33], [0, 22], [0, 10, 20]]


def test_a_sentence_without_a_token_has_the_lowest_logits() -> None:
    """An encoder may read fewer characters than a text has."""
    full = read(PASSAGES[0], [0, 1, 2, 5, 7, 5, 3])
    cut = EncoderOutput(0.0, full.starts[:3], full.ends[:3], full.support[:3], full.answer[:3])
    [found] = scored(PASSAGES[:1], [cut], np.zeros(1), question="What?")
    assert np.isfinite(found.values).all()
    assert found.values[1] <= found.values[0]


@pytest.mark.parametrize("texts", [(), ("",), ("", "")])
def test_nothing_to_compare(texts: tuple[str, ...]) -> None:
    """Empty passages have no sentence and so no value."""
    found = scored(texts, [read(text, [0.0]) for text in texts], np.zeros(len(texts)))
    assert [len(one.values) for one in found] == [0] * len(texts)
    assert [one.borders.tolist() for one in found] == [[0]] * len(texts)


def test_an_empty_passage_among_others() -> None:
    """It has no sentence, and the others have their own."""
    found = scored(("", PASSAGES[1]), [read("", [0.0]), READ[1]], np.zeros(2))
    assert [len(one.values) for one in found] == [0, 1]


def test_bridge_overlap_counts_what_the_question_does_not_name() -> None:
    """Rare words of a passage's first two sentences count more, those of the question not at all."""
    director = [["the", "film"], ["it", "was", "made", "by", "ada", "marsh"]]
    person = [["ada", "marsh"], ["she", "lives"], ["the", "film"]]
    film = [["the", "film"], ["the", "film"]]
    shares = bridge_overlap(["the", "film"], director[1], [director, person, film], head=2)
    assert shares.tolist() == pytest.approx([1.0, 2 * log1p(7 / 2) / (2 * log1p(7 / 2) + 2 * log1p(7 / 1)), 0.0])


@pytest.mark.parametrize(("head", "expected"), [(1, 0.0), (2, 0.5), (3, 2 / 3)])
def test_bridge_overlap_reads_the_beginning_of_passages(head: int, expected: float) -> None:
    """Sentences after the beginning do not count; all words here are equally rare."""
    passage = [["she"], ["ada"], ["marsh"]]
    assert bridge_overlap([], ["ada", "marsh"], [passage], head=head).tolist() == pytest.approx([expected])


def test_bridge_overlap_without_passages_or_words() -> None:
    """There is no overlap with nothing."""
    assert bridge_overlap(["a"], ["b"], [], head=2).tolist() == []
    assert bridge_overlap(["a"], ["b"], [[], [["a"]]], head=2).tolist() == [0.0, 0.0]


def test_the_best_sentence_is_in_a_probable_passage() -> None:
    """Of two sentences that the encoder scores alike, that of the more probable passage says what links to others."""
    passages = ("Ada Marsh built it.", "Tom Hale built it.", "marsh ada\nShe slept.", "hale tom\nHe slept.")
    outputs = [read(text, [value] * len(text.split())) for text, value in zip(passages, (3, 3, 0, 0), strict=True)]
    for log_odds, linked in ((np.array([2.0, -2.0, -3.0, -3.0]), 2), (np.array([-2.0, 2.0, -3.0, -3.0]), 3)):
        found = scored(passages, outputs, log_odds)
        assert found[linked].values[1] > found[5 - linked].values[1]


def test_a_title_links_like_a_first_line() -> None:
    """Sentences of a passage gain by a title that the best sentence contains; a title is no sentence of its own."""
    passages = (PASSAGES[0], PASSAGES[1], "She slept.")
    outputs = [*READ[:2], read(passages[2], [-3, -3], relevance=-2.0)]
    untitled, titled = (scored(passages, outputs, LOG_ODDS, titles=titles) for titles in (None, ("", "", "Ada Marsh")))
    assert titled[2].values[0] - untitled[2].values[0] > POLICY.link_weight * 0.5
    assert titled[2].borders.tolist() == [0, len(passages[2])]


def test_links_in_a_script_without_spaces() -> None:
    """The best sentence names what the second passage is about."""
    passages = ("电影由王芳执导。", "王芳\n她生于上海。", "李明\n他生于北京。")
    outputs = [read(text, [0.0] * len(text.split())) for text in passages]
    _, second, third = scored(passages, outputs, np.zeros(3), question="电影的导演生于哪里？")
    assert second.values[1] > third.values[1]


# Units of structured passages

ROWS = "| ship | built |\n|---|---|\n| Alma | 1893 |\n| Brisk | 1901 |\n"  # header, rule, two rows


def support_by_unit(text: str, *values: float) -> EncoderOutput:
    """What an encoder returns that has one value for all tokens of a unit; NaN for a unit without a token."""
    units = [(u.start, u.end, value) for u, value in zip(segment(text).structure.units, values, strict=True)]
    known = [one for one in units if not np.isnan(one[2])]
    starts, ends, logits = (np.asarray(column) for column in zip(*known, strict=True))
    return EncoderOutput(0.0, starts, ends, logits.astype(np.float32), -logits.astype(np.float32))


def test_words_of_a_row_include_those_of_its_header() -> None:
    """A question names columns; BM25 finds them in each row, and the markup in none."""
    passage = _ParsedPassage(ROWS)
    assert passage.content == [2, 3]
    assert passage.context == [(0,), (0,)]
    assert passage.words_in_context == [["ship", "built", "alma", "1893"], ["ship", "built", "brisk", "1901"]]
    assert passage.words[2] == ["alma", "1893"]


def test_words_of_running_text_are_its_own() -> None:
    """A sentence needs nothing."""
    passage = _ParsedPassage("A gull cried. Ada built it.")
    assert passage.words_in_context == [["a", "gull", "cried"], ["ada", "built", "it"]]


@pytest.mark.parametrize(
    ("header", "expected"),
    [(4.0, [(1 + 4) / 2, (3 + 4) / 2]), (-4.0, [(1 - 4) / 2, (3 - 4) / 2]), (np.nan, [1, 3])],
    ids=["a header about the question", "one that is not", "one without a token"],
)
def test_support_of_a_row_is_the_mean_with_its_header(header: float, expected: list[float]) -> None:
    """The answer logit stays the row's own: the answer is not in the header."""
    logits = _ParsedPassage(ROWS).logits(support_by_unit(ROWS, header, 9, 1, 3))
    np.testing.assert_allclose(logits, np.asarray([expected, [-1.0, -3.0]]))


def test_support_counts_the_best_of_a_context() -> None:
    """The keys above a setting are its context; the best of them counts."""
    text = "web:\n  mail:\n    port: 25\n    host: a\n  name: b\n"
    passage = _ParsedPassage(text)
    place = [text[u.start : u.end].strip() for u in passage.structure.units].index("port: 25")
    context = passage.context[passage.content.index(place)]
    assert len(context) == 2
    values = np.zeros(len(passage.structure.units))
    values[[*context, place]] = [6.0, -2.0, 1.0]
    support, _ = passage.logits(support_by_unit(text, *values))
    assert support[passage.content.index(place)] == pytest.approx((1 + 6) / 2)


def test_only_content_has_a_score() -> None:
    """Header and rule come with the rows, whatever they say."""
    scores = _ParsedPassage(ROWS).scores(np.asarray([1.0, 2.0]))
    assert scores.borders.tolist() == segment(ROWS).sentences
    np.testing.assert_array_equal(scores.values, [np.nan, np.nan, 1.0, 2.0])
