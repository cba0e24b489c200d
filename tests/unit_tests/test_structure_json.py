"""JSON in every layout becomes units of which any choice is JSON that says nothing new."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, is_part, record, scalar, value
from tests.structures import assert_tiles, choices, described, kept_text

LAYOUTS: dict[str, Callable[[Any], str]] = {
    "one line": json.dumps,
    "compact": lambda data: json.dumps(data, separators=(",", ":"), ensure_ascii=False),
    "pretty": lambda data: json.dumps(data, indent=2),
    "tabs": lambda data: json.dumps(data, indent="\t", ensure_ascii=False),
}


def document(random: Random) -> Any:
    if random.random() < 0.5:
        return [record(random, 2, least=2) for _ in range(random.randint(2, 6))]
    return {"data": [value(random, 2) for _ in range(3)], **record(random, 3, least=3)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_choice_is_json_with_fields_of_the_source(layout: str) -> None:
    """Whatever is kept can be parsed, and holds only what the source holds, in its place."""
    random = Random(layout)
    for _ in range(DOCUMENTS):
        data = document(random)
        text = LAYOUTS[layout](data)
        structure = parse(text)
        assert structure.format == "json"
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(json.loads(kept), data), kept


def test_elements_keep_the_field_that_names_them() -> None:
    """Each record of which something is kept has its name."""
    random = Random(1)
    for _ in range(DOCUMENTS):
        ships = [
            {"name": f"ship {i}", **{key: scalar(random) for key in ("built", "yard", "crew", "flag")}}
            for i in range(4)
        ]
        text = json.dumps({"ships": ships})
        for chosen in choices(parse(text), random, 3):
            assert all("name" in ship for ship in json.loads(kept_text(text, chosen))["ships"])


@pytest.mark.parametrize("separator", ["\n", "\r\n"])
def test_json_lines(separator: str) -> None:
    """Each line that is kept is an object of its own."""
    random = Random(2)
    for _ in range(DOCUMENTS):
        rows = [record(random, 1, least=3) for _ in range(random.randint(2, 6))]
        text = separator.join(json.dumps(row) for row in rows)
        structure = parse(text)
        assert structure.format == "json"
        for chosen in choices(structure, random, 3):
            kept = [json.loads(line) for line in kept_text(text, chosen, structure).splitlines() if line.strip()]
            assert is_part(kept, rows)


def test_a_part_cut_out_anywhere() -> None:
    """Half an array is read as far as it goes: fields are whole, and beside the name of their own record."""
    random = Random(3)
    for _ in range(DOCUMENTS):
        rows = [{"name": f"ship {i}", "built": 1800 + i, "yard": f"yard {i}", "crew": 10 + i} for i in range(8)]
        text = json.dumps(rows, indent=random.choice((None, 2)))
        first = random.randint(0, len(text) // 3)
        text = text[first : len(text) - random.randint(0, len(text) // 3)]
        structure = parse(text)
        assert structure.format == "json"
        assert_tiles(text, structure)
        for unit in structure.units[2:-2]:
            if unit.role == "content":
                assert text[unit.start : unit.end].count(":") == 1


def test_units_of_records() -> None:
    """Brackets and keys are support, commas are separators, fields are content."""
    text = '[{"name": "Alma", "yard": "Kelmouth harbour"}, {"name": "Skua", "sizes": [1, 2.5]}]'
    assert described(text) == [
        ("markup", "support", "["),
        ("markup", "support", "{"),
        ("field", "content", '"name": "Alma"'),
        ("markup", "separator", ", "),
        ("field", "content", '"yard": "Kelmouth harbour"'),
        ("markup", "support", "}"),
        ("markup", "separator", ", "),
        ("record", "content", '{"name": "Skua", "sizes": [1, 2.5]}'),
        ("markup", "support", "]"),
    ]


def test_a_key_path_stays() -> None:
    """A field deep inside comes with all keys above it."""
    text = (
        '{"service": {"limits": {"memory": "512 megabytes", "cpu": "half of a processor"}, "name": "billing of fees"}}'
    )
    structure = parse(text)
    memory = structure.unit_at(text.index('"memory"'))
    assert json.loads(kept_text(text, [memory])) == {"service": {"limits": {"memory": "512 megabytes"}}}


def test_json_between_running_text() -> None:
    """Text around an object is parsed for itself."""
    inner = json.dumps({"ship": "Alma Corrigan", "built": 1871, "yard": "Kelmouth", "crew": 14}, indent=1)
    text = f"The answer of the service was:\n{inner}\nIt came late. Nobody knows why."
    structure = parse(text)
    assert structure.format == "text with json"
    crew = structure.unit_at(text.index('"crew"'))
    late = structure.unit_at(text.index("It came"))
    assert kept_text(text, [crew, late], structure) == '{\n "crew": 14\n}\nIt came late.'


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[note]",
        "{name}",
        "[see above] and {this}",
        'He said: "a": it was',
        "[1] Smith, J. (2001). A title.",
        "[" * 5000,
        "{}",
    ],
)
def test_what_is_no_json(text: str) -> None:
    """Brackets in running text are no JSON."""
    assert parse(text).format == "prose"


def test_very_deep_json_is_read() -> None:
    """Depth costs no recursion; what is very deep is one unit."""
    text = '{"a":' * 3000 + "1" + "}" * 3000
    assert parse(text).format == "json"
