"""BibTeX: each entry is one unit."""

import re

from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.prose import add_sentences

_ENTRY = re.compile(
    r"^[ \t]*@[A-Za-z]+[ \t]*[{(][ \t]*(?:[^\s,{}()=\"]+[ \t]*,|[\w:\-]+[ \t]*=|[^{}\n]*[})]|[\"{])", re.MULTILINE
)
_BRACKET = re.compile(r"\\.|[{}]", re.DOTALL)
_NEXT = re.compile(r"\n[ \t]*@[A-Za-z]+[ \t]*\{")


def parse_bibtex(part: Part) -> bool:
    """Add the units of a text in BibTeX; False where it has no entry, or is mostly something else."""
    text, end = part.draft.text, part.end
    found = _ENTRY.search(text, part.start, end)
    if not found or text[part.start : found.start()].count("\n") > 20:
        return False
    at = part.start
    while found:
        start = found.start()
        if text[at:start].strip():
            add_sentences(part.inner(at, start), "comment")
        at = _entry_end(text, start, end)
        part.add(start, at, "reference")
        found = _ENTRY.search(text, at, end)
    if text[at:end].strip():
        add_sentences(part.inner(at, end))
    return True


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
