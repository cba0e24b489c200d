"""Line breaks that wrap a paragraph, and those that part lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.wrapped_lines import unwrap

PARAGRAPHS = [
    "The bridge was designed by the surveyor\nMaud Kettering, who had drawn nothing longer than\n"
    "a pier. Opened on 4 May 1902, it cost\n7,310 marks, a third more than the tunnel at\n"
    "Holm Sound. The toll is paid every\n9 days. It was sold in\n1988 to the firm\n"
    "Brandt & Daughters, which keeps (so it\nsays) the books.\n",
    "We waited for the mail-\nboat, which came with the\ntide, and went on to\nSkerry.",
    "Die Brücke wurde von der\nIngenieurin Maud Kettering gebaut, die bis dahin nur\nStege gebaut hatte. Sie kostet "
    "seit dem\n3. Mai nichts mehr.",
    'THE KEYS OF THE HOUSE ARE GIVEN "AS THEY ARE"\nAND WITHOUT ANY PROMISE THAT THEY FIT INTO\nTHE LOCKS.',
    "It was given to Mr.\nHolm by the town, and\nhe kept it.",
]
LINES = [
    "Harbour Office\nPier 3\nHolm Sound",
    "apples\npears\nplums",
    "Opening hours\nMonday 9 to 5\nTuesday 9 to 5",
    "Holm Sound\nThe town lies on the northern shore of the sound, and has two harbours.",
    "- one thing that is long enough to be a line\n- another thing\n- a third",
    "1. Open the valve and wait for a minute\n2. Close it\n3. Go home",
    "def run(self):\n    return self.value\n",
    "Guest: Yes, it is room 71-C.\nClerk: Thanks.",
    "Name      Age\nAda       36\nTom       41",
    "Tide tables\n===========\nThe tide is high at noon.",
    "# Tides\nThe tide is high at noon.",
    "The keeper lived alone.\nThe boat came once a week.\nHe read.",
    "shell: add some tests of it\nshell: limit the size of it\nsubmodule: allow it",
    "  }\n  hooks {",
    "First paragraph of the text\n\nsecond paragraph",
]


@pytest.mark.parametrize("text", PARAGRAPHS)
def test_wrapped_paragraphs(text: str) -> None:
    """Lines of a paragraph go on before capitals, digits and brackets, and behind commas and hyphens."""
    assert unwrap(text, "de" if "Die" in text else "en") == text.replace("\n", " ", text.rstrip().count("\n"))


@pytest.mark.parametrize("text", LINES)
def test_lines(text: str) -> None:
    """Headings, addresses, lists, code, tables, labels and whole sentences are lines."""
    assert unwrap(text, "en") == text


def test_headings_in_a_wrapped_document() -> None:
    """A short line that begins nothing unfinished is a heading."""
    text = "Tides and winds\nThe tide in the sound is high at noon in the\nwinter, and the wind is from the\nwest.\n"
    assert unwrap(text, "en").count("\n") == 2
    assert unwrap(text, "en").startswith("Tides and winds\nThe tide")


def test_first_lines_may_be_indented() -> None:
    """The indentation of a paragraph's first line parts no lines; that of later lines does."""
    text = "   The tide in the sound is high at noon in\nwinter, and low at noon in the summer of\nmost years."
    assert "\n" not in unwrap(text, "en")
    assert unwrap("limits:\n  memory", "en") == "limits:\n  memory"


def test_quotation_prefixes_become_blanks() -> None:
    """Prefixes that all lines have are blanks; those of some lines are text."""
    assert unwrap("> the carrier is\n> Norwood.\n>\n> Tom", "en") == "  the carrier is   Norwood.\n \n  Tom"
    assert unwrap("> one\ntwo", "en").startswith("> one")


@given(st.text(st.sampled_from("aB. \n>-1:,(\tЖ中\r"), max_size=60))
def test_only_breaks_and_prefixes_become_blanks(text: str) -> None:
    """The text keeps its length and all of its other characters."""
    unwrapped = unwrap(text, "en")
    assert len(unwrapped) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, unwrapped, strict=True))
    assert all(old in "\n> \t" for old, new in zip(text, unwrapped, strict=True) if old != new)
