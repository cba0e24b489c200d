"""Sentences of text whose lines have something before them: indentation, comment signs, marks of quotation.

What stands before each line is left out while sentences are looked for; it belongs to the line in the end.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import regex as re

from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.units import Kind

SHORT = 100
"""Characters of a text that is one unit with its label, even where it has several sentences."""

BLANKS = re.compile(r"[ \t]*")

_MAY_END = re.compile(r"[^\w\s,;:()\-'\"/][\"'”’»)\]]{0,3}\s|\n|[。！？｡]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Where a sentence may end before the end of the text; without any, there is but one."""


def column(line: Line) -> int:
    """Return the column of a line's first character; a tab goes to the next multiple of eight."""
    if "\t" not in line.text[: line.indent]:
        return line.indent
    return len(line.text[: line.indent].expandtabs(8))


def wrapped_sentences(text: str, start: int, end: int, prefix: re.Pattern[str] = BLANKS) -> list[tuple[int, int]]:
    """Return the spans of the sentences between two characters of a text; they tile what lies between.

    Args:
        text: the whole text.
        start: first character.
        end: one behind the last character.
        prefix: what is left out at the beginning of each line.
    """
    if not _MAY_END.search(text[start:end].rstrip()):
        return [(start, end)]
    lines, compact, inside = [], [], []
    position, length = start, 0
    for line in text[start:end].split("\n"):
        match = prefix.match(line)
        skipped = match.end() if match else 0
        lines.append((position, skipped))
        inside.append(length)
        compact.append(line[skipped:])
        position += len(line) + 1
        length += len(line) - skipped + 1
    borders = sentence_borders("\n".join(compact))
    return list(pairwise([start, *_outside(borders[1:-1], lines, inside), end]))


def _outside(borders: list[int], lines: list[tuple[int, int]], inside: list[int]) -> Iterator[int]:
    """Map offsets of the text without prefixes to those of the text; the prefix of a line goes with the line."""
    for border in borders:
        number = bisect_right(inside, border) - 1
        start, skipped = lines[number]
        column = border - inside[number]
        yield start + (skipped + column if column else 0)


def add_wrapped(
    part: Part, start: int, end: int, kind: Kind = "sentence", *, prefix: re.Pattern[str] = BLANKS, **settings: Any
) -> list[int]:
    """Add the sentences between two characters as units, and return their numbers.

    Lines that are nothing but the prefix, behind a sentence, are markup.

    Args:
        part: where units are added.
        start: first character.
        end: one behind the last character.
        kind: kind of the units.
        prefix: what stands before each line, such as ``> ``.
        settings: role, needs and path of each unit.
    """
    text, numbers = part.draft.text, []
    for a, b in wrapped_sentences(text, start, end, prefix):
        middle = a + _length_without_empty_lines(text[a:b], prefix)
        if text[a:middle].strip():
            numbers.append(part.add(a, middle, kind, **settings))
        if text[middle:b].strip():
            part.add(middle, b, "markup", role="support")
    return numbers


def _length_without_empty_lines(text: str, prefix: re.Pattern[str]) -> int:
    """Return where a text ends if its last lines that are nothing but the prefix are left out."""
    end = len(text)
    while end:
        start = text.rfind("\n", 0, end - 1) + 1
        line = text[start:end].rstrip("\n")
        match = prefix.match(line)
        if line[match.end() if match else 0 :].strip():
            return end
        end = start
    return 0


def add_labelled(
    part: Part, start: int, body: int, end: int, kinds: tuple[Kind, Kind], *, short: int = SHORT, **settings: Any
) -> list[int]:
    """Add a text with a label before it, and return the numbers of its units of content.

    A short text, or one sentence, is one unit with its label. Otherwise the label is support that each sentence needs.

    Args:
        part: where units are added.
        start: first character of the label.
        body: first character behind the label.
        end: one behind the last character.
        kinds: kinds of the label and of the text.
        short: characters of what is short.
        settings: needs and path of each unit.
    """
    spans = wrapped_sentences(part.draft.text, body, end)
    if end - start <= short or len(spans) == 1:
        return [part.add(start, end, kinds[1], **settings)]
    label = part.add(start, body, kinds[0], role="support", **settings)
    needs = (label, *settings.pop("needs", ()))
    return [part.add(a, b, kinds[1], needs=needs, **settings) for a, b in spans if not part.draft.text[a:b].isspace()]
