"""Finds sentences that overlapping chunks of one document have in common, so that they are kept once.

A sentence that merely stands in two places is no repeat: "The status is broken." can be said of two pumps. So two
chunks must have all sentences in common where one ends and the other begins, or one must contain the other, and both
must have the same title and heading. Knows texts; no model, no budget.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.policy import POLICY
from lingua_shared.text.words import normalized_text

Repeats = Mapping[Unit, Sequence[Unit]]
"""For each sentence the sentences of other passages that say the same, or more, at the same place of the document."""


@dataclass(frozen=True)
class _Chunk:
    """The sentences of a passage below its heading, and what each says."""

    candidate: Candidate
    units: Sequence[Unit]
    said: Sequence[str]
    heading: str


def find_repeats(candidates: Sequence[Candidate]) -> Repeats:
    """Return the repeated sentences of passages, each with those that it repeats.

    Args:
        candidates: the passages that take part in the selection.
    """
    chunks = [_chunk_of(candidate) for candidate in candidates]
    repeats: defaultdict[Unit, list[Unit]] = defaultdict(list)
    for (earlier, later), offsets in _alignments(chunks).items():
        offset = next((at for at in offsets if _agree(chunks[earlier], chunks[later], at)), None)
        if offset is not None:
            for one, other in _pairs(chunks[earlier], chunks[later], offset):
                repeats[one].append(other)
    return dict(repeats)


def _chunk_of(candidate: Candidate) -> _Chunk:
    heading = candidate.heading
    units = [unit for unit in candidate.units if unit != heading]
    said = [normalized_text(candidate.text_of(unit)) for unit in units]
    return _Chunk(candidate, units, said, normalized_text(candidate.text_of(heading)) if heading else "")


def _alignments(chunks: Sequence[_Chunk]) -> Mapping[tuple[int, int], Sequence[int]]:
    """Return where chunks may overlap: for (earlier, later) the sentences of the earlier at which the later may begin.

    The later chunk may begin within a sentence, so its second sentence is looked for as well.
    """
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, chunk in enumerate(chunks):
        for at, said in enumerate(chunk.said):
            if len(said) >= POLICY.shortest_repeat:
                places[said].append((number, at))
    found: defaultdict[tuple[int, int], dict[int, None]] = defaultdict(dict)
    for later, chunk in enumerate(chunks):
        for at, said in enumerate(chunk.said[:2]):
            for earlier, place in places.get(said, ()):
                offsets = found[earlier, later]
                is_new = earlier != later and place >= at and len(offsets) < POLICY.alignments_tried
                if is_new and 0 not in found.get((later, earlier), ()):
                    offsets[place - at] = None
    return {pair: list(offsets) for pair, offsets in found.items() if offsets}


def _agree(earlier: _Chunk, later: _Chunk, offset: int) -> bool:
    """Whether two chunks have all sentences in common where they overlap, and are about the same."""
    if earlier.candidate.title != later.candidate.title or not _go_on(earlier, later, offset):
        return False
    length = min(len(earlier.said) - offset, len(later.said))
    for at in range(length):
        one, other = earlier.said[offset + at], later.said[at]
        begins_within = at == 0 and (_is_end_of(other, one) or (offset == 0 and _is_end_of(one, other)))
        ends_within = at == length - 1 and (_is_beginning_of(one, other) or _is_beginning_of(other, one))
        if one != other and not (begins_within or ends_within):
            return False
    return True


def _go_on(earlier: _Chunk, later: _Chunk, offset: int) -> bool:
    """Whether the later chunk has no heading, or repeats that of the earlier one, or the heading is at the border."""
    if not later.heading or later.heading == earlier.heading:
        return True
    return earlier.said[offset - 1] == later.heading if offset else not earlier.heading


def _is_beginning_of(part: str, whole: str) -> bool:
    return whole.startswith(part) and not (whole[len(part) : len(part) + 1].isalnum() and part[-1:].isalnum())


def _is_end_of(part: str, whole: str) -> bool:
    border = len(whole) - len(part)
    return whole.endswith(part) and not (whole[border - 1 : border].isalnum() and part[:1].isalnum())


def _pairs(earlier: _Chunk, later: _Chunk, offset: int) -> Iterator[tuple[Unit, Unit]]:
    """Yield each repeated sentence with the one that it repeats; a fragment repeats the whole, not the reverse."""
    for one, other, a, b in zip(earlier.units[offset:], later.units, earlier.said[offset:], later.said, strict=False):
        if len(a) <= len(b) and len(a) >= POLICY.shortest_repeat:
            yield one, other
        if len(b) <= len(a) and len(b) >= POLICY.shortest_repeat:
            yield other, one
