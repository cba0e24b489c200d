"""Running text: sentences, under the heading in its first line. It takes every text."""

from itertools import pairwise

from lingua_shared.text.headings import heading
from lingua_shared.text.sentences import sentence_borders
from lingua_shared.text.structure.part import Part
from lingua_shared.text.structure.units import Kind


def parse_prose(part: Part) -> bool:
    """Add the sentences of a part. A first sentence that is a heading is the path of the others."""
    numbers = add_sentences(part)
    first = part.draft.units[numbers[0]]
    if len(numbers) > 1 and part.draft.text[first.start : first.end] == heading(part.text):
        part.change(numbers[0], kind="heading", role="support")
        for number in numbers[1:]:
            part.change(number, path=(numbers[0], *part.path))
    return True


def add_sentences(part: Part, kind: Kind = "sentence") -> list[int]:
    """Add the sentences of a part as units of a kind, and return their numbers."""
    borders = sentence_borders(part.text)
    spans = ((part.start + start, part.start + end) for start, end in pairwise(borders))
    return [part.add(start, end, kind) for start, end in spans if part.draft.text[start:end].strip()]
