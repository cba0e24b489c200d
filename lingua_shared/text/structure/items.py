"""The first line of a list item: its marker, its label and its sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.text.structure.blocks import Block, leads_in
from lingua_shared.text.structure.paragraphs import sentence_spans
from lingua_shared.text.structure.part import Part

SHORT_ITEM = 120  # characters of an item of several sentences that is one unit
SHORT_SENTENCE = 160  # characters of a first sentence that the others of its item need

_LABEL = re.compile(
    r"(?:(\*\*|__)[^*_\n]{1,80}[:.]\1"
    r"|(?:(\*\*|__)[^*_\n]{1,80}\2|`[^`\n]{1,80}`(?:,?\s`[^`\n]{1,80}`){0,4}"
    r"|\[[^\[\]\n]{1,80}\](?:\([^()\s]{0,300}\))?|[^\W\d_][\w()'’/ -]{0,40})(?:\([^()\n]{1,40}\))?"
    r"\s?(?::(?=\s)|[–—]|-(?=\s)))\s*"
)


@dataclass(frozen=True)
class Head:
    """The units of an item's first line.

    Attributes:
        first: the first of them.
        line: those that the rest of the item needs: marker and label, or the whole first sentence.
        last: the last sentence, which introduces code below it.
    """

    first: int
    line: tuple[int, ...]
    last: tuple[int, ...]


def add_head(part: Part, item: Block, *, quoted: bool = False) -> tuple[Head, Sequence[Block]]:
    """Add the first line of an item, and return it with the blocks that follow."""
    text, children = part.draft.text, item.children
    if not children or children[0].kind != "paragraph":
        marker = part.add(item.start, item.body[0], "list_marker", role="support")
        return Head(marker, (marker,), ()), children
    line, rest = children[0], children[1:]
    spans = sentence_spans(text, item.body[0], line.end, quoted=quoted)
    if len(spans) <= 1 or line.end - item.start <= SHORT_ITEM:
        number = part.add(item.start, line.end, "sentence")
        if rest and leads_in(text[item.start : line.end]):
            part.change(number, kind="lead_in", role="support")
        return Head(number, (number,), (number,)), rest
    return _add_long_head(part, item, spans, has_more=bool(rest)), rest


def _add_long_head(part: Part, item: Block, spans: list[tuple[int, int]], *, has_more: bool) -> Head:
    """Add a marker, with a label where there is one, and the sentences, which need it."""
    text = part.draft.text
    label = _LABEL.match(text, item.body[0], item.body[0] + 200)
    if label and label.end() < spans[0][1]:
        marker = part.add(item.start, label.end(), "term", role="support")
        spans = [(label.end(), spans[0][1]), *spans[1:]]
    elif label and label.end() >= spans[0][1] and len(spans) > 1:
        marker = part.add(item.start, spans[0][1], "term", role="support")
        spans = spans[1:]
    else:
        label, marker = None, part.add(item.start, item.body[0], "list_marker", role="support")
    numbers = [part.add(start, end, "sentence", needs=(marker,)) for start, end in spans]
    line: tuple[int, ...] = (marker,)
    if not label and spans[0][1] - spans[0][0] <= SHORT_SENTENCE:
        line = (marker, numbers[0])
        for number in numbers[1:]:
            part.change(number, needs=(numbers[0],))
    if has_more and leads_in(text[slice(*spans[-1])]):
        part.change(numbers[-1], kind="lead_in", role="support")
        line = (*line, numbers[-1])
    return Head(marker, line, (numbers[-1],))
