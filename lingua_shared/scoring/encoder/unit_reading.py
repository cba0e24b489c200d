"""Reads the best units of structured passages by themselves: a row with its header, a field with its record.

Inside its passage, the encoder's logits of a short unit are much like those of its neighbours. By itself, with what it
needs and the headings above it, each is a short passage, and the encoder says how well that answers the question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lingua_shared.scoring.encoder.reader import EncoderOutput
from lingua_shared.scoring.fusion import rank, standardise
from lingua_shared.scoring.policy import ScoringPolicy
from lingua_shared.scoring.protocol import SentenceScores
from lingua_shared.text.segments import segment
from lingua_shared.text.structure.units import Structure

Read = Callable[[str, Sequence[str], Sequence[str]], list[EncoderOutput]]
"""Gives the encoder's output for a question, passages and their titles."""


@dataclass(frozen=True)
class _Unit:
    """A unit to read, and where it is: the place of its passage, and its number in it."""

    passage: int
    number: int


def with_units_read(
    question: str,
    texts: Sequence[str],
    titles: Sequence[str],
    scores: Sequence[SentenceScores],
    read: Read,
    policy: ScoringPolicy,
) -> list[SentenceScores]:
    """Add to the scores of units what the encoder says of the best of them by themselves.

    Args:
        question: what is asked.
        texts: the passages.
        titles: what each passage is about, "" for none.
        scores: of the units of each passage.
        read: the encoder.
        policy: how many units are read, and the weight of what is said of them.

    Returns:
        The scores as they are where every passage is running text, whose sentences are long enough to be told apart.
    """
    structures = [segment(text).structure for text in texts]
    if all(structure.format == "prose" for structure in structures):
        return list(scores)
    units = _best_units(scores, policy.units_read)
    shown = [_in_context(texts[unit.passage], structures[unit.passage], unit.number) for unit in units]
    above = [_title(texts[u.passage], structures[u.passage], u.number, titles[u.passage]) for u in units]
    outputs = read(question, shown, above)
    values = [one.values.copy() for one in scores]
    gains = policy.unit_weight * standardise(np.asarray([output.relevance for output in outputs]))
    for one in values:
        one += min(gains, default=0.0)  # what was not read is no better than the worst that was
    for unit, gain in zip(units, gains, strict=True):
        values[unit.passage][unit.number] += gain - min(gains)
    return [SentenceScores(one.borders, of_one) for one, of_one in zip(scores, values, strict=True)]


def _best_units(scores: Sequence[SentenceScores], most: int) -> list[_Unit]:
    known = [
        (unit, value)
        for place, one in enumerate(scores)
        for unit, value in zip((_Unit(place, n) for n in range(len(one.values))), one.values, strict=True)
        if np.isfinite(value)
    ]
    return [known[i][0] for i in rank([value for _, value in known])[:most]]


def _in_context(text: str, structure: Structure, number: int) -> str:
    """Return the characters of a unit behind those of what it needs, one line each."""
    units = [structure.units[other] for other in (*structure.context_of(number), number)]
    return "\n".join(text[one.start : one.end].strip() for one in sorted(units, key=lambda one: one.start))


def _title(text: str, structure: Structure, number: int, title: str) -> str:
    """Return the passage's title and the headings above a unit."""
    above = [structure.units[other] for other in reversed(structure.units[number].path)]
    headings = [text[one.start : one.end].strip() for one in above if one.kind == "heading"]
    return " - ".join(filter(None, [title, *headings]))
