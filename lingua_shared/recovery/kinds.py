"""Says what was damaged where words were dropped: a name, a date, a number, a title, a quotation, an identifier.

Knows the source around a gap, no answer.
"""

from typing import Literal, get_args

import regex as re

from lingua_shared.recovery.gap_index import Gap
from lingua_shared.text.entities import ENTITY_PATTERNS

Kind = Literal["name", "date", "number", "title", "quote", "identifier", "any"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""All kinds; "any" is what is none of the others."""

_OF_ENTITY: dict[str, Kind] = {
    "url": "identifier",
    "email": "identifier",
    "code": "identifier",
    "date": "date",
    "number": "number",
    "quoted": "quote",
    "name": "name",
}
_TITLE_WORD = re.compile(r"\s(?:of|the|and|&|und|la|le|y|e)\s")
_QUOTATION = re.compile(r"“[^”\n]{1,200}”|«[^»\n]{1,200}»|「[^」\n]{1,200}」|『[^』\n]{1,200}』|《[^》\n]{1,200}》")
# Each by itself: a name that begins with the first word of a sentence would hide a date behind it.
_PATTERNS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    *((re.compile(ENTITY_PATTERNS[entity], flags=re.VERSION1), kind) for entity, kind in _OF_ENTITY.items()),
    (_QUOTATION, "quote"),
)
_NAME = re.compile(ENTITY_PATTERNS["name"], flags=re.VERSION1)
_AROUND = 120


def names_in(text: str) -> list[tuple[int, int]]:
    """Return where the names of a text stand."""
    return [match.span() for match in _NAME.finditer(text)]


def kind_of(gap: Gap) -> Kind:
    """Return the kind of what the gap lies in: the source's words on both sides belong to it."""
    text = gap.source.text
    first = max(0, gap.left.start - _AROUND)
    around = text[first : gap.right.end + _AROUND]
    start, end = gap.left.end - first, gap.right.start - first
    for pattern, kind in _PATTERNS:
        for match in pattern.finditer(around):
            if match.start() < start and match.end() > end:
                return "title" if kind == "name" and _TITLE_WORD.search(match[0]) else kind
    return "any"
