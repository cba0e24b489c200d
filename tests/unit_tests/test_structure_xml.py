"""XML becomes units of which any choice is well-formed and says nothing new."""

from random import Random
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import pytest

from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, KEYS, is_shortened, long_text, scalar
from tests.structures import assert_tiles, choices, described, kept_text


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  texts of this file only


def element(random: Random, name: str, depth: int, indent: str | None, level: int = 1) -> str:
    attribute = f" id={quoteattr(str(scalar(random)))}" if random.random() < 0.2 else ""
    kind = random.random()
    if depth <= 0 or kind < 0.55:
        if kind < 0.05:
            return f"<{name}{attribute}/>"
        if kind < 0.1:
            return f"<{name}{attribute}>{escape(long_text(random))}</{name}>"
        if kind < 0.13:
            return f"<{name}{attribute}><![CDATA[{long_text(random)}]]></{name}>"
        return f"<{name}{attribute}>{escape(str(scalar(random)))}</{name}>"
    names = random.sample(KEYS, random.randint(1, 5))
    if random.random() < 0.4:
        names = ["ship"] * random.randint(1, 4)
    space = "" if indent is None else "\n" + indent * level
    inner = "".join(space + element(random, one, depth - 1, indent, level + 1) for one in names)
    return f"<{name}{attribute}>{inner}{space[: -len(indent) if indent else None]}</{name}>"


def document(random: Random) -> str:
    indent = random.choice((None, "  ", "\t"))
    space = "" if indent is None else "\n" + indent
    parts = [element(random, random.choice(("ship", "fleet")), 3, indent, 2) for _ in range(random.randint(2, 4))]
    parts.insert(0, "<owner>Kelmouth</owner>")
    start = random.choice(("", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- a list -->\n"))
    return f"{start}<list>{space}{space.join(parts)}{space and chr(10)}</list>"


def is_part(found: ElementTree.Element, whole: ElementTree.Element) -> bool:
    """Whether an element is what is left of another one: some of its children in order, or of its sentences."""
    if found.tag != whole.tag or found.attrib != whole.attrib:
        return False
    text, old = (found.text or "").strip(), (whole.text or "").strip()
    if text != old and not (len(old) > 200 and is_shortened(text, old)):
        return False
    rest = iter(whole)
    return all(any(is_part(one, other) for other in rest) for one in found)


def test_any_choice_is_well_formed_with_values_of_the_source() -> None:
    """Whatever is kept can be parsed, and holds only what the source holds, in its place."""
    random = Random(41)
    for _ in range(3 * DOCUMENTS):
        text = document(random)
        whole = read(text)
        structure = parse(text)
        assert structure.format == "xml", text
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 3):
            kept = kept_text(text, chosen, structure)
            assert is_part(read(kept), whole), f"{kept}\n{text}"


def test_units_of_records() -> None:
    """Tags with elements inside are support; an element with a value is content."""
    text = (
        "<fleet><ship><name>Alma Corrigan</name><crew>14</crew></ship><ship><name>Skua the second</name></ship></fleet>"
    )
    assert described(text) == [
        ("key", "support", "<fleet>"),
        ("key", "support", "<ship>"),
        ("field", "content", "<name>Alma Corrigan</name>"),
        ("field", "content", "<crew>14</crew>"),
        ("markup", "support", "</ship>"),
        ("key", "support", "<ship>"),
        ("field", "content", "<name>Skua the second</name>"),
        ("markup", "support", "</ship>"),
        ("markup", "support", "</fleet>"),
    ]


def test_a_value_keeps_the_name_of_its_record() -> None:
    """Of elements of the same tag, each comes with what names it."""
    text = (
        "<l>"
        + "".join(f"<s><ship>Ship {i}</ship><built>{1900 + i}</built><crew>{i}</crew></s>" for i in range(4))
        + "</l>"
    )
    structure = parse(text)
    built = structure.unit_at(text.index("1902"))
    kept = read(kept_text(text, [built], structure))
    assert [(one.tag, one.text) for one in kept[0]] == [("ship", "Ship 2"), ("built", "1902")]


def test_running_text_with_elements_in_it_is_split_into_sentences() -> None:
    """No element within a sentence is cut."""
    sentences = [
        f"The lamp number {i} was lit by <person>Ada. M{i}</person> in <year>18{i}0</year>. " for i in range(9)
    ]
    text = f"<doc><title>The lamps of the harbour at night</title><para>{''.join(sentences)}</para><note>n</note></doc>"
    structure = parse(text)
    third = structure.unit_at(text.index("Ada. M3"))
    assert kept_text(text, [third], structure) == f"<doc> <para> {sentences[3].strip()} </para> </doc>"


@pytest.mark.parametrize(
    "text",
    ["<deck> lamp <deck> and <deck>", "a < b and b > c", "<a> <b> <c", "vector<int> and map<int, int> are <types>"],
)
def test_what_is_no_xml(text: str) -> None:
    """Angle brackets in running text are no XML."""
    assert parse(text).format != "xml"
