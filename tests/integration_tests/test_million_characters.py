"""A text of a million characters is read to its end, in time that grows with its length, whatever it is made of."""

import pytest

from lingua_shared.text.segments import segment
from tests.nasty_texts import NASTY, repeated
from tests.unit_tests.test_recovery_hostile import check_growth, recover_among

MILLION = 1_000_000


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_a_million_characters_are_cut_to_the_end(unit: str) -> None:
    """A text of a million characters is cut into sentences and words, entities included, up to its last character."""
    borders = segment(repeated(unit, MILLION))
    assert (borders.sentences[-1], borders.words[-1]) == (MILLION, MILLION)


@pytest.mark.parametrize(
    "kind",
    [
        "spaces",
        "newlines",
        "combining marks",
        "letters with combining marks",
        "quotation marks",
        "backticks",
        "brackets",
        "digits",
        "dotted words",
        "zero-width spaces",
    ],
)
def test_an_answer_of_a_million_characters_is_recovered(kind: str) -> None:
    """From a source with a gap of a million characters; eight times the length takes about eight times as long."""
    check_growth(lambda size: recover_among(NASTY[kind], size), MILLION)
