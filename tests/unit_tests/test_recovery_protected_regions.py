"""Protected regions of an answer: Markdown, links, citations and JSON stay valid."""

import json

import pytest

from lingua_shared.recovery.protected_regions import Region, RegionTracker
from lingua_shared.recovery.words import WordReader
from tests.marked import recoverer

LAMP = "The lamp burned [[cheap ]]paraffin."
QUOTED = 'The lamp burned [["very cheap" ]]paraffin.'


def regions_of(answer: str) -> dict[str, Region]:
    """The region of each word of an answer, by the word; the last of those that are the same."""
    reader, tracker = WordReader(), RegionTracker()
    return {word.text: tracker.read(word) for word in [*reader.feed(answer), *reader.finish()]}


@pytest.mark.parametrize(
    ("answer", "protected"),
    [
        ("a\n```python\nb\n```\nc", "python b"),
        ("~~~\na\n```\nb\n~~~\nc", "a b"),
        ("````\na\n```\nb\n````\nc", "a b"),
        ("a `b c` d", "b c"),
        ("a ``b ` c`` d", "b c"),
        ("a `b\n\nc", "b"),
        ("a [b](c d) e", "c d"),
        ("a [b](c(d)e) f", "c d e"),
        ("a ![b](c) d", "c"),
        ("a (b) c", ""),
        ("a https://b.org/c_d?e=f g", "b org c_d e = f"),
        ("a www.b.org c", "b org"),
        ("a me@b.org c", "b org"),
        ("a <b c='d'>e</f> g", "b c = d f"),
        ("1 < 2 and 3 > 2", ""),
        ("a [1] b", "1"),
        ("a [1, 2-3] b [^4] c", "1 2 3 4"),
        ("a【5】b", "5"),
        ("a [b 6] c", ""),
        ("# a\n- b\n| c | d |", ""),
        ("**a** _b_ ~~c~~", ""),
        ("````md\n```python\na\n```\nb\n````\nc", "md python a b"),
        ("```\na\n```python\nb\n```\nc", "a python b"),
        ("- ```\n  a\n\n  b\n  ```\nc", "a b"),
        ("1. ```\n   a\n\n   b\n   ```\nc", "a b"),
        ("> ```\n> a\n> ```\nb", "a"),
        ("a\n\n    b\n    c\n\nd", "b c"),
        ("a\n    b", ""),
        ("a <code>b</code> c <pre>d\n\ne</pre> f", "code b pre d e"),
        ('a <b title="c > d">e</b> f', "b title = c d"),
        ("a [b][c] d", "c"),
        ("a [[b c]] d", "b c"),
        ("a [^b] c", "b"),
    ],
)
def test_markdown(answer: str, protected: str) -> None:
    """Code, link targets, addresses, tags and citation marks are protected; other text is not."""
    assert [word for word, region in regions_of(answer).items() if region.is_protected] == protected.split()


@pytest.mark.parametrize(
    ("answer", "values", "structure"),
    [
        ('{"a": "b c", "d": 1, "e": [true, "f"]}', "b c f", "a d 1 e true"),
        ('[{"a": "b"}, "c", -1.5e3] d', "b c", "a 1 5e3"),
        (r'{"a": "b \" c", "d": "e"}', "b c e", "a d"),
        ('so {"a": "b"} it is', "b", "a"),
        ("{a} b", "", ""),
        ("[a] b", "", ""),
        ("[1] a", "", "1"),
        ('say "a"', "", ""),
        ('{"a": "b\nc', "b", "a"),
    ],
)
def test_json(answer: str, values: str, structure: str) -> None:
    """Inside JSON only strings that are values can change; what is no JSON is plain text."""
    regions = regions_of(answer)
    assert [word for word, region in regions.items() if region.in_json_string] == values.split()
    assert [word for word, region in regions.items() if region.is_protected] == structure.split()


@pytest.mark.parametrize(
    ("answer", "is_open"),
    [
        ("name = 'Ida Brook'", True),
        ("name = 'Ida' AND Brook", False),
        ("the keeper's dog Brook", False),
        ("the keepers' dog Brook", False),
        ("'it''s Brook", True),
        ("he said 'it's Brook", True),
    ],
)
def test_single_quotes(answer: str, *, is_open: bool) -> None:
    """A mark before a word opens, one after a word closes, one within a word is an apostrophe."""
    assert regions_of(answer)["Brook"].in_single_quotes == is_open


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("**The lamp burned paraffin.**", "**The lamp burned cheap paraffin.**"),
        ("- The lamp burned paraffin [1].", "- The lamp burned cheap paraffin [1]."),
        ("[The lamp burned paraffin](http://a.b)", "[The lamp burned cheap paraffin](http://a.b)"),
        ("| The lamp burned paraffin | 3 |", "| The lamp burned cheap paraffin | 3 |"),
        ("The lamp **burned** paraffin.", None),
        ("The lamp burned\nparaffin.", None),
        ("The lamp burned [1] paraffin.", None),
        ("`The lamp burned paraffin`", None),
        ("```\nThe lamp burned paraffin\n```", None),
        ("[see](The lamp burned paraffin)", None),
        ("<i title='The lamp burned paraffin'>", None),
        ('{"The lamp burned paraffin": 1}', None),
        ('{"a": "The lamp burned", "paraffin": 1}', None),
        ('["The lamp burned", "paraffin"]', None),
        ('{"a": "The lamp burned paraffin", "b": ["c"]}', '{"a": "The lamp burned cheap paraffin", "b": ["c"]}'),
    ],
)
def test_markup_of_answers_stays(answer: str, expected: str | None) -> None:
    """What is put in never stands in markup and never replaces any; None: the answer stays."""
    text = recoverer(LAMP).recover(answer).text
    assert text == (answer if expected is None else expected)


def test_a_json_answer_stays_json() -> None:
    """Words are inserted in a string; what would have to be escaped is not."""
    answer = json.dumps({"text": "The lamp burned paraffin."})
    assert recoverer(QUOTED).recover(answer).text == answer
    assert json.loads(recoverer(LAMP).recover(answer).text) == {"text": "The lamp burned cheap paraffin."}


def test_an_sql_string_is_not_closed() -> None:
    """A straight apostrophe is inserted in plain text, but not between single quotation marks."""
    made = recoverer("It was Ida [[O'Neill ]]Brook.")
    assert made.recover("It was Ida Brook.").text == "It was Ida O'Neill Brook."
    for query in ("SELECT 1 WHERE name = 'Ida Brook'", "x = 'Ida Brook' AND y = 'Ida Brook'"):
        assert made.recover(query).text == query
    assert "Ida O’Neill Brook'" in recoverer("It was Ida [[O’Neill ]]Brook.").recover("n = 'Ida Brook'").text


def test_strings_of_json_are_not_joined() -> None:
    """Two strings stay two, whether or not the source has their words in quotation marks."""
    for source in ("The “lamp”, [[old ]]“oil” burned.", "The lamp, [[old ]]oil burned."):
        assert recoverer(source).recover('["lamp", "oil"]').text == '["lamp", "oil"]'
    assert recoverer("The lamp, [[old ]]oil burned.").recover("The lamp, oil burned.").replacements


def test_citations_of_the_source_are_not_put_in() -> None:
    """A number in brackets would point to another source in the answer."""
    assert (
        recoverer("The lamp burned [[cheap [3] ]]paraffin.".replace("[3]", "[ 3 ]"))
        .recover("The lamp burned paraffin.")
        .replacements
        == ()
    )
