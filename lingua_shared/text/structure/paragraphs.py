"""Paragraphs of markup languages as sentences, and what stands in lines of its own among them."""

import re
from collections.abc import Iterator
from itertools import pairwise

import regex

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.units import Kind

_PREFIX = re.compile(r"\n([ \t]+)(?=\S)")
_QUOTED_PREFIX = re.compile(r"\n([ \t>]+)(?=[^\s>])")
_IMAGE = r"!\[[^\[\]\n]{0,300}\](?:\([^()\n]{0,500}\)|\[[^\[\]\n]{0,100}\])"
_LINKED_IMAGE = rf"\[[ ]?{_IMAGE}[ ]?\](?:\([^()\n]{{0,500}}\)|\[[^\[\]\n]{{0,100}}\])"
_ALONE = re.compile(
    rf"[ \t]{{0,8}}(?:(?:{_LINKED_IMAGE}|{_IMAGE})[ \t|]{{0,4}}){{1,40}}$"
    r"|[ ]{0,3}\[[^\[\]\n]{1,200}\]:[ \t]{0,4}\S"
    r"|[ \t>]{0,8}(?:\*\*|__)[^*_\n]{1,60}(?::(?:\*\*|__)|(?:\*\*|__):)\s"
    r"|[ ]{0,3}\|.{0,5000}\|[ \t]{0,8}$"
)
"""Lines that stand by themselves: images, definitions of links, fields in bold, rows of a table without a header."""

_WRAPPED = regex.compile(r"(?m)(^[^\n]{50,}[^\s:\p{Terminal_Punctuation}][ \t]*)\n(?=\S)")
"""A line that is long enough to be wrapped, and does not end a sentence."""

_MAY_END = regex.compile(
    r"[.\p{Sentence_Terminal}\n\r\v\f\x1c-\x1e\x85\u2028\u2029\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)
"""A character at which a sentence may end."""

_REFERENCE = re.compile(r"[ ]{0,3}!?\[")
_BREAK = re.compile(r"(?:[ ]{2}|\\)\n$")


def sentence_spans(text: str, start: int, end: int, *, quoted: bool = False) -> list[tuple[int, int]]:
    """Return the sentences of a paragraph as (start, end), without those of white space only.

    Args:
        text: the whole text.
        start: first character of the paragraph.
        end: one behind its last character.
        quoted: whether ">" before its lines is a mark of quotation.
    """
    spans: list[tuple[int, int]] = []
    for first, last in _runs(text, start, end):
        if not _MAY_END.search(text[first:last].rstrip()[:-1]):
            spans.append((first, last))  # saves most of the time that short items take
            continue
        # Indentation is moved before the line break, where it is no sign of anything; offsets stay the same.
        prefix = _QUOTED_PREFIX if quoted else _PREFIX
        plain = prefix.sub(lambda found: " " * len(found[1]) + "\n", text[first:last])
        plain = _WRAPPED.sub(r"\1 ", plain)
        spans += [(first + a, first + b) for a, b in pairwise(sentence_borders(plain))]
    return [(a, b) for a, b in spans if text[a:b].strip()]


def _runs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the runs of lines that are read as running text; a line that stands by itself is a run."""
    first = at = start
    for line in text[start:end].splitlines(keepends=True):
        next_at = at + len(line)
        alone = _ALONE.match(line.rstrip("\r\n"))
        if alone and first < at:
            yield first, at
            first = at
        if alone or _BREAK.search(line):
            yield first, next_at
            first = next_at
        at = next_at
    if first < end:
        yield first, end


def add_paragraph(part: Part, start: int, end: int, *, quoted: bool = False) -> list[int]:
    """Add the sentences of a paragraph as units, and return their numbers."""
    text = part.draft.text
    return [part.add(a, b, _kind(text[a:b])) for a, b in sentence_spans(text, start, end, quoted=quoted)]


def _kind(text: str) -> Kind:
    if text.lstrip().startswith("|") and text.rstrip().endswith("|"):
        return "table_row"
    return "reference" if _REFERENCE.match(text) and _ALONE.match(text.rstrip()) else "sentence"
