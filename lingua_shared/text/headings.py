"""Finds the heading of a text: a title or a table's header in its first line. No model is used."""

import regex as re

MAX_HEADING_LENGTH = 120  # characters

_ENDS_SENTENCE = re.compile(r"[\p{Terminal_Punctuation}--:][\p{Pe}\p{Pf}\"']*$", re.V1)


def heading(text: str) -> str | None:
    """Return the heading of a text: its first line, if that is no sentence and more text follows.

    A heading is at most `MAX_HEADING_LENGTH` characters long and does not end like a sentence; it may end with a colon.

    Args:
        text: any text; blank lines at its start are ignored.

    Returns:
        The line without white space around it; None if the text has no heading.
    """
    first, _, rest = text.strip().partition("\n")
    line = first.rstrip()
    return line if rest and len(line) <= MAX_HEADING_LENGTH and not _ENDS_SENTENCE.search(line) else None
