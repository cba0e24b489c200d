"""Blocks of `key: value` lines: fields stay beside the name of their own record."""

from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, KEYS
from tests.structures import assert_tiles, choices, described, kept_text

VALUES = ("Kelmouth", "1871", "41.2 m", "no", "the north mole: repaired twice", "a, b; c", "unknown (see below)")


def labelled(key: str) -> str:
    return key.replace("_", " ").capitalize()


def blocks(random: Random) -> list[dict[str, str]]:
    keys = [labelled(key) for key in random.sample(KEYS[1:], random.randint(2, 6))]
    return [
        {"Name": f"Ship {i}", **{key: f"{random.choice(VALUES)} {i}" for key in keys}}
        for i in range(random.randint(2, 7))
    ]


def read(text: str) -> list[dict[str, str]]:
    """Records from lines; a record begins at its name."""
    records: list[dict[str, str]] = []
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "Name":
            records.append({})
        if line.strip():
            records[-1][key.strip()] = value.strip()
    return records


def test_any_choice_has_fields_of_the_source_beside_their_names() -> None:
    """Each value that is kept stands behind the name of its record."""
    random = Random(31)
    for _ in range(3 * DOCUMENTS):
        records = blocks(random)
        colon = random.choice((": ", " : ", ":   "))
        text = "\n\n".join("\n".join(f"{key}{colon}{value}" for key, value in one.items()) for one in records)
        structure = parse(text)
        assert structure.format == "records"
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 3):
            for kept in read(kept_text(text, chosen, structure)):
                whole = next(one for one in records if one["Name"] == kept["Name"])
                assert kept.items() <= whole.items()


def test_a_line_above_a_record_is_its_name() -> None:
    """A line without a colon above the fields comes with each of them."""
    text = "Northern Star\n  Built: 1907\n  Length: 77.7 m\n\nPetrel\n  Built: 1889\n  Length: 31.9 m\n"
    structure = parse(text)
    length = structure.unit_at(text.index("31.9"))
    assert kept_text(text, [length], structure) == "Petrel\n  Length: 31.9 m"


def test_lines_that_go_on_belong_to_their_field() -> None:
    """Indented lines behind a field are part of it."""
    text = "Package: trawl\nVersion: 1.2\nDepends: libc,\n libm\n\nPackage: seine\nVersion: 2.0\nDepends: libc\n"
    assert [unit for _, _, unit in described(text)] == [
        "Package: trawl\n",
        "Version: 1.2\n",
        "Depends: libc,\n libm\n\n",
        "Package: seine\n",
        "Version: 2.0\n",
        "Depends: libc\n",
    ]


def test_a_block_of_one_field_is_a_record_where_others_have_that_field() -> None:
    """A licence by itself stays apart from the files above it."""
    text = "Files: *\nCopyright: Ada Marsh\nLicense: free\n\nFiles: doc/*\nLicense: open\n\nLicense: open\n Use it.\n"
    assert [unit for _, _, unit in described(text)][-1] == "License: open\n Use it.\n"
    assert parse(text).format == "records"


@pytest.mark.parametrize(
    "text",
    [
        "Alice: Are you there?\nBob: Yes.\nAlice: Good.\nBob: Fine.\n",
        "Q: Who came?\nA: Nobody.\n\nQ: When?\nA: Never.\n",
        "He said: go.\nThen he left. Nobody: that was the answer.\n\nThe end came: too late.\nIt was over.\n",
    ],
)
def test_what_are_no_records(text: str) -> None:
    """Talk, questions and prose are no records."""
    assert parse(text).format != "records"
