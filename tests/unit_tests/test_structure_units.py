"""The units of a structure: what must be kept with a unit, what says what it is about, what stands between units."""

import pytest

from lingua_shared.text.structure.parse import parse
from lingua_shared.text.structure.units import Kind, Role, Structure, TextUnit


def structure_of(*units: tuple[Kind, Role, tuple[int, ...]]) -> Structure:
    """A structure whose units have one character each, from their kind, role and needs."""
    parts = enumerate(units)
    return Structure("test", tuple(TextUnit(i, i + 1, kind, role, needs) for i, (kind, role, needs) in parts))


CHAIN = structure_of(
    ("markup", "support", (4,)),  # an opening bracket, which needs the closing one
    ("key", "support", (0,)),
    ("field", "content", (1,)),
    ("field", "content", (1,)),
    ("markup", "support", ()),
)

JSON = '{"ship": "Alma", "year": 1893, "port": "Kelmouth"}'
"""Units: bracket 0, member 1, comma 2, member 3, comma 4, member 5, bracket 6."""

CHAT = "Ada: When does the boat leave?\nBo: At ten.\nAda: And on Sunday?\nBo: At noon.\n"
SECTIONS = "# Ferry\n\nIt runs daily.\n\n## Fares\n\nTwo marks.\n"
TABLE = "| ship | year |\n|---|---|\n| Alma | 1893 |\n| Brisk | 1901 |\n"


@pytest.mark.parametrize(("number", "expected"), [(2, (0, 1, 4)), (1, (0, 4)), (0, (4,)), (4, ())])
def test_needs_of_needs_are_needed(number: int, expected: tuple[int, ...]) -> None:
    """They come in the order of the text, without the unit itself."""
    assert CHAIN.needed_by(number) == expected


def test_units_that_need_each_other() -> None:
    """A circle ends: a question needs its answer, which needs the question."""
    circle = structure_of(("turn", "content", (1,)), ("turn", "content", (2,)), ("turn", "content", (0,)))
    assert [circle.needed_by(number) for number in range(3)] == [(1, 2), (0, 2), (0, 1)]
    assert circle.complete([1]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([3], [0, 3, 6], id="one member, no comma"),
        pytest.param([5, 1], [0, 1, 4, 5, 6], id="one comma between two members that are not neighbours"),
        pytest.param([1, 3], [0, 1, 2, 3, 6], id="the comma between neighbours"),
        pytest.param([1, 3, 5], [0, 1, 2, 3, 4, 5, 6], id="everything"),
    ],
)
def test_chosen_units_are_completed(chosen: list[int], expected: list[int]) -> None:
    """With brackets, and with exactly one separator between two kept members."""
    assert parse(JSON).complete(chosen) == expected


@pytest.mark.parametrize(
    ("kept", "expected"), [([], []), ([1], []), ([0, 6], []), ([1, 3], [2]), ([3, 5], [4]), ([1, 5], [4])]
)
def test_separators_stand_between_kept_content(kept: list[int], expected: list[int]) -> None:
    """Kept support, such as brackets, has no separator."""
    assert parse(JSON).separators(kept) == expected


def test_text_without_separators() -> None:
    """Most formats have none."""
    assert parse(TABLE).separators([2, 3]) == []


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        pytest.param(TABLE, "| Brisk", ["| ship | year |"], id="a row: its header, without the rule below it"),
        pytest.param(CHAT, "Bo: At ten", ["Ada: When does the boat leave?"], id="an answer: the question before it"),
        pytest.param(CHAT, "Bo: At noon", ["Ada: And on Sunday?"], id="not the questions before that"),
        pytest.param(SECTIONS, "Two marks", [], id="headings are no context"),
        pytest.param(JSON, '"year"', [], id="nor are brackets"),
        pytest.param(
            "[web]\nport = 80\n\n[db]\nport = 5432\nuser = a\n", "user", ["[db]"], id="a setting: its section"
        ),
    ],
)
def test_context_says_what_a_unit_is_about(text: str, unit: str, expected: list[str]) -> None:
    """It holds what the unit needs to be understood; no markup and no heading."""
    structure = parse(text)
    context = structure.context_of(structure.unit_at(text.index(unit)))
    assert [text[structure.units[number].start : structure.units[number].end].strip() for number in context] == expected


@pytest.mark.parametrize(
    ("character", "expected"), [(0, 0), (1, 1), (13, 1), (14, 1), (15, 2), (17, 3), (len(JSON) - 1, 6)]
)
def test_unit_at_a_character(character: int, expected: int) -> None:
    """Each character is in one unit."""
    assert parse(JSON).unit_at(character) == expected


def test_content_of_a_structure() -> None:
    """Units of content can be chosen; where none is content, all can."""
    assert CHAIN.content == [2, 3]
    assert structure_of(("markup", "support", ()), ("heading", "support", ())).content == [0, 1]
