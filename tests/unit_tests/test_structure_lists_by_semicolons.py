"""Lists whose entries are parted by semicolons with white space around them."""

from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, kept_text, kept_with, path_of

EVENTS = (
    "The first tea is drunk in Kelmouth. ; May 3 ; A kettle is built. It boils. ; The yard opens. ; "
    "May 4 ; The yard closes. ; May 9 – It opens again. ; A ship sails."
)


def test_entry_has_its_date_as_path() -> None:
    """A date alone is the heading of the entries behind it, up to the next date."""
    assert path_of(EVENTS, "The yard opens") == ["May 3 ;"]
    assert path_of(EVENTS, "It opens again") == []
    assert kept_with(EVENTS, "The yard closes").strip() == "The yard closes."


def test_one_separator_between_two_entries() -> None:
    """What is dropped between two entries leaves one separator behind."""
    assert (
        kept_with(EVENTS, "The first tea", "The yard closes")
        == "The first tea is drunk in Kelmouth. ; The yard closes."
    )
    assert kept_with(EVENTS, "A kettle", "The yard opens") == "A kettle is built. ; The yard opens."


@pytest.mark.parametrize("number", range(40))
def test_random_lists(number: int) -> None:
    """Whatever is kept of a list, it has one separator between two entries, and none at its ends."""
    random = Random(number)
    entries = [
        random.choice(["May 3", "1968", "May 3 – a tea", "One tea.", "Two teas. Three teas.", "four teas"])
        for _ in range(random.randint(4, 12))
    ]
    text = " ; ".join(["Zero teas.", *entries, "Ten teas."])
    structure = parse(text)
    assert_tiles(text, structure)
    for chosen in choices(structure, random, 5):
        kept = kept_text(text, chosen, structure)
        assert not kept.startswith(";")
        assert not kept.endswith(";")
        assert all(entry.strip() and entry.strip() != "." for entry in kept.split(" ; "))
        units = [text[unit.start : unit.end].strip() for unit in (structure.units[number] for number in chosen)]
        assert all(unit in kept for unit in units)
