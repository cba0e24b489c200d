"""Finds what the caller forces into the text: passages, words, digits, first sentences. Knows no model."""

from collections.abc import Iterator
from itertools import pairwise

import regex as re

from lingua_shared.options import CompressionOptions
from lingua_shared.selection.candidates import Candidate, Piece
from lingua_shared.text.segments import whole_word

_DIGIT = re.compile(r"\p{Nd}")


def forced_pieces(candidate: Candidate, options: CompressionOptions) -> list[Piece]:
    """Return the pieces of a passage that must be in the text if the passage is: words, or sentences of such words."""
    if candidate.index in options.keep_passages:
        return [candidate.whole]
    if options.unit == "passage":  # a kept passage is whole anyway
        return []
    return list(dict.fromkeys(_parts(candidate, options)))


def _parts(candidate: Candidate, options: CompressionOptions) -> Iterator[Piece]:
    index, segments = candidate.index, candidate.segments
    if options.keep_first_sentence and candidate.text:
        yield Piece(index, *segments.sentences[:2])
    pattern = _pattern(options)
    if pattern is None:
        return
    hits = (match.span() for match in pattern.finditer(candidate.text))
    hit = next(hits, None)
    borders = segments.sentences if options.unit == "sentence" else segments.words
    for start, end in pairwise(borders):
        # Hits and pieces both stand in order, so hits that end before this piece are done with.
        while hit and hit[1] <= start:
            hit = next(hits, None)
        if hit and hit[0] < end:
            yield Piece(index, start, end)


def _pattern(options: CompressionOptions) -> "re.Pattern[str] | None":
    patterns = [whole_word(word.strip()) for word in options.force_words if word.strip()]
    if options.keep_digits:
        patterns.append(_DIGIT.pattern)
    return re.compile("|".join(patterns), flags=re.IGNORECASE) if patterns else None
