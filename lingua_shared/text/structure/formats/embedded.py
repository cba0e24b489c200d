"""Tells whether a string value of data holds code or markup, which has no sentences."""

import re

_FEWEST_TAGS = 2
_FEWEST_LINES = 3
_TAG = re.compile(r"</?[A-Za-z][\w-]{0,20}(?:\s[^<>]{0,300})?/?>")
_CODE_LINE = re.compile(r"(?m)(?:[{};]|=>|\)[ ]\{?)[ \t]*$")


def holds_markup(text: str) -> bool:
    """Whether a text has two tags of HTML or XML or more."""
    tags = _TAG.finditer(text)
    return sum(1 for _, _ in zip(tags, range(_FEWEST_TAGS), strict=False)) == _FEWEST_TAGS


def holds_code(text: str) -> bool:
    """Whether a text has tags, or three lines or more that end as those of code do."""
    return holds_markup(text) or sum(1 for _ in _CODE_LINE.finditer(text)) >= _FEWEST_LINES
