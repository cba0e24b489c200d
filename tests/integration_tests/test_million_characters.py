"""A text of a million characters is read to its end, whatever it is made of."""

import pytest

from lingua_shared.text.segments import segment
from tests.nasty_texts import NASTY, repeated

MILLION = 1_000_000


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_a_million_characters_are_cut_to_the_end(unit: str) -> None:
    """A text of a million characters is cut into sentences and words, entities included, up to its last character."""
    borders = segment(repeated(unit, MILLION))
    assert (borders.sentences[-1], borders.words[-1]) == (MILLION, MILLION)
