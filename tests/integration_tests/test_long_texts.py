"""A long text is read to its end, in time that grows with its length, whatever it is made of.

LINGUA_CHARACTERS=1000000 in the environment makes the texts as long as that.
"""

import os

import pytest

from lingua_shared.text.segments import segment
from tests.nasty_texts import NASTY, repeated
from tests.unit_tests.test_recovery_hostile import check_growth, recover_among

LENGTH = int(os.environ.get("LINGUA_CHARACTERS", "200000"))


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_a_long_text_is_cut_to_the_end(unit: str) -> None:
    """A long text is cut into sentences and words, entities included, up to its last character."""
    borders = segment(repeated(unit, LENGTH))
    assert (borders.sentences[-1], borders.words[-1]) == (LENGTH, LENGTH)


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
def test_a_long_answer_is_recovered(kind: str) -> None:
    """From a source with a long gap; eight times the length takes about eight times as long."""
    check_growth(lambda size: recover_among(NASTY[kind], size), LENGTH)
