"""Links from the best passage to passages about entities that it names."""

from math import sqrt

import numpy as np
import pytest

from lingua_shared.scoring.entity_links import boost_linked, link_strength, linked_log_odds, mentions, passage_names

QUESTION = "Where was the director of The Grey Tide born?"
FILM = "The Grey Tide (1931 film)\nThe Grey Tide is a silent film by Ada Marsh, shot at Brannoc Ferry."
DIRECTOR = "Ada Marsh\nAda Marsh (1894-1970) was a director. She was born in Colquitt."
FERRY = "Brannoc Ferry crosses at ten. It was built in 1883."
OTHER = "Gulls\nThey cry at the harbour."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (FILM, ["The Grey Tide", "Grey Tide"]),
        (DIRECTOR, ["Ada Marsh"]),
        (FERRY, ["Brannoc Ferry"]),
        ("## Ada Marsh ##\nborn 1894", ["Ada Marsh"]),
        ("Marsh\nAda Marsh was a director.", ["Marsh", "Ada Marsh"]),
        ("The Brannoc Ferry crosses.", ["Brannoc Ferry"]),
        ("Ludwig van Beethoven wrote it.", ["Ludwig van Beethoven"]),
        ("However, it rained.\nAnd it rained.", []),
        ("A first line that ends a sentence.\nMore.", []),
        ("On May 5, 2010 it rained.", []),
        ("no name at all", []),
        ("王芳（导演）\n她生于上海。", ["王芳"]),
        ("A\nonly a letter", []),
        ("word " * 40 + "\nbody", []),
        ("", []),
        ("\n\n", []),
    ],
)
def test_names_of_a_passage(text: str, names: list[str]) -> None:
    """The heading without markup and brackets, and the name that the text begins with."""
    assert passage_names(text) == names


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("by Ada Marsh, shot", "Ada Marsh", True),
        ("by Ada Marshall", "Ada Marsh", False),
        ("by ada marsh", "Ada Marsh", False),
        ("wrote C++.", "C++", True),
        ("由王芳执导", "王芳", True),
    ],
)
def test_a_name_is_mentioned_as_words_of_its_own(text: str, name: str, *, found: bool) -> None:
    """In scripts without spaces between words it may stand anywhere."""
    assert mentions(text, name) is found


def test_linked_passages_are_named_by_the_source_and_not_by_the_question() -> None:
    """The question names the film, and no passage names the gulls."""
    assert link_strength(QUESTION, [FILM, DIRECTOR, FERRY, OTHER], (), 0).tolist() == [0.0, 1.0, 1.0, 0.0]
    assert link_strength("What did ADA MARSH make?", [FILM, DIRECTOR], (), 0).tolist() == [0.0, 0.0]
    assert link_strength(QUESTION, [FILM, DIRECTOR, FERRY, OTHER], (), 3).tolist() == [0.0] * 4


def test_a_name_that_many_mention_or_bear_says_less() -> None:
    """Two passages have the name, and two other passages mention it."""
    passages = [FILM, DIRECTOR, "Ada Marsh\nShe died in 1970.", "Gulls\nThey were filmed by Ada Marsh."]
    assert link_strength(QUESTION, passages, (), 0).tolist() == [0.0, *[pytest.approx(1 / sqrt(2 * 2))] * 2, 0.0]


def test_log_odds_are_those_of_the_best_passage_times_the_strength() -> None:
    """P(best answers) * strength, and always below the best passage."""
    twice = [FILM, DIRECTOR, OTHER, "Gulls\nThey were filmed by Ada Marsh."]
    found = linked_log_odds(QUESTION, twice, (), np.array([1.0, -3.0, -2.0, -4.0]))
    probability = 1 / (1 + np.exp(-1.0)) / sqrt(2)
    assert found[1] == pytest.approx(np.log(probability / (1 - probability)))
    assert np.isneginf(found[[0, 2, 3]]).all()
    [best, named] = linked_log_odds(QUESTION, [FILM, DIRECTOR], (), np.array([1.0, -3.0]))
    assert np.isneginf(best)
    assert named == pytest.approx(0.999)


@pytest.mark.parametrize("log_odds", [[800.0, -800.0], [-800.0, -900.0], [0.0, 0.0]])
def test_log_odds_of_any_size(log_odds: list[float]) -> None:
    """Large values give no NaN and nothing above the best passage."""
    _, named = linked_log_odds(QUESTION, [FILM, DIRECTOR], (), np.array(log_odds))
    assert log_odds[0] - 1 < named < log_odds[0]


@pytest.mark.parametrize("title", ["Ada Marsh", "Ada Marsh (director)", "## Ada Marsh"])
def test_a_title_is_the_name_of_its_passage(title: str) -> None:
    """Without markup and a last part in brackets, and instead of a heading; the name at the start counts as well."""
    assert passage_names("She was born in Leith.", title) == ["Ada Marsh"]
    assert passage_names("Early life\nMarsh was born in Leith.", title) == ["Ada Marsh"]
    assert passage_names("Mary Marsh was born in Leith.", title) == ["Ada Marsh", "Mary Marsh"]


def test_titles_link_and_are_linked_to() -> None:
    """A title is mentioned by the best passage, and mentions in a title count like those in the text."""
    born = "She was born in Leith."
    assert link_strength(QUESTION, [FILM, born], ("", "Ada Marsh"), 0).tolist() == [0.0, 1.0]
    assert link_strength(QUESTION, [FILM, born], ("", ""), 0).tolist() == [0.0, 0.0]
    assert link_strength(QUESTION, ["A film of 1931.", DIRECTOR], ("Filmed by Ada Marsh", ""), 0).tolist() == [0.0, 1.0]
    boosted = boost_linked(QUESTION, [FILM, born], ("", "Ada Marsh"), np.array([1.0, -3.0]))
    assert boosted.tolist() == [1.0, pytest.approx(0.999)]


def test_no_passages() -> None:
    """No passages give no log-odds."""
    assert linked_log_odds(QUESTION, [], (), np.zeros(0)).shape == (0,)
