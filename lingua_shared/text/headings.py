"""Finds the first line of a text that is no sentence but says what the rest is about. Knows texts only."""

import regex as re

LONGEST_HEADING = 120  # characters

_ENDS_SENTENCE = re.compile(r"[\p{Terminal_Punctuation}--:][\p{Pe}\p{Pf}\"']*$", re.V1)


def heading(text: str) -> str | None:
    """Return the first line of a text where it is a title, or the header of a table; None where it is neither.

    It is one if it does not end like a sentence, is at most `LONGEST_HEADING` characters long, and more follows.

    Args:
        text: any text; blank lines at its start are passed over.

    Returns:
        The line without white space around it.
    """
    first, _, rest = text.strip().partition("\n")
    line = first.rstrip()
    return line if rest and len(line) <= LONGEST_HEADING and not _ENDS_SENTENCE.search(line) else None
