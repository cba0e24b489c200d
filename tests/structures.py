"""What is left of a structured text when some of its units are chosen, for tests of the formats."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from lingua_shared.text.spans import join, merge, trim
from lingua_shared.text.structure.parse import parse
from lingua_shared.text.structure.units import Structure


def assert_tiles(text: str, structure: Structure) -> None:
    """Every character is in exactly one unit, and every number names a unit."""
    units, count = structure.units, len(structure.units)
    assert [unit.start for unit in units] == [0, *(unit.end for unit in units[:-1])]
    assert units[-1].end == len(text)
    assert all(unit.start < unit.end for unit in units)
    assert all(0 <= other < count for unit in units for other in (*unit.needs, *unit.path, *(unit.joins or ())[:2]))


def kept_text(text: str, chosen: list[int], structure: Structure | None = None) -> str:
    """The text of chosen units with all that they need, as a compression joins it."""
    structure = structure or parse(text)
    units = (structure.units[number] for number in structure.complete(chosen))
    return join(text, trim(text, merge((unit.start, unit.end) for unit in units)))


def choices(structure: Structure, random: Random, count: int) -> Iterator[list[int]]:
    """Random choices of content, from one unit to almost all."""
    content = structure.content
    for _ in range(count):
        yield sorted(random.sample(content, random.randint(1, len(content))))


def described(text: str) -> list[tuple[str, str, str]]:
    """Kind, role and characters of each unit, to compare with what is expected."""
    structure = parse(text)
    spans = pairwise(structure.borders)
    return [(unit.kind, unit.role, text[a:b]) for unit, (a, b) in zip(structure.units, spans, strict=True)]


def kept_with(text: str, *fragments: str) -> str:
    """The text of the units that hold given characters, with all that they need."""
    structure = parse(text)
    chosen = [structure.unit_at(text.index(fragment)) for fragment in fragments]
    assert all(structure.units[number].role == "content" for number in chosen)
    return kept_text(text, chosen, structure)


def path_of(text: str, fragment: str) -> list[str]:
    """The units on the path of the unit that holds given characters, nearest first."""
    structure = parse(text)
    units = (structure.units[number] for number in structure.units[structure.unit_at(text.index(fragment))].path)
    return [text[unit.start : unit.end].strip() for unit in units]


def needed_with(text: str, unit: str) -> list[str]:
    """What is kept with the unit that begins with some characters, without white space around it."""
    structure = parse(text)
    pieces = [text[a:b].strip() for a, b in pairwise(structure.borders)]
    number = next(number for number, piece in enumerate(pieces) if piece.startswith(unit))
    return [pieces[other] for other in structure.needed_by(number)]
