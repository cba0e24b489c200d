"""YAML becomes units of which any choice is YAML that says nothing new."""

from random import Random
from typing import Any

import pytest
import yaml

from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, is_part, record
from tests.structures import assert_tiles, choices, described, kept_text


class _Indented(yaml.SafeDumper):
    """Indents lists in mappings, as most people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def written(random: Random, data: Any) -> str:
    """YAML in one of the layouts that PyYAML writes."""
    return str(
        yaml.dump(
            data,
            Dumper=random.choice((yaml.SafeDumper, _Indented)),
            default_flow_style=random.choice((False, False, None)),
            indent=random.choice((2, 4)),
            width=random.choice((40, 80, 10_000)),
            sort_keys=False,
            allow_unicode=True,
            default_style=random.choice((None, None, None, '"')),
            explicit_start=random.random() < 0.2,
        )
    )


def test_any_choice_is_yaml_with_fields_of_the_source() -> None:
    """Whatever is kept can be parsed, and holds only what the source holds, in its place."""
    random = Random(11)
    for _ in range(2 * DOCUMENTS):
        data = {"service": record(random, 3, least=3), **record(random, 3, least=4)}
        text = written(random, data)
        structure = parse(text)
        assert structure.format == "yaml", text
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(yaml.safe_load(kept), data), f"{kept}\n=====\n{text}"


def test_any_choice_of_several_documents() -> None:
    """Documents stay apart."""
    random = Random(12)
    for _ in range(DOCUMENTS):
        data = [{"kind": f"k{i}", **record(random, 2, least=3)} for i in range(3)]
        text = "---\n".join(yaml.safe_dump(one, sort_keys=False, allow_unicode=True) for one in data)
        structure = parse(text)
        assert structure.format == "yaml", text
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(list(yaml.safe_load_all(kept)), data), kept


def test_a_list_of_records() -> None:
    """The first field of an element carries the dash, and each element has its name."""
    random = Random(13)
    for _ in range(DOCUMENTS):
        data = [{"name": f"ship {i}", **record(random, 1, least=2), "last": i} for i in range(4)]
        for one in data:
            one["name"] = f"ship {one['last']}"
        text = yaml.dump(data, Dumper=random.choice((yaml.SafeDumper, _Indented)), sort_keys=False)
        for chosen in choices(parse(text), random, 3):
            kept = yaml.safe_load(kept_text(text, chosen))
            assert is_part(kept, data), kept
            assert all("name" in one for one in kept)


COMPOSE = """# Services of the harbour office.
services:
  # what ships pay
  billing:
    image: registry.example.org/billing:1.4.2
    command: >
      serve
      --port 8000
    environment:
      - LOG_LEVEL=debug  # noisy
      - DB_HOST=db
  mailer:
    image: "registry.example.org/mailer:0.9.0"
"""


def test_units_of_a_file() -> None:
    """Keys with something below them are support; values with their lines are content."""
    assert described(COMPOSE) == [
        ("comment", "content", "# Services of the harbour office.\n"),
        ("key", "support", "services:\n"),
        ("comment", "content", "  # what ships pay\n"),
        ("key", "support", "  billing:\n"),
        ("field", "content", "    image: registry.example.org/billing:1.4.2\n"),
        ("field", "content", "    command: >\n      serve\n      --port 8000\n"),
        ("key", "support", "    environment:\n"),
        ("field", "content", "      - LOG_LEVEL=debug  # noisy\n"),
        ("field", "content", "      - DB_HOST=db\n"),
        ("key", "support", "  mailer:\n"),
        ("field", "content", '    image: "registry.example.org/mailer:0.9.0"\n'),
    ]


def test_a_first_field_with_a_mapping_keeps_something_of_it() -> None:
    """A dash cannot go without its first key, and a key alone would say that it has no value."""
    text = "rows:\n- limits:\n    cpu: 5\n    memory: 6\n  size: 7\n- size: 8\n"
    structure = parse(text)
    size = structure.unit_at(text.index("size: 7"))
    assert yaml.safe_load(kept_text(text, [size], structure)) == {"rows": [{"limits": {"cpu": 5}, "size": 7}]}


def test_an_alias_keeps_its_anchor() -> None:
    """What refers to a value can be read."""
    text = "base: &base\n  image: a\n  port: 80\nweb:\n  <<: *base\n  name: web\nother: 1\n"
    structure = parse(text)
    alias = structure.unit_at(text.index("<<"))
    kept = yaml.safe_load(kept_text(text, [alias], structure))
    assert kept == {"base": {"image": "a"}, "web": {"image": "a"}}


def test_a_part_of_a_file() -> None:
    """A chunk that begins deep inside is still read by its lines."""
    text = (
        "      cpu: 500m\n  env:\n    - name: LOG_LEVEL\n      value: debug\n"
        "    - name: DB_HOST\n      value: db\n  prob"
    )
    structure = parse(text)
    assert structure.format == "yaml"
    value = structure.unit_at(text.index("value: db\n"))
    assert kept_text(text, [value], structure) == "  env:\n    - name: DB_HOST\n      value: db"


@pytest.mark.parametrize(
    "text",
    [
        "Alice: Are you there?\nBob: Yes.\nAlice: Good.\n",
        "def f(x):\n    if x:\n        return 1\n    else:\n        return 2\n",
        "Note: the lamp is out.\nIt will be lit again: soon.\nWarning: dark.\n",
        "- bread\n- butter\n- tea\n",
        "12:30 The bell rang: twice.\n12:45 It rang again.\n",
        "a: [\nb: c\nd e f\ng h i\n",
    ],
)
def test_what_is_no_yaml(text: str) -> None:
    """Talk, code and lists are no YAML."""
    assert parse(text).format != "yaml"


def test_wrapped_text_in_a_block_is_sentences() -> None:
    """Its lines are too short to look like a paragraph's, but the words go on."""
    first = "Says whether the operator is known to\n    work with the compiler (and its\n    exporter). "
    second = "If you set it, please use\n    `check.registered` to test that\n    it works in both modes.\n"
    filler = "".join(f"    Part {n} of the text goes on and\n    on for a while.\n" for n in range(4))
    text = f"tag: one\nkind: flag\ndesc: |\n    {first}{second}{filler}"
    pieces = [piece for _, _, piece in described(text)]
    assert f"    {first}" in pieces
    assert second in pieces
