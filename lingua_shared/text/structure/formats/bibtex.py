"""BibTeX: each entry is one unit."""

import re
from collections.abc import Iterator

from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.prose import add_sentences

_ENTRY = re.compile(
    r"^[ \t]*@[A-Za-z]+[ \t]*[{(][ \t]*(?:[^\s,{}()=\"]+[ \t]*,|[\w:\-]+[ \t]*=|[^{}\n]*[})]|[\"{])", re.MULTILINE
)
_BRACKET = re.compile(r"\\.|[{}]", re.DOTALL)
_NEXT = re.compile(r"\n[ \t]*@[A-Za-z]+[ \t]*\{")


def parse_bibtex(part: Part) -> bool:
    """Add the units of a text in BibTeX; False where it has no entry, or is mostly something else."""
    text = part.draft.text
    entries = list(_entries(text, part.start, part.end))
    if sum(end - start for start, end in entries) <= len(part.text.strip()) / 2:
        return False
    at = part.start
    for start, end in [*entries, (part.end, part.end)]:
        if text[at:start].strip():
            add_sentences(part.inner(at, start), "comment")
        if end > start:
            part.add(start, end, "reference")
        at = end
    return True


def _entries(text: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    while found := _ENTRY.search(text, at, end):
        at = _entry_end(text, found.start(), end)
        yield found.start(), at


def _entry_end(text: str, start: int, end: int) -> int:
    """Return where the brackets of an entry are closed; before the next entry, or the end, where they are not."""
    depth = 0
    following = _NEXT.search(text, start + 1, end)
    last = following.start() if following else end
    for bracket in _BRACKET.finditer(text, start, last):
        depth += {"{": 1, "}": -1}.get(bracket[0], 0)
        if depth == 0 and bracket[0] == "}":
            return bracket.end()
    return last
