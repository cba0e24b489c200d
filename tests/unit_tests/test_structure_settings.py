"""TOML, INI and their like become units of which any choice can be read and says nothing new."""

import configparser
import json
import tomllib
from random import Random
from typing import Any

import pytest

from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, KEYS, is_part, scalar
from tests.structures import assert_tiles, choices, described, kept_text


def toml_value(random: Random) -> str:
    kind = random.random()
    if kind < 0.6:
        return json.dumps(scalar(random), ensure_ascii=False)
    if kind < 0.7:
        return '"""\nFirst line\n[no section]\nkey = 1\n"""'
    separator = ",\n  " if random.random() < 0.5 else ", "
    elements = separator.join(json.dumps(str(scalar(random)), ensure_ascii=False) for _ in range(random.randint(1, 14)))
    return f"[\n  {elements},  # the last\n]" if "\n" in separator else f"[{elements}]"


def toml_table(random: Random, header: str, name: str) -> str:
    lines = [header, f'name = "{name}"']
    for key in random.sample(KEYS[1:], random.randint(1, 6)):
        if random.random() < 0.2:
            lines.append(f"# about {key}, in a few words")
        lines.append(f"{key} = {toml_value(random)}" + ("  # why" if random.random() < 0.1 else ""))
    return "\n".join(lines)


def toml(random: Random) -> str:
    tables = ['title = "The fleet"\nversion = 3']
    for i in range(random.randint(1, 5)):
        header = random.choice((f"[part{i}]", f"[part{i}.inner]", "[[ship]]"))
        tables.append(toml_table(random, header, f"n{i}"))
        if header == "[[ship]]" and random.random() < 0.6:
            tables.append(toml_table(random, "[ship.engine]", f"e{i}"))
    return random.choice(("\n", "\n\n")).join(tables) + "\n"


def test_any_choice_is_toml_with_fields_of_the_source() -> None:
    """Whatever is kept can be parsed, and holds only what the source holds, in its place."""
    random = Random(21)
    for _ in range(3 * DOCUMENTS):
        text = toml(random)
        data = tomllib.loads(text)
        structure = parse(text)
        assert structure.format == "settings", text
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(tomllib.loads(kept), data), kept


def ini(random: Random) -> str:
    sections = []
    for i in range(random.randint(1, 4)):
        lines = [f"[section {i}]"]
        for key in random.sample(KEYS, random.randint(2, 6)):
            if random.random() < 0.3:
                lines.append(random.choice(("; a word on it", "# a word on it")))
            value = random.choice(("on", "12", "a b c", "http://example.org/?a=1", "\n    first\n    second", "x; y"))
            lines.append(f"{key}{random.choice((' = ', '=', ': '))}{value}")
        sections.append("\n".join(lines))
    return "\n\n".join(sections) + "\n"


def read_ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def test_any_choice_is_ini_with_settings_of_the_source() -> None:
    """Each setting that is kept stands in its own section."""
    random = Random(22)
    for _ in range(3 * DOCUMENTS):
        text = ini(random)
        structure = parse(text)
        assert structure.format == "settings", text
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(read_ini(kept), read_ini(text)), kept


def test_environment_files() -> None:
    """Lines of assignments are one unit each."""
    text = "# the office\nLOG_LEVEL=debug\nexport DB_HOST='db.example.org'\n\nEMPTY=\n"
    assert described(text) == [
        ("comment", "content", "# the office\n"),
        ("field", "content", "LOG_LEVEL=debug\n"),
        ("field", "content", "export DB_HOST='db.example.org'\n\n"),
        ("field", "content", "EMPTY=\n"),
    ]


def test_properties_go_on_behind_a_backslash() -> None:
    """A value in several lines is one unit."""
    text = "office.name=Harbour\noffice.text=It is open \\\n  from eight \\\n  to four\noffice.floor=2\n"
    assert [text for _, _, text in described(text)][1] == "office.text=It is open \\\n  from eight \\\n  to four\n"


def test_a_table_below_an_element_keeps_the_element() -> None:
    """[ship.engine] belongs to the [[ship]] above it, which keeps its name."""
    text = '[[ship]]\nname = "a"\nbuilt = 1\n[ship.engine]\npower = 5\n[[ship]]\nname = "b"\n[ship.engine]\npower = 6\n'
    structure = parse(text)
    power = structure.unit_at(text.index("power = 6"))
    assert tomllib.loads(kept_text(text, [power], structure)) == {"ship": [{"name": "b", "engine": {"power": 6}}]}


def test_a_comment_keeps_the_setting_that_it_explains() -> None:
    """A setting that is off is a unit by itself; a text above a setting comes with it."""
    text = "[db]\n# How many may connect.\nmax_connections = 100\n\n# port = 5432\nhost = db\n"
    structure = parse(text)
    comment = structure.unit_at(text.index("How many"))
    port = structure.unit_at(text.index("5432"))
    assert kept_text(text, [comment], structure) == "[db]\n# How many may connect.\nmax_connections = 100"
    assert kept_text(text, [port], structure) == "[db]\n# port = 5432"


def test_settings_that_are_all_off() -> None:
    """Lines of defaults behind comment signs are a unit each, in their section."""
    text = "# Settings of the log.\n\n[Journal]\n#Storage=auto\n#Compress=yes\n"
    assert described(text) == [
        ("comment", "content", "# Settings of the log.\n\n"),
        ("key", "support", "[Journal]\n"),
        ("field", "content", "#Storage=auto\n"),
        ("field", "content", "#Compress=yes\n"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Let x = 5 and y = 6. Then z = 11.\nIt follows that all is well.\n",
        "let a = 1;\nlet b = 2;\nfoo(a);\n",
        "[1] A. Smith, Ships.\n[2] B. Jones, Boats.\n",
    ],
)
def test_what_are_no_settings(text: str) -> None:
    """Formulas, code and references are no settings."""
    assert parse(text).format != "settings"
