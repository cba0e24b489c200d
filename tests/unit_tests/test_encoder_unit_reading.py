"""Units of structured passages, read by themselves: which are read, with what, and what that changes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.encoder.unit_reading import with_units_read
from lingua_shared.scoring.policy import POLICY
from lingua_shared.scoring.protocol import SentenceScores
from lingua_shared.text.segments import segment

QUESTION = "When was the Brisk built?"
PROSE = "The fee is two marks. Children travel free."
TABLE = "| ship | built |\n|---|---|\n| Alma | 1893 |\n| Brisk | 1901 |\n| Corrie | 1934 |\n"
DOCUMENT = "# Ferry\n\nIt runs daily.\n\n## Fares\n\nTwo marks.\n"


class Reader:
    """Notes what it is asked to read, and gives relevances in turn."""

    def __init__(self, *relevances: float) -> None:
        self.relevances = relevances
        self.read: list[tuple[str, str]] = []

    def __call__(self, question: str, texts: Sequence[str], titles: Sequence[str]) -> list[EncoderOutput]:
        assert question == QUESTION
        assert len(self.relevances) == len(texts)
        self.read += zip(texts, titles, strict=True)
        none = np.zeros(0)
        return [EncoderOutput(relevance, none, none, none, none) for relevance in self.relevances]


def scores_of(text: str, *values: float) -> SentenceScores:
    """Scores of the units of content, in their order."""
    segments = segment(text)
    of_all = np.full(len(segments.sentences) - 1, np.nan)
    of_all[segments.structure.content] = values
    return SentenceScores(np.asarray(segments.sentences), of_all)


def known(scores: Sequence[SentenceScores]) -> list[list[float]]:
    """The values of units of content, by passage."""
    return [one.values[np.isfinite(one.values)].tolist() for one in scores]


def test_running_text_is_not_read_again() -> None:
    """Its sentences are told apart already."""
    reader, before = Reader(), [scores_of(PROSE, 1, 2), scores_of("Two marks.", 3)]
    after = with_units_read(QUESTION, [PROSE, "Two marks."], ["", ""], before, reader, POLICY)
    assert reader.read == []
    assert known(after) == [[1, 2], [3]]


def test_units_are_read_in_their_context() -> None:
    """Best first; a row behind its header, a sentence under its title and headings, the outer ones first."""
    reader = Reader(0, 0, 0, 0, 0, 0, 0)
    before = [scores_of(TABLE, 1, 7, 2), scores_of(DOCUMENT, 3, 6), scores_of(PROSE, 5, 4)]
    with_units_read(QUESTION, [TABLE, DOCUMENT, PROSE], ["Ships", "Prices", ""], before, reader, POLICY)
    assert reader.read == [
        ("| ship | built |\n| Brisk | 1901 |", "Ships"),
        ("Two marks.", "Prices - # Ferry - ## Fares"),
        ("The fee is two marks.", ""),
        ("Children travel free.", ""),
        ("It runs daily.", "Prices - # Ferry"),
        ("| ship | built |\n| Corrie | 1934 |", "Ships"),
        ("| ship | built |\n| Alma | 1893 |", "Ships"),
    ]


def test_an_answer_is_read_behind_its_question() -> None:
    """A turn of a dialogue says little without the one before."""
    chat = "Ada: When does the boat leave?\nBo: At ten.\nAda: And on Sunday?\nBo: At noon.\n"
    reader = Reader(1)
    policy = replace(POLICY, units_read=1)
    with_units_read(QUESTION, [chat], [""], [scores_of(chat, 0, 0, 0, 9)], reader, policy)
    assert reader.read == [("Ada: And on Sunday?\nBo: At noon.", "")]


def test_the_relevance_of_units_counts() -> None:
    """Each gains its z-score above the lowest one, times the weight."""
    reader, policy = Reader(0.0, 4.0, 2.0), replace(POLICY, unit_weight=3.0)
    before = scores_of(TABLE, 5, 2, 1)
    [after] = with_units_read(QUESTION, [TABLE], [""], [before], reader, policy)
    deviation = np.std([0.0, 4.0, 2.0])
    lowest = 3 * (0.0 - 2.0) / deviation
    gains = [lowest, 3 * (4.0 - 2.0) / deviation, 0.0]
    np.testing.assert_allclose(known([after])[0], np.asarray([5, 2, 1]) + gains)
    assert known([before]) == [[5, 2, 1]]  # what was handed in stays
    assert after.borders is before.borders


def test_units_that_are_not_read_are_like_the_worst_that_was() -> None:
    """At most so many are read as the policy says; the others gain what the worst of these does."""
    reader, policy = Reader(3.0, 1.0), replace(POLICY, units_read=2, unit_weight=1.0)
    before = [scores_of(TABLE, 1, 9, 3), scores_of(PROSE, 8, 2)]
    after = with_units_read(QUESTION, [TABLE, PROSE], ["", ""], before, reader, policy)
    assert [text for text, _ in reader.read] == ["| ship | built |\n| Brisk | 1901 |", "The fee is two marks."]
    assert known(after) == [pytest.approx([1 - 1, 9 + 1, 3 - 1]), pytest.approx([8 - 1, 2 - 1])]


def test_what_is_no_content_has_no_value() -> None:
    """A header row keeps its NaN."""
    [after] = with_units_read(QUESTION, [TABLE], [""], [scores_of(TABLE, 1, 2, 3)], Reader(1, 2, 3), POLICY)
    assert np.isnan(after.values).tolist() == [True, True, False, False, False]


def test_passages_without_a_value() -> None:
    """Where nothing has a score, nothing is read."""
    reader, before = Reader(), scores_of(TABLE, np.nan, np.nan, np.nan)
    [after] = with_units_read(QUESTION, [TABLE], [""], [before], reader, POLICY)
    assert reader.read == []
    assert np.isnan(after.values).all()
