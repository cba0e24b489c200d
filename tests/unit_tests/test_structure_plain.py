"""Plain text with structure: manual pages, help of commands, clauses, lists, terms; prose stays prose."""

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import described, kept_with, path_of

MANUAL = """NAME
       brew - make a pot of tea

SYNOPSIS
       brew [OPTION]... LEAVES...
            [--quiet]

OPTIONS
       -t, --time=MINUTES
              leave the pot alone for MINUTES; the default is 3

       -s, --strength=N
              Use N spoons of leaves for each cup. Without it, one spoon is used. More
              than four spoons need the option --bitter as well, which no one should use
              before noon, and never for guests.

EXIT STATUS
       0      the tea is ready

       1      there is no water
"""

HELP = """usage: brew [-h] [--milk] leaves

options:
  -h, --help     show this help
  --milk         add milk, but not
                 before the tea
  --sugar LUMPS  add LUMPS lumps
"""

CONTRACT = """4 Deposit

4.1 The tenant pays a deposit. It is kept on an account of its own.

4.2 Of the deposit, the landlord keeps what is needed

(a) to mend the windows;
(b) to clean the stairs, unless
    the tenant has done so.

5 Keys

5.1 There are three keys.
"""


def test_options_are_units_with_their_description() -> None:
    """A short option is one unit; the sentences of a long description need the option; headings are the path."""
    assert kept_with(MANUAL, "default is 3").strip() == (
        "-t, --time=MINUTES\n              leave the pot alone for MINUTES; the default is 3"
    )
    assert kept_with(MANUAL, "Without it").split() == [
        "-s,",
        "--strength=N",
        "Without",
        "it,",
        "one",
        "spoon",
        "is",
        "used.",
    ]
    assert path_of(MANUAL, "default is 3") == ["OPTIONS"]
    assert kept_with(MANUAL, "no water").strip() == "1      there is no water"
    assert path_of(MANUAL, "no water") == ["EXIT STATUS"]


def test_synopsis_is_lines_of_code() -> None:
    """Each usage is one unit with its deeper lines."""
    assert ("code_line", "content", "       brew [OPTION]... LEAVES...\n            [--quiet]\n\n") in described(MANUAL)


def test_help_of_a_command() -> None:
    """An option and its description in the same line are one unit, with the lines below the description."""
    assert described(HELP)[1:] == [
        ("heading", "support", "options:\n"),
        ("definition", "content", "  -h, --help     show this help\n"),
        ("definition", "content", "  --milk         add milk, but not\n                 before the tea\n"),
        ("definition", "content", "  --sugar LUMPS  add LUMPS lumps\n"),
    ]


def test_clauses_keep_their_numbers() -> None:
    """The number of a clause comes with each of its sentences, and with what is listed below it."""
    assert kept_with(CONTRACT, "It is kept").split() == [
        "4.1",
        "It",
        "is",
        "kept",
        "on",
        "an",
        "account",
        "of",
        "its",
        "own.",
    ]
    kept = kept_with(CONTRACT, "(b)")
    assert kept.endswith("(b) to clean the stairs, unless\n    the tenant has done so.")
    assert path_of(CONTRACT, "(b)")[0].startswith("4.2 Of the deposit")
    assert "4.1" not in kept
    assert kept_with(CONTRACT, "three keys").split() == ["5.1", "There", "are", "three", "keys."]
    assert path_of(CONTRACT, "three keys") == ["5 Keys"]


def test_title_within_a_clause_is_the_path() -> None:
    """A paragraph "2.1 Grant of License. Each ..." has the number as a need and the title as path."""
    text = "2.1 Grant of License. Each user is granted it. No fee is due.\n\n2.2 Term. It never ends. So it is.\n"
    assert kept_with(text, "No fee").split() == ["2.1", "No", "fee", "is", "due."]
    assert path_of(text, "No fee") == ["Grant of License."]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Bring:\n\n- a cup\n- a spoon\n", ["- a cup\n", "- a spoon\n"]),
        ("1. Boil the water.\n2. Wait.\n", ["1. Boil the water.\n", "2. Wait.\n"]),
        ("a) one\nb) two\n", ["a) one\n", "b) two\n"]),
        ("(i) one\n(ii) two\n(iii) three\n", ["(i) one\n", "(ii) two\n", "(iii) three\n"]),
        ("* a long item that\n  goes on\n* another\n", ["* a long item that\n  goes on\n", "* another\n"]),
        ("• Tee\n• Kaffee\n", ["• Tee\n", "• Kaffee\n"]),
    ],
)
def test_list_items_are_units(text: str, items: list[str]) -> None:
    """An item of one sentence is one unit with its marker."""
    assert [unit for kind, role, unit in described(text) if role == "content"] == items


def test_items_need_their_lead_in_line() -> None:
    """The line with a colon before a list comes with each item, and only with items."""
    text = "We met at noon. These were there:\n\n- Ida\n- Per\n\nThen we ate.\n"
    assert kept_with(text, "- Per").split() == ["These", "were", "there:", "-", "Per"]
    assert kept_with(text, "Then we") == "Then we ate."


def test_long_item_is_several_units_that_need_the_marker() -> None:
    """Each sentence of a long item comes with the marker of the item, not with that of another one."""
    long = "It was the first one that the yard had built of steel, and it was sold at once. It sank in May."
    text = f"(a) The Ida. {long}\n(b) The Per. It was never finished.\n"
    assert kept_with(text, "It sank").split() == ["(a)", "It", "sank", "in", "May."]


def test_nested_items_have_what_they_are_in_as_path() -> None:
    """An item of an outline has the items above it as path; a lead-in is a need."""
    text = "• Ships\n  • Ferries\n    • Ida\n  • Tugs:\n    • Per\n• Yards\n"
    assert path_of(text, "• Ida") == ["• Ferries", "• Ships"]
    assert kept_with(text, "• Per").split() == ["•", "Tugs:", "•", "Per"]


@pytest.mark.parametrize(
    "text",
    [
        "The yard closed in\n1968. It had built 90 ships, of which\n5. May was the last.",
        "“Is it far?” asked Ida.\n\n“Not at all,” said Per. He smiled.\n\n“Then let us walk.”",
        "Tea is warm\nand so am I\n\nThe pot is full\nthe night is dry\n",
        "He came on the\n3. Mai 1931 nach Kiel und blieb\ndort.",
        "A normal paragraph with several lines that are\nwrapped at some column, and that end here.\n\n"
        "And another one, which is just as long as the\nfirst one was. It ends here.",
    ],
)
def test_prose_stays_prose(text: str) -> None:
    """What only looks a little like a list, a title or a clause is running text."""
    assert parse(text).format == "prose"
