"""Characters that a page or a terminal would obey instead of showing: they become visible names.

Among them are controls of the direction of text, escape sequences of terminals, and letters that cannot be seen, with
which a text can say to a model what a person does not read.
"""

import unicodedata
from collections.abc import Iterator

import regex as re

# Zero-width joiners and soft hyphens are part of ordinary text; of the white space, only what breaks lines oddly.
_HIDDEN = re.compile(
    r"(?V1)[[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]--[\t\n\u200C\u200D\u00AD\u0600-\u0605\u06DD\u070F\u08E2]]"
)
_LINE_BREAK = re.compile(r"\r\n?")


def shown(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield parts of a text as (part, name): name is None for ordinary text, else that of a hidden character."""
    text = _LINE_BREAK.sub("\n", text)
    at = 0
    for match in _HIDDEN.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], None
        yield f"U+{ord(match[0]):04X}", unicodedata.name(match[0], "control character").lower()
        at = match.end()
    if at < len(text):
        yield text[at:], None


def plain(text: str) -> str:
    """Return a text with hidden characters as <U+202E>."""
    return "".join(part if name is None else f"<{part}>" for part, name in shown(text))


def one_line(text: str, longest: int) -> str:
    """Return the beginning of a text on one line, without hidden characters."""
    line = " ".join(plain(text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
