"""From spans to the text of a passage, and from passages to the prompt's context."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.spans import Layout, Marker, Render, copies, gaps, join, kept_spans, merge, trim
from lingua_shared.text.structure.parse import parse

Intervals = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(0, 3)], [(0, 3)], id="one"),
        pytest.param([(5, 7), (0, 3)], [(0, 3), (5, 7)], id="sorted"),
        pytest.param([(0, 3), (3, 5)], [(0, 5)], id="touching"),
        pytest.param([(0, 4), (2, 5)], [(0, 5)], id="overlapping"),
        pytest.param([(0, 9), (2, 5)], [(0, 9)], id="nested"),
        pytest.param([(2, 5), (2, 5)], [(2, 5)], id="twice the same"),
        pytest.param([(0, 0)], [(0, 0)], id="the whole of an empty text"),
    ],
)
def test_merged_intervals(intervals: Intervals, expected: Intervals) -> None:
    """Spans are sorted, and merged if they touch or overlap."""
    assert merge(intervals) == expected


SOURCE = "  one two\n\nthree  "  # words at 2-5, 6-9, 11-16; 18 characters


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        pytest.param([(0, 18)], [(0, 18)], id="the whole stays as it is"),
        pytest.param([(0, 6)], [(2, 5)], id="both ends"),
        pytest.param([(2, 6), (11, 18)], [(2, 5), (11, 16)], id="blanks before a line break that is left out go"),
        pytest.param([(0, 2)], [], id="only white space"),
        pytest.param([(0, 2), (6, 11)], [(6, 9)], id="blank at the start goes"),
        pytest.param([(6, 11), (16, 18)], [(6, 9)], id="blank at the end goes"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_trimmed_intervals(intervals: Intervals, expected: Intervals) -> None:
    """White space at both ends of what is kept is removed, unless the whole source is kept."""
    assert trim(SOURCE, intervals) == expected


@pytest.mark.parametrize(
    ("source", "intervals", "expected"),
    [
        pytest.param(" \u0301a b", [(0, 4)], [(0, 3)], id="a space that carries a mark"),
        pytest.param("  \u0301a b", [(0, 5)], [(1, 4)], id="only the space before it goes"),
        pytest.param("", [(0, 0)], [(0, 0)], id="an empty source"),
        pytest.param("   ", [(0, 3)], [(0, 3)], id="a source of white space that is kept whole"),
    ],
)
def test_trimming_of_unusual_sources(source: str, intervals: Intervals, expected: Intervals) -> None:
    """Trimming neither splits a grapheme nor changes a source that is kept whole."""
    assert trim(source, intervals) == expected


@pytest.mark.parametrize(
    ("source", "intervals", "expected"),
    [
        pytest.param("one two three", [(0, 13)], "one two three", id="one slice"),
        pytest.param("one two three", [(0, 4), (8, 13)], "one three", id="the space of the source parts them"),
        pytest.param("one two three", [(0, 3), (8, 13)], "one three", id="a space where words would run together"),
        pytest.param("one, two", [(0, 4), (5, 8)], "one, two", id="a space behind punctuation"),
        pytest.param("one\ntwo three", [(0, 4), (8, 13)], "one\nthree", id="a line break is white space"),
        pytest.param("我喜欢东京。", [(0, 1), (3, 6)], "我东京。", id="no space between Chinese words"),
        pytest.param("ไปตลาดวันนี้", [(0, 2), (6, 12)], "ไปวันนี้", id="nor Thai words"),
        pytest.param("GPT是模型。Yes", [(0, 3), (4, 6), (7, 10)], "GPT模型Yes", id="nor beside another script"),
        pytest.param("你好。世界。", [(0, 3), (5, 6)], "你好。。", id="nor beside their punctuation"),
        pytest.param("", [(0, 0)], "", id="an empty source"),
        pytest.param("one", [], "", id="nothing kept"),
        pytest.param("one two", [(0, 3), (5, 5), (4, 7)], "one two", id="an empty slice adds nothing"),
        pytest.param("one", [(3, 3)], "", id="an empty slice at the end"),
    ],
)
def test_joined_slices(source: str, intervals: Intervals, expected: str) -> None:
    """Slices are joined, with a space only between words that would run together."""
    assert join(source, intervals) == expected


def test_kept_spans_of_each_passage() -> None:
    """Spans are merged and trimmed; a passage of which only white space is kept is left out."""
    sources = ["one two", "  x", "", "gone"]
    pieces: dict[int, Intervals] = {0: [(4, 7), (0, 4)], 1: [(0, 2)], 2: [(0, 0)], 3: []}
    assert kept_spans(sources, pieces) == {0: [(0, 7)], 2: [(0, 0)]}


@pytest.mark.parametrize(
    ("separator", "headers", "passages", "expected"),
    [
        pytest.param("\n\n", ["", ""], [(0, "a"), (1, "b")], "a\n\nb", id="separator"),
        pytest.param(" | ", ["", ""], [(1, "b"), (0, "a")], "b | a", id="in the order given"),
        pytest.param("\n", ["H0: ", "H1: "], [(1, "b"), (0, "a")], "H1: b\nH0: a", id="headers by index"),
        pytest.param("", ["", ""], [(0, "a"), (1, "b")], "ab", id="no separator"),
        pytest.param("\n\n", ["H: "], [(0, "")], "H: ", id="an empty passage keeps its header"),
        pytest.param("\n\n", [], [], "", id="no passages"),
    ],
)
def test_text_of_a_layout(separator: str, headers: list[str], passages: list[tuple[int, str]], expected: str) -> None:
    """The text is the passages, each behind its header, joined by the separator."""
    assert Layout(separator, [header.__add__ for header in headers]).text(passages) == expected


source_and_cuts = st.text(st.sampled_from("ab \n.東 \u0301"), max_size=30).flatmap(
    lambda text: st.tuples(
        st.just(text),
        st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).map(tuple), max_size=6),
    )
)


@given(source_and_cuts)
def test_merging_keeps_each_character(source_and_cuts: tuple[str, Intervals]) -> None:
    """Merged spans cover the same characters; they are sorted and do not touch."""
    _, cuts = source_and_cuts
    merged = merge(cuts)
    assert {i for start, end in merged for i in range(start, end)} == {i for s, e in cuts for i in range(s, e)}
    assert all(before[1] < after[0] for before, after in pairwise(merged))


@given(source_and_cuts)
def test_joining_adds_nothing_but_spaces(source_and_cuts: tuple[str, Intervals]) -> None:
    """Without white space, the joined text is the characters of the slices."""
    source, cuts = source_and_cuts
    slices = [(start, end) for start, end in merge(cuts) if start < end]
    kept = "".join(source[start:end] for start, end in slices)
    assert "".join(join(source, slices).split()) == "".join(kept.split())


@pytest.mark.parametrize(
    ("render", "expected"),
    [(str, 1), ("H: ".__add__, 1), ("{0} Again: {0}".format, 2), ("{0!r}".format, 1), ("no text".format, 1)],
)
def test_copies_of_a_passage(render: Render, expected: int) -> None:
    """How often the prompt shows a passage's text; at least once where that cannot be seen."""
    assert copies(render) == expected


