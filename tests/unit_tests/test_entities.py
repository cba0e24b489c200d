"""Entities: names, dates, numbers, URLs, e-mail addresses, identifiers, quoted ids."""

from itertools import pairwise

import pytest
import regex as re
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.entities import ENTITY_PATTERNS, find_entities


def entities(text: str) -> list[str]:
    return [text[start:end] for start, end in find_entities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("see https://example.org/a?b=1&c=2#d today", ["https://example.org/a?b=1&c=2#d"], id="url"),
        pytest.param("see www.example.org/x today", ["www.example.org/x"], id="url without a scheme"),
        pytest.param("(ftp://host/file) here", ["ftp://host/file)"], id="url in brackets takes the closing one along"),
        pytest.param("mail jane.doe+list@mail.example.co.uk now", ["jane.doe+list@mail.example.co.uk"], id="e-mail"),
        pytest.param("call os.path.join() first", ["os.path.join()"], id="dotted name"),
        pytest.param("a std::vector here", ["std::vector"], id="C++ name"),
        pytest.param("set max_new_tokens to it", ["max_new_tokens"], id="snake case"),
        pytest.param("open src/main/app here", ["src/main/app"], id="path"),
        pytest.param("run `git log -1` first", ["`git log -1`"], id="code in backticks"),
    ],
)
def test_addresses_and_code_are_entities(text: str, expected: list[str]) -> None:
    """A URL, an e-mail address or a piece of code is one entity."""
    assert entities(text) == expected


