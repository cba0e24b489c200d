"""Places of an answer where nothing may be put in: Markdown, links, citations and JSON stay valid."""

import json

import pytest

from lingua_shared.recovery.protected_regions import Place, Places, can_hold
from lingua_shared.recovery.words import WordReader
from tests.marked import recoverer

LAMP = "The lamp burned [[cheap ]]paraffin."
QUOTED = 'The lamp burned [["very cheap" ]]paraffin.'
FREE, GUARDED, JSON = (
    Place(is_guarded=False, is_json=False),
    Place(is_guarded=True, is_json=False),
    Place(is_guarded=False, is_json=True),
)


def places_of(answer: str) -> dict[str, Place]:
    """Where each word of an answer stands, by the word; the last of those that are the same."""
    reader, places = WordReader(), Places()
    return {word.text: places.read(word) for word in [*reader.feed(answer), *reader.finish()]}


@pytest.mark.parametrize(
    ("answer", "guarded"),
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
def test_markdown(answer: str, guarded: str) -> None:
    """Code, link targets, addresses, tags and citation marks are guarded; other text is not."""
    assert [word for word, place in places_of(answer).items() if place.is_guarded] == guarded.split()


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
    places = places_of(answer)
    assert [word for word, place in places.items() if place.is_json] == values.split()
    assert [word for word, place in places.items() if place.is_guarded] == structure.split()


@pytest.mark.parametrize(
    ("text", "in_text", "in_json"),
    [
        (" plain, (and) 'more' ", True, True),
        (' "quoted" ', True, False),
        (" `code` and *stress* ", True, True),
        (" `open ", False, True),
        (" cheap] and [smoky ", False, True),
        (" *open ", False, True),
        (" a | b ", False, True),
        (" <b> ", False, True),
        (" [1] ", False, True),
        (" [sic] ", True, True),
        (" [open ", False, True),
        (" back\\slash ", False, False),
        (" tab\t ", True, False),
        (" snake_case ", True, True),
        (" _open ", False, True),
    ],
)
def test_what_a_place_can_hold(text: str, *, in_text: bool, in_json: bool) -> None:
    """Text with half of a pair of marks, or a mark of a table, tag or citation, stays out."""
    assert can_hold(FREE, text) == in_text
    assert can_hold(JSON, text) == in_json
    assert not can_hold(GUARDED, text)


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
    """What would have to be escaped is left out; elsewhere it is put in."""
    answer = json.dumps({"text": "The lamp burned paraffin."})
    assert recoverer(QUOTED).recover(answer).text == answer
    assert recoverer(QUOTED).recover("The lamp burned paraffin.").text == 'The lamp burned "very cheap" paraffin.'
    found = recoverer(LAMP).recover(answer)
    assert json.loads(found.text) == {"text": "The lamp burned cheap paraffin."}


def test_strings_of_json_are_not_joined() -> None:
    """Two strings stay two, even where the source has their words in quotation marks as well."""
    made = recoverer("The “lamp”, [[old ]]“oil” burned.")
    assert made.recover('["lamp", "oil"]').text == '["lamp", "oil"]'
    assert made.recover('The "lamp", "oil" burned.').replacements


def test_citations_of_the_source_are_not_put_in() -> None:
    """A number in brackets would point to another source in the answer."""
    assert (
        recoverer("The lamp burned [[cheap [3] ]]paraffin.".replace("[3]", "[ 3 ]"))
        .recover("The lamp burned paraffin.")
        .replacements
        == ()
    )