# What stands between two slices

DOCUMENT = (
    "# Ferry\n\nIt runs daily. It is red. It is old.\n\n- one mark\n- two marks\n- three marks\n\nDogs are free.\n"
)
TABLE = "| ship | year |\n|---|---|\n| Alma | 1893 |\n| Brisk | 1901 |\n| Corrie | 1934 |\n"
CHINESE = "灯塔建于一八八三年。它高二十四米。灯烧煤油。"


def units_with(text: str, *fragments: str) -> Intervals:
    """The spans of the units of a text in which these begin."""
    structure = parse(text)
    units = (structure.units[structure.unit_at(text.index(fragment))] for fragment in fragments)
    return [(unit.start, unit.end) for unit in units]


@pytest.mark.parametrize(
    ("text", "fragments", "marker", "expected"),
    [
        pytest.param(DOCUMENT, ("It runs", "It is old"), "", [""], id="the space of the source is enough"),
        pytest.param(DOCUMENT, ("It runs", "It is old"), "[...]", ["[...] "], id="a marker beside spaces"),
        pytest.param(DOCUMENT, ("It runs", "- two"), "", ["\n"], id="what was on two lines stays on two lines"),
        pytest.param(DOCUMENT, ("It runs", "- two"), "…", ["\n…\n"], id="a marker on a line of its own"),
        pytest.param(DOCUMENT, ("# Ferry", "Dogs"), "…", ["…\n"], id="the line break of the source is enough"),
        pytest.param(DOCUMENT, ("- one", "- three"), "…", ["…\n"], id="between items of a list"),
        pytest.param(DOCUMENT, ("# Ferry", "It is red", "- two"), "…", ["…\n", "\n…\n"], id="one for each gap"),
        pytest.param(TABLE, ("| ship", "| Brisk"), "…", [""], id="none between rows"),
        pytest.param(CHINESE, ("灯塔", "灯烧"), "", [""], id="no space between Chinese sentences"),
        pytest.param(CHINESE, ("灯塔", "灯烧"), "……", [" …… "], id="a marker between them"),
    ],
)
def test_what_stands_between_two_units(text: str, fragments: Sequence[str], marker: str, expected: list[str]) -> None:
    """A line break, a space or nothing, as the source had it, and the marker in running text only."""
    assert gaps(text, units_with(text, *fragments), Marker(marker, parse(text))) == expected


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("Ada Marsh, who was ill, built it.", [(0, 9), (24, 33)], id="two parts of a sentence"),
        pytest.param('{"ship": "Alma", "year": 1893, "port": "Kelmouth"}', [(0, 15), (29, 50)], id="fields"),
        pytest.param("def a():\n    return 1\n\n\ndef b():\n    return 2\n", [(0, 22), (33, 46)], id="lines of code"),
    ],
)
def test_where_no_marker_stands(text: str, spans: Intervals) -> None:
    """Never inside a unit, nor beside data and code."""
    structure = parse(text)
    assert gaps(text, spans, Marker("[...]", structure)) == gaps(text, spans, Marker("", structure))


