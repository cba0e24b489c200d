"""Passages in the selection: their units, and the sizes and the importance of these."""

import numpy as np
import pytest

from lingua_shared.scoring.protocol import SentenceScores, TokenScores
from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.text.segments import segment
from lingua_shared.text.spans import Render
from tests.candidates import candidate_of, count_words, scored_words, texts_of

TEXT = "aa bb. Cc dd ee. Ff."
VALUES = [1.0, 3.0, 9.0, 0.0, 0.0, 2.5]  # the means of the sentences are 2, 3 and 2.5


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 7, 2.0, id="a sentence"),
        pytest.param(0, 20, 2.5, id="all sentences"),
        pytest.param(3, 7, 2.0, id="a word has the score of its sentence"),
        pytest.param(3, 10, 2.5, id="parts of two sentences"),
        pytest.param(0, 0, 0.0, id="no character"),
    ],
)
def test_importance_is_the_mean_of_the_sentences(start: int, end: int, expected: float) -> None:
    """The importance of a span is the mean score of the sentences that it touches."""
    assert candidate_of(TEXT, VALUES).importance(start, end) == pytest.approx(expected)


def test_a_passage_without_scores_has_no_importance() -> None:
    """Without scores there is no importance, and all words are the same."""
    unscored = candidate_of(TEXT)
    assert unscored.importance(0, 7) is None
    assert unscored.word_scores(unscored.words_in_order(Unit(0, 7, 17))) == [0.0, 0.0, 0.0]


def test_sentences_cover_the_passage() -> None:
    """Sentences come in the order of the text and leave out nothing; an empty passage has none."""
    assert texts_of(candidate_of(TEXT, VALUES).units, TEXT) == ["aa bb. ", "Cc dd ee. ", "Ff."]
    assert candidate_of("").units == []


def test_the_whole_passage_is_one_unit() -> None:
    """It covers all characters, also where there are none."""
    assert candidate_of(TEXT, index=3).whole == Unit(3, 0, len(TEXT))
    assert candidate_of("").whole == Unit(0, 0, 0)


def test_word_scores_are_computed_only_where_a_sentence_is_cut() -> None:
    """Sizes, sentences and importance need no token scores; they are asked for by the index of the passage."""
    asked = []

    def words(index: int) -> TokenScores:
        asked.append(index)
        return scored_words(TEXT, VALUES)

    borders = segment(TEXT)
    sentences = SentenceScores(np.asarray(borders.sentences), np.asarray([1.0, 2.0, 3.0]))
    lazy = Candidate(4, TEXT, borders, count=count_words, sentences=sentences, words=words)
    assert (lazy.overhead, lazy.size(lazy.whole), len(lazy.units), lazy.importance(0, 7)) == (1, 6, 3, 1.0)
    assert texts_of(lazy.words_in_order(lazy.units[0]), *[TEXT] * 5) == ["aa ", "bb. "]
    assert asked == []
    assert lazy.word_scores(lazy.words_in_order(lazy.units[0])) == [1.0, 3.0]
    assert asked == [4]


def test_words_and_sentences_are_compared_by_their_own_scores() -> None:
    """The score of a sentence does not depend on the scores of words, nor the reverse."""
    both = candidate_of("aa bb cc", [1.0, 2.0, 3.0], words=[9.0, 7.0, 8.0])
    assert both.importance(0, 8) == 2.0
    assert both.word_scores(both.words_in_order(both.units[0])) == [9.0, 7.0, 8.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("two words", [" two words"], id="a word carries the space before it"),
        pytest.param("trailing  ", [" trailing"], id="without white space around"),
        pytest.param("a line  \n", ["a line\n"], id="a line has its line break"),
        pytest.param("東京", ["東京"], id="no space where the script has none"),
        pytest.param("  ", [""], id="only white space"),
    ],
)
def test_what_is_counted_as_the_size_of_a_unit(text: str, expected: list[str]) -> None:
    """A unit is counted once, with the space that it has before it in running text."""
    counted: list[str] = []

    def count(counting: str) -> int:
        counted.append(counting)
        return 1

    passage = Candidate(0, text, segment(text), count=count)
    for _ in range(2):
        passage.size(passage.whole)
    assert counted == expected


@pytest.mark.parametrize(
    ("render", "expected"), [(str, 1), ("Title of it: ".__add__, 4), ("<{0}> Again: {0}".format, 3)]
)
def test_overhead_of_a_passage(render: Render, expected: int) -> None:
    """A passage costs a separator and what the prompt shows around it."""
    assert candidate_of("aa", render=render).overhead == expected


@pytest.mark.parametrize(
    ("render", "expected"), [(str, 2), ("Title: ".__add__, 2), ("{0} and {0}".format, 4), ("no text".format, 2)]
)
def test_size_of_a_unit_that_is_shown_more_than_once(render: Render, expected: int) -> None:
    """A unit costs its tokens as often as the prompt shows it, and at least once."""
    assert candidate_of("aa bb", render=render).size(Unit(0, 0, 5)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Mill at Dorn\nIt was built in 1862. It burnt down in 1901.\n", "Mill at Dorn\n", id="a first line"
        ),
        pytest.param("\n Mill at Dorn \n\nIt was built.", "\n Mill at Dorn \n\n", id="white space around it"),
        pytest.param("It was built in 1862. It burnt down.", None, id="a sentence"),
        pytest.param("The mill\nwas built in 1862.\nIt burnt down.", None, id="a wrapped line"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_heading_of_a_passage(text: str, expected: str | None) -> None:
    """A heading counts where it is a sentence of its own."""
    passage = candidate_of(text)
    assert (passage.heading and passage.text_of(passage.heading)) == expected


def test_a_title_is_no_heading() -> None:
    """The title says what the passage is about; it is no unit of the passage."""
    titled = candidate_of("aa bb. Cc.", title="Mill at Dorn")
    assert (titled.title, titled.heading, len(titled.units)) == ("Mill at Dorn", None, 2)


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        pytest.param("It is late, and the lamp is out. We wait.", "It is", True, id="sentence"),
        pytest.param("Ida: It is late, and the lamp is out.\nPer: No.\nIda: Yes.\n", "Ida: It", False, id="turn"),
        pytest.param(
            '{"note": "It is late. ' + "The lamp is out, and it is cold. " * 29 + '"}', "The lamp", False, id="value"
        ),
        pytest.param("| a | b |\n|---|---|\n| It is late, and cold | 2 |\n", "| It", False, id="row"),
    ],
)
def test_what_can_be_cut(text: str, unit: str, expected: bool) -> None:  # noqa: FBT001
    """Parts of a sentence make sense; parts of data, and of what begins with its own label, do not."""
    candidate = candidate_of(text)
    found = next(one for one in candidate.units if candidate.text_of(one).startswith(unit))
    assert candidate.can_be_cut(found) == expected
