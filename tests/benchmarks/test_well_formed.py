"""Faults in what is kept of structured passages, each kind by hand; and where lines come from."""

import pytest

from benchmarks.alignment import Place, align
from benchmarks.measures import well_formed
from benchmarks.well_formed import faults, kept_text
from tests.benchmarks.made_up import make_question

CODE = "# Build\n\n```sh\nmake all\n```\n\nErrors are written to a file. Its name is fixed.\n"
TABLE = "| name | size |\n| --- | --- |\n| oak | 12 |\n| ash | 9 |\n"
JSON = '{\n  "name": "oak",\n  "sizes": [\n    1,\n    2\n  ],\n  "kind": "tree"\n}\n'
YAML = "name: oak\nplace:\n  city: Bergen\n  street: Main\nsizes:\n- 1\n- 2\n"
XML = "<trees>\n  <tree>\n    <name>oak</name>\n  </tree>\n</trees>\n"
PROSE = "The tower (built in 1883) is tall. It was made of stone. Nobody lives there."


@pytest.mark.parametrize("passage", [CODE, TABLE, JSON, YAML, XML, PROSE])
def test_a_whole_passage_has_no_fault(passage: str) -> None:
    """Alone, among others, and without white space at its ends."""
    assert faults([passage], passage) == set()
    assert faults(["Other text.", passage, JSON + "\n"], f"Other text.\n\n{passage.strip()}") == set()


@pytest.mark.parametrize(
    ("passage", "text"),
    [
        (CODE, "```sh\nmake all\n```"),
        (CODE, "Its name is fixed."),
        (TABLE, "| name | size |\n| --- | --- |\n| ash | 9 |"),
        (JSON, '{\n  "kind": "tree"\n}'),
        (YAML, "place:\n  street: Main"),
        (XML, XML.strip()),
        (PROSE, "The tower (built in 1883) is tall. Nobody lives there."),
    ],
)
def test_whole_units_with_their_needs_have_no_fault(passage: str, text: str) -> None:
    """What a compression should be."""
    assert faults([passage], text) == set()


@pytest.mark.parametrize(
    ("passage", "text", "kind"),
    [
        (CODE, "```sh\nmake all", "fences"),
        (PROSE, "The tower (built in 1883 is tall.", "brackets"),
        (JSON, '{\n  "name": "oak",\n', "brackets"),
        (JSON, '{\n  "name": "oak",\n}', "unreadable"),
        (XML, "<trees>\n  <tree>\n    <name>oak</name>\n", "unreadable"),
        (TABLE, "| ash | 9 |", "needs"),
        (YAML, "  city: Bergen", "needs"),
        (PROSE, "It was made", "cut"),
        (PROSE, "Nobody there.", "cut"),
    ],
)
def test_each_kind_of_fault_is_found(passage: str, text: str, kind: str) -> None:
    """One of each, in an output that is otherwise a part of the passage."""
    assert kind in faults([passage], text)


def test_what_was_wrong_before_is_no_fault() -> None:
    """A chunk that ends inside a code block and brackets stays as it is."""
    half = "# Build\n\n```sh\nmake (all\nmake check\n"
    assert faults([half], "```sh\nmake (all\nmake check") == set()


def test_a_chunk_that_begins_and_ends_inside_code_is_not_whole() -> None:
    """Its fences are even in number, but the first one closes what stands in the chunk before."""
    inside = "make all\n```\n\nErrors are written to a file.\n\n```sh\nmake check\n"
    assert "fences" not in faults([inside], "Errors are written to a file.\n\n```sh\nmake check")


def test_units_that_stand_twice_are_left_out() -> None:
    """It cannot be told which of two equal fields was kept."""
    text = "first:\n  size: 1\n  kind: tree\nsecond:\n  size: 1\n  kind: bush\n"
    assert faults([text], "second:\n  size: 1") == set()


def test_only_questions_on_structure_have_the_measure() -> None:
    """An empty output has no form."""
    question = make_question(passages=(TABLE,), has_structure=True)
    assert well_formed(question, TABLE) == 1.0
    assert well_formed(question, "| ash | 9 |") == 0.0
    assert well_formed(question, " ") is None
    assert well_formed(make_question(passages=(TABLE,)), "| ash | 9 |") is None


def test_common_lines_belong_to_their_neighbours() -> None:
    """Both passages have the fences; each gets its own."""
    first, second = "```sh\nmake all\n```\nMore.", "```sh\nmake check\n```\nLess."
    found = align([first, second], "```sh\nmake check\n```\n\n```sh\nmake all\n```")
    assert {number: kept_text((first, second)[number], places) for number, places in found.items()} == {
        0: "```sh\nmake all\n```",
        1: "```sh\nmake check\n```",
    }


def test_a_line_of_several_pieces_is_taken_apart() -> None:
    """Sentences from two lines that were joined, and a word that stands nowhere."""
    passage = "It is tall. It stands\nhere. It fell."
    assert align([passage], "It is tall. here. Nowhere It fell.") == {
        0: [Place(0, 0, 11), Place(0, 22, 27), Place(0, 28, 36)]
    }


def test_a_bracket_on_a_line_is_found_among_hundreds() -> None:
    """It is no fault that most others stand inside lines."""
    passage = "call(\n    one,\n)\n" + "".join(f"value_{n} = run(step_{n})\n" for n in range(300))
    assert "brackets" not in faults([passage], "call(\n    one,\n)")


def test_a_piece_does_not_begin_inside_a_word() -> None:
    """The word "read" is not kept of "thread"."""
    assert align(["A thread. To read."], "read") == {0: [Place(0, 13, 17)]}