@pytest.mark.parametrize(
    "link",
    [
        pytest.param('[the port](https://x.example/a_(b) "Its title")', id="link with a title"),
        pytest.param("![A map of it](./map 1.png)", id="image with a blank in its address"),
        pytest.param("![A map of it](./map_1.png)", id="image"),
        pytest.param("[![the build](https://x.example/b.svg)](https://x.example/ci)", id="image in a link"),
        pytest.param("[the port\nof Orris](/port)", id="wrapped link"),
        pytest.param("[the port][2]", id="link by a reference"),
        pytest.param('<a href="https://x.example/?q=1" title="a > b">', id="tag"),
        pytest.param("</llmlingua>", id="closing tag"),
        pytest.param("<https://x.example/a_(b)>", id="autolink"),
        pytest.param("<!-- not shown -->", id="comment"),
        pytest.param(":ref:`the port <port>`", id="role of reStructuredText"),
        pytest.param("`the port <https://x.example>`_", id="link of reStructuredText"),
    ],
)
def test_a_link_or_tag_is_one_entity(link: str) -> None:
    """A link, an image or a tag stays whole, with its address and its title."""
    assert entities(f"see {link} today") == [link]


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "[at least] five", "an array[i][j]", "x <y z", "[a](b", "why?![", ":"]
)
def test_brackets_alone_are_no_link(text: str) -> None:
    """Brackets and signs of comparison in running text are no links."""
    assert not [entity for entity in entities(text) if " " in entity]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("on 4 July 1871 it", ["4 July 1871"], id="day month year"),
        pytest.param("on july 4th, 1871 it", ["july 4th, 1871"], id="month day year"),
        pytest.param("in March 1990 it", ["March 1990"], id="month year"),
        pytest.param("on 2024-05-31 it", ["2024-05-31"], id="ISO"),
        pytest.param("on 31.05.2024 it", ["31.05.2024"], id="dotted"),
        pytest.param("On January 20, 1985 it", ["January 20, 1985"], id="behind a capital letter"),
        pytest.param("By Ada Marsh in May 1871.", ["By Ada Marsh", "May 1871"], id="beside a name"),
        pytest.param("在1999年5月3日发生", ["1999年5月3日"], id="Chinese"),
        pytest.param("1999년 5월 3일에", ["1999년 5월 3일"], id="Korean"),
    ],
)
def test_a_date_is_one_entity(text: str, expected: list[str]) -> None:
    """Day, month and year stay together, in several notations."""
    assert entities(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("weighs 12 kg here", ["12 kg"], id="unit after a space"),
        pytest.param("some 1,234,567.89 of", ["1,234,567.89"], id="thousands and decimals"),
        pytest.param("some 1 234 567 of", ["1 234 567"], id="thousands by spaces"),
        pytest.param("cost $3.5 million then", ["$3.5 million"], id="currency and scale"),
        pytest.param("at 20 °C now", ["20 °C"], id="degrees"),
        pytest.param("went 60 km/h there", ["60 km/h"], id="a unit per a unit"),
        pytest.param("rose 7% then", ["7%"], id="per cent"),
        pytest.param("from 1914–1918 it", ["1914–1918"], id="range"),
        pytest.param("in room 7 kmart", ["7"], id="a word that starts like a unit is none"),
        pytest.param("about ٣٤ of", ["٣٤"], id="Arabic digits"),
    ],
)
def test_a_number_is_one_entity_with_its_unit(text: str, expected: list[str]) -> None:
    """A number keeps its currency sign, its scale word and its unit."""
    assert entities(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("when Gull Point lit", ["Gull Point"], id="two capitals"),
        pytest.param("where Ludwig van Beethoven lived", ["Ludwig van Beethoven"], id="particle"),
        pytest.param("the University of the Arts said", ["University of the Arts"], id="two particles"),
        pytest.param("wrote J. R. R. Tolkien then", ["J. R. R. Tolkien"], id="initials"),
        pytest.param("saw Dr. Watson there", ["Dr. Watson"], id="title"),
        pytest.param("met Jean-Luc O’Neill there", ["Jean-Luc O’Neill"], id="hyphen and apostrophe"),
        pytest.param("где Лев Толстой жил", ["Лев Толстой"], id="Cyrillic"),
        pytest.param("that Paris fell", [], id="a single capitalised word needs no protection"),
    ],
)
def test_a_name_is_one_entity(text: str, expected: list[str]) -> None:
    """Capitalised words in a row are one name, with particles, initials and titles."""
    assert entities(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('the id "AB-77x" is', ['"AB-77x"'], id="straight"),
        pytest.param("the id “x—y” is", ["“x—y”"], id="curly"),
        pytest.param("roman « deux mots » lu", ["« deux mots »"], id="French"),
        pytest.param("彼は「行く」と", ["「行く」"], id="Japanese"),
        pytest.param("读《红楼梦》吧", ["《红楼梦》"], id="Chinese title"),
        pytest.param('he said "two words" and', [], id="a quoted phrase in English is no id"),
    ],
)
def test_a_quoted_id_is_one_entity(text: str, expected: list[str]) -> None:
    """A short quoted string stays together with its quotation marks."""
    assert entities(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n", "plain words only", "สวัสดี", "...", "\x00"])
def test_text_without_entities_has_none(text: str) -> None:
    """A text without entities has no spans."""
    assert find_entities(text) == []


def test_several_entities_come_in_order() -> None:
    """Entities are in the order of the text."""
    assert entities("On 4 July 1871 Ann Lee paid $5 to x@y.org") == ["4 July 1871", "Ann Lee", "$5", "x@y.org"]


def test_the_kinds_are_those_documented() -> None:
    """There is one pattern for each kind of entity, tried in this order."""
    kinds = ["link", "url", "email", "code", "date", "number", "quoted", "bracketed", "foreign_name", "name"]
    assert list(ENTITY_PATTERNS) == kinds


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("A a1.-@/_'\"«»`:h"), max_size=60))
def test_entities_are_disjoint_and_in_order(text: str) -> None:
    """Whatever the text, entities are not empty, do not overlap and lie inside it."""
    spans = find_entities(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert not spans or spans[-1][1] <= len(text)


def test_letters_with_marks_are_no_start_of_a_name() -> None:
    """A capital letter right after a combining mark goes on with a word, as in decomposed text."""
    assert entities("E\u0301A Gull Point") == ["E\u0301A Gull Point"]
    assert entities("te\u0301Ada Marsh") == []
    assert entities("Zoe\u0308 Marsh") == ["Zoe\u0308 Marsh"]


@given(
    st.text(
        st.characters(exclude_categories=["Cs"]) | st.sampled_from("A a1.-@/_'\"«»“「『《`:h$€№+[]()<>!"), max_size=40
    )
)
def test_no_entity_is_skipped(text: str) -> None:
    """The check of the first character that makes the search fast loses no entity."""
    patterns = re.compile("|".join(ENTITY_PATTERNS.values()), flags=re.VERSION1)
    assert find_entities(text) == [match.span() for match in patterns.finditer(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("it is 71-C.\nClerk wrote", ["71"], id="a letter behind a hyphen is no initial"),
        pytest.param("take vitamin D.\nThe trial", [], id="a line break ends a name"),
        pytest.param("take vitamin D. The trial", [], id="a common word begins a sentence"),
        pytest.param("技師のマウド・ケタリングが建てた", ["マウド・ケタリング"], id="katakana"),
        pytest.param("由莫德·凯特林于1902年建造", ["莫德·凯特林", "1902年"], id="Chinese letters for sounds"),
        pytest.param("桥长24米，船上有五个人", ["24米"], id="a number with what it counts"),
        pytest.param("高さは24メートルで", ["24メートル"], id="the same in Japanese"),
        pytest.param("渡轮“圣布兰诺克号”每晚", ["“圣布兰诺克号”"], id="quoted name"),
        pytest.param("橋（長さは短い）は", ["（長さは短い）"], id="wide brackets"),
    ],
)
def test_names_in_other_scripts_and_beside_line_breaks(text: str, expected: list[str]) -> None:
    """A name does not run over a line break; transliterated names and short brackets are whole."""
    assert entities(text) == expected