def test_a_marker_without_a_structure() -> None:
    """Where units are not known, nothing is known to be between two of them."""
    assert gaps("one two three", [(0, 4), (8, 13)], Marker("[...]")) == [""]


@pytest.mark.parametrize(
    ("text", "spans", "are_data", "gap"),
    [
        pytest.param('{"a": 1, "b": 2, "cc": 333, "dd": 444, "e": "ffff"}', [(0, 1), (28, 38)], True, "", id="data"),
        pytest.param("It is old. Dogs are free.", [(0, 10), (11, 25)], False, " ", id="running text"),
        pytest.param("It is old. Dogs are free.", [(0, 2), (6, 10)], False, " ", id="one sentence"),
    ],
)
def test_data_needs_no_space(text: str, spans: Intervals, *, are_data: bool, gap: str) -> None:
    """Words of running text would run together; brackets and fields do not."""
    marker = Marker("", parse(text))
    assert marker.are_data(spans[0][1], spans[1][0]) is are_data
    assert gaps(text, spans, marker) == [gap]


@given(st.sampled_from([DOCUMENT, TABLE, CHINESE]), st.data(), st.sampled_from(["", "…", "[...]"]))
def test_gaps_and_slices_make_the_joined_text(text: str, data: st.DataObject, marker: str) -> None:
    """Whichever units are kept: one gap fewer than slices, lines stay apart, no marker in a table."""
    structure = parse(text)
    chosen = data.draw(st.sets(st.sampled_from(range(len(structure.units))), min_size=1))
    spans = trim(text, merge((structure.units[i].start, structure.units[i].end) for i in chosen))
    marks = Marker(marker, structure)
    between = gaps(text, spans, marks)
    assert len(between) == len(spans) - 1
    slices = [text[start:end] for start, end in spans]
    assert join(text, spans, marks) == "".join(s + g for s, g in zip(slices, [*between, ""], strict=True))
    kept = join(text, spans, Marker("", structure))
    assert all(
        line.strip() in f"{text} It runs daily. It is old. {CHINESE[:10]}{CHINESE[-6:]}" for line in kept.split("\n")
    )
    if text == TABLE and marker:
        assert marker not in join(text, spans, marks)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param(["nobody may run. ", "Cats may."], "nobody may run. Cats may.", id="whole to its end"),
        pytest.param(["Dogs stay out", "Cats may."], "Dogs stay out … Cats may.", id="the end is lost"),
        pytest.param(["Cats may. ", "all day."], "Cats may. … all day.", id="the beginning is lost"),
        pytest.param(["Dogs", "nobody may run. ", "Cats"], "Dogs nobody may run. Cats", id="inside a sentence"),
        pytest.param(["Dogs stay out", "Line two."], "Dogs stay out\nLine two.", id="on two lines"),
    ],
)
def test_a_cut_sentence_is_parted_from_others(kept: list[str], expected: str) -> None:
    """Else a clause without its beginning would go on with the sentence before it."""
    source = "Dogs stay out, and nobody may run. Cats may. They sleep all day.\n\nLine two."
    spans = [(source.index(part), source.index(part) + len(part)) for part in kept]
    assert join(source, spans, Marker(structure=parse(source), shows_cuts=True)) == expected
    assert "…" not in join(source, spans, Marker(structure=parse(source)))
