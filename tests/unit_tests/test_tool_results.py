"""Results of tools: JSON with keys written once, whole lines, rows and hunks, and markers that count and name them."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, InvalidInputError, PromptCompressor
from lingua_shared.agents.chat import ChatRules, shorten_chat
from lingua_shared.agents.choosing import LOSSLESS
from lingua_shared.agents.json_rows import as_objects, read_rows
from lingua_shared.agents.once import OnceCompressor, Pointer
from lingua_shared.text.left_out import PLACE, lines_of
from lingua_shared.text.segments import segment
from lingua_shared.text.structure.parse import parse
from tests import tool_results as results
from tests.chats import COUNT
from tests.fakes import OverlapScoring

POINTER = Pointer("expand", "key")
PARCELS = [{"id": n, "name": f"parcel {n}", "weight": n / 2, "port": "Orrisay"} for n in range(60)]


def once_of(rate: float = 0.35, scoring: OverlapScoring | None = None, **options: str) -> OnceCompressor:
    engine = PromptCompressor(scoring=scoring or OverlapScoring())
    return OnceCompressor(engine, options=CompressionOptions(rate=rate, **options), min_tokens=10)


# All kinds of results


def check(random: Random, kind: Callable[[Random], str]) -> str:
    """Shorten a result and check that all is there that shall be; return what was done."""
    text, rate = kind(random), random.choice((0.2, 0.35, 0.6, 0.8))
    once = once_of(rate)
    made = once.shorten(text, question=results.words(random, 3), pointer=POINTER)
    if made.key is None:
        assert made.text == text
        return "same"
    assert once.expand(made.key) == text
    body, _, said = made.text.rpartition("\n[")
    assert said.endswith(f"call expand with key={made.key}]")
    left = int(said.split()[1])
    body = next(one for one in (body.removesuffix("\n"), body) if COUNT(one) == left)
    if made.method == LOSSLESS:
        return check_lossless(body, text)
    assert left <= rate * made.original_tokens + 1e-9
    read = read_rows(text)
    if read is not None and ('"rows":[' in body or results.ROWS.search(body)):
        whole = read.text()
        ends = len(whole) - len(read.after)
        assert results.with_rows(inner(body), results.plain(whole[len(read.before) : ends])) == inner(whole)
        return "rows"
    if lines_of(text, segment(text).structure) is None or not body:
        return "units"
    restored = results.restored(body, text)
    assert restored in (text, text.removesuffix("\n"))
    return "lines" if results.LINES.search(body) else "units"


def check_lossless(body: str, text: str) -> str:
    """Numbers, texts and the order of keys are those of the source."""
    assert json.loads(inner_text(body)) is not None
    objects, source = inner(as_objects(body)), inner_text(text)
    try:
        assert objects == results.plain(source)
    except ValueError:
        assert objects == [results.plain(line) for line in source.split("\n") if line.strip()]
    return LOSSLESS


def inner_text(text: str) -> str:
    return text.strip().removeprefix("```json\n").removesuffix("```")


def inner(text: str) -> object:
    return results.plain(inner_text(text))


@pytest.mark.parametrize("kind", results.KINDS, ids=lambda kind: kind.__name__)
def test_what_is_left_of_a_result(kind: Callable[[Random], str]) -> None:
    """Markers name what is gone, the budget holds, JSON stays whole where it fits, and `expand` gives every byte."""
    done = {check(Random(f"{kind.__name__} {seed}"), kind) for seed in range(15)}
    in_json = kind in (results.json_list, results.json_lines, results.fenced)
    in_units = kind in (results.prose, results.java)
    assert done >= ({LOSSLESS, "rows"} if in_json else {"units"} if in_units else {"lines"})


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_a_hundred_thousand_results(part: int) -> None:
    """The same for 10,000 results of all kinds in each of ten parts."""
    done = [check(Random(f"{part} {n}"), results.KINDS[n % len(results.KINDS)]) for n in range(10_000)]
    counted = Counter(done)
    sys.stderr.write(f"{part}: {counted}\n")
    assert min(counted["lines"], counted[LOSSLESS], counted["rows"]) > 100


@given(seed=st.integers(0, 2**32), kind=st.sampled_from(results.KINDS), chosen=st.sets(st.integers(0, 40), min_size=1))
def test_any_choice_of_units(seed: int, kind: Callable[[Random], str], chosen: set[int]) -> None:
    """Whichever units are kept: whole lines, all of the units, and markers that name the rest."""
    text = kind(Random(seed))
    structure = parse(text)
    lines = lines_of(text, structure)
    if lines is None:
        return
    units = [structure.units[n % len(structure.units)] for n in chosen]
    spans = lines.whole([(unit.start, unit.end) for unit in units], f"[{PLACE}]")
    assert all(any(a <= unit.start and unit.end <= b for a, b in spans) for unit in units)
    around = lines.around(spans, f"[{PLACE}]")
    assert around is not None
    slices = [text[start:end] for start, end in spans]
    joined = around[0] + "".join(s + m for s, m in zip(slices, around[1:], strict=True))
    assert results.restored(joined, text) == text
    assert lines.whole(spans, f"[{PLACE}]") == spans


# JSON


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Uniform objects, perhaps inside something, as JSON with white space of some kind."""
    keys = draw(st.lists(st.text(max_size=12), min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(keys, VALUES)), min_size=1, max_size=6))
    value = draw(st.sampled_from([rows, {"data": {"items": rows}, "next": None}, [rows, {"a": rows}]]))
    return json.dumps(value, indent=draw(st.sampled_from([None, 0, 2])), ensure_ascii=draw(st.booleans()))


@given(documents())
def test_nothing_is_lost(text: str) -> None:
    """What was written with keys once reads as the same document: literals of numbers, texts, order of keys."""
    read = read_rows(text)
    if read is None:
        assert '"columns"' in text or "left out" in text
        return
    written = read.text()
    assert results.plain(as_objects(written)) == results.plain(text)
    assert len(written) <= len(text)
    assert as_objects(as_objects(written)) == as_objects(written)


@pytest.mark.parametrize(
    "literal", ["1.0", "1", "1e2", "100", "-0", "0.10", "9" * 400, '"\\u00e9"', '"é"', '"\\ud800"']
)
def test_a_literal_is_copied(literal: str) -> None:
    """1.0 is not 1, and an escape is no character."""
    rows = (f'{{"amount": {literal}, "of": {n}}}' for n in range(20))
    text = f"[{', '.join(rows)}]"
    read = read_rows(text)
    assert read is not None
    assert read.text().startswith(f'{{"columns":["amount","of"],"rows":[[{literal},0],[{literal},1]')


@pytest.mark.parametrize(
    "text",
    [
        '{"said": "[3 rows left out: 1-3]"}',
        '{"a": 1',
        "[1, 2]]",
        "plain",
        "3",
        "",
        "[" * 300 + "]" * 300,
    ],
)
def test_what_is_not_written_anew(text: str) -> None:
    """A text that is no JSON, or has a marker of its own."""
    assert read_rows(text) is None


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[{"key":1,"key":2,"b":9},{"key":1,"key":2,"b":9},{"key":1,"key":2,"b":9}]', 3),
        ('[{"a":NaN},{"a":Infinity},{"a":1}]', 3),
        ('{"columns":["a"],"rows":[[1],[2],[3]],"total":60}', 3),
        ('[{"a":{"columns":1,"rows":2}}]', 0),
    ],
)
def test_rows_that_stay_as_they_are(text: str, rows: int) -> None:
    """Where rows with their keys written once could be read in two ways; each is still kept or left out as a whole."""
    read = read_rows(text.replace(",", ", "))
    assert read is not None
    assert read.text() == text
    assert len(read.rows) == rows
    if rows:
        assert read.text({0}, "").count(",") < text.count(",")


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": 1, "weight": 2}, {"name": 1, "weight": 2}, {"weight": 1, "name": 2}]',
        '[{"name": 1, "weight": 2}, {"name": 1, "weight": 2}, {"name": 1}]',
        '[{"name": 1, "weight": 2}, {"name": 1, "weight": 2}]',
        '[{"name": 1, "weight": 2}, {"name": 1, "weight": 2}, [1, 2]]',
        '[{"a": 1}, {"a": 2}, {"a": 3}]',
        "[{}, {}, {}, {}]",
    ],
)
def test_lists_whose_keys_are_not_written_once(text: str) -> None:
    """Keys that differ, or in another order, too few objects, or nothing to win: only white space goes."""
    read = read_rows(text)
    assert read is not None
    assert read.text() == text.replace(" ", "")


def test_the_header_of_a_list_of_lists_always_stays() -> None:
    """It is no row, and the numbers count the others."""
    read = read_rows(json.dumps([["order", "customer"], *([n, f"customer of order {n}"] for n in range(1, 6))]))
    assert read is not None
    assert json.loads(read.text({3}, f"[{PLACE}]")) == [
        ["order", "customer"],
        "[3 rows left out: 1-3]",
        [4, "customer of order 4"],
        "[1 row left out: 5]",
    ]


def test_a_byte_order_mark_stays_in_front() -> None:
    """As it was, before the value."""
    read = read_rows("\ufeff" + json.dumps(PARCELS))
    assert read is not None
    assert read.text().startswith('\ufeff{"columns":')
    assert json.loads(as_objects(read.text()).removeprefix("\ufeff")) == PARCELS


def test_nothing_is_no_result() -> None:
    """A diff of one hunk that is larger than the budget stays as it is."""
    lines = "\n".join(f"-the keeper of lamp {n}\n+the warden of lamp {n}" for n in range(40))
    text = f"diff --git a/x.txt b/x.txt\n--- a/x.txt\n+++ b/x.txt\n@@ -1,40 +1,40 @@\n{lines}\n"
    for rate in (0.02, 0.35):
        made = once_of(rate).shorten(text, question="What changed?", pointer=POINTER)
        assert made.key is None or made.text.split("\n\n[Shortened")[0].strip()


def test_parallel_arrays_lose_no_single_value() -> None:
    """Values with the same place belong together, so an array stays or goes as a whole."""
    hours = {"time": [f"2026-11-01T{n:02}:00" for n in range(24)], "lamp": [f"state {n % 5}" for n in range(24)]}
    made = once_of(0.6).shorten(json.dumps(hours), question="What is the state of the lamp?", pointer=POINTER)
    left = json.loads(made.text.split("\n\n[")[0])
    assert all(values == hours[name] for name, values in left.items())


COMMITS = [
    f"{n * 7919 + 99999:07x} Lamp {n} reads files of kind {n}, and writes reports of kind {n}" for n in range(40)
]


def test_lines_without_punctuation_are_kept_one_by_one() -> None:
    """Commits, files and packages: no line is joined with a part of another one, whatever words are in one of them."""
    text = "\n".join([*COMMITS[:20], "00ffff1 A lamp without tests", *COMMITS[20:]])
    made = once_of(0.35).shorten(text, question="Which one reads files of kind 33?", pointer=POINTER)
    body = made.text.split("\n\n[Shortened")[0]
    assert results.restored(body, text) == text
    assert COMMITS[33] in body


@pytest.mark.parametrize(
    "text",
    [
        "The keeper of the lamp, who had come to the island as a boy and\n"
        "had never left it since, was asked in the spring by the Board,\n" * 6,
        "\n".join(["It was dark. The lamp was lit. Nobody came."] * 12),
        "\n".join(COMMITS[:7]),
        "\n\n".join(COMMITS[:12]),
        "\n".join(["灯台は千八百八十三年に建てられた"] * 12),
    ],
)
def test_running_text_is_no_list_of_lines(text: str) -> None:
    """Wrapped sentences, several sentences in a line, a few lines, paragraphs, and scripts without spaces."""
    assert parse(text).format != "lines"


def test_json_that_fits_with_its_keys_written_once_stays_whole() -> None:
    """No model reads it, and the marker says that nothing is left out."""
    scoring = OverlapScoring()
    text = json.dumps({"data": PARCELS}, indent=4)
    once = once_of(0.6, scoring)
    made = once.shorten(text, question="Which parcel is heavy?", pointer=POINTER)
    assert scoring.opened == 0
    body, marker = made.text.split("\n\n")
    assert json.loads(as_objects(body)) == {"data": PARCELS}
    assert marker.startswith(f"[Rewritten: {COUNT(body)} of {COUNT(text)} tokens, nothing is left out. For the text as")
    assert (made.method, made.spans, once.expand(str(made.key))) == ("lossless", ((0, len(text)),), text)
    assert once.shorten(made.text, question="Which parcel?").note == "was shortened before"


def test_json_without_a_question_stays_whole() -> None:
    """Keys are written once where that is shorter."""
    made = once_of(0.1).shorten(json.dumps(PARCELS), question="")
    assert json.loads(as_objects(made.text.split("\n\n")[0])) == PARCELS
    assert once_of(0.1).shorten("[1,2,3,4,5,6,7,8,9,10,11,12]", question="").note == "no question"


def test_rows_that_answer_stay() -> None:
    """Whole rows with their columns; the text is still JSON."""
    text = json.dumps({"data": PARCELS}, indent=2)
    made = once_of(0.1).shorten(text, question="What is the weight of parcel 41?")
    read = json.loads(made.text.split("\n\n")[0])["data"]
    assert read["columns"] == ["id", "name", "weight", "port"]
    assert [41, "parcel 41", 20.5, "Orrisay"] in read["rows"]
    kept = "".join(text[start:end] for start, end in made.spans)
    assert '"parcel 41"' in kept
    assert '"parcel 59"' not in kept


def test_rows_are_kept_where_all_is_kept() -> None:
    """rate=1 is the identity."""
    text = json.dumps(PARCELS, indent=2)
    assert once_of(1).shorten(text, question="parcel 41").text == text


def test_json_of_which_rows_are_gone_is_not_read_back() -> None:
    """The error says what is missing."""
    with pytest.raises(InvalidInputError, match=r"12 rows left out: 1-12.* is no row of 2 values"):
        as_objects('{"columns":["a","b"],"rows":["[12 rows left out: 1-12]",[1,2]]}')


def test_json_in_a_chat() -> None:
    """The messages before stay the same bytes when the chat grows, and what restores an answer knows the whole text."""
    call = {"id": "1", "type": "function", "function": {"name": "parcels", "arguments": '{"q": "weight of parcel 41"}'}}
    chat = [
        {"role": "user", "content": "What is the weight of parcel 41?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": json.dumps({"data": PARCELS}, indent=2)},
    ]
    for rate, method in ((0.6, LOSSLESS), (0.1, "encoder")):
        short = shorten_chat(chat, once_of(rate), ChatRules(pointer=POINTER))
        longer = shorten_chat(
            [*chat, {"role": "assistant", "content": "20.5"}], once_of(rate), ChatRules(pointer=POINTER)
        )
        assert short.methods == [method]
        assert longer.messages[:3] == short.messages
        assert json.loads(short.messages[2]["content"].split("\n\n")[0])["data"]["columns"][0] == "id"
        recoverer = short.recoverer()
        assert recoverer is not None
        assert recoverer.recover("Parcel 41 weighs 20.5.").text == "Parcel 41 weighs 20.5."


def test_no_time_for_rows() -> None:
    """With keys written once it is shorter, whatever the time."""
    once = once_of(0.1).within(0)
    assert once.shorten(json.dumps(PARCELS), question="parcel 41").method == "lossless"


# Lines


LOG = "".join(f"2024-05-02 08:{n:02}:00 INFO the ferry of {n} leaves the pier of Kelmouth\n" for n in range(60))


def test_a_log() -> None:
    """Lines at both ends are counted, too."""
    text = LOG.replace("08:30:00 INFO the ferry", "08:30:00 ERROR the lamp")
    made = once_of(0.04).shorten(text, question="Why did the lamp fail with an ERROR?")
    body = made.text.split("\n\n")[0]
    assert body.startswith("[30 lines left out: 1-30]\n2024-05-02 08:30:00 ERROR the lamp")
    assert body.endswith("-60]")


def test_the_options_decide() -> None:
    """No marker, a marker of one's own, and the default of passages, which has none."""
    question = "Which ferry is 17?"
    assert "left out" not in once_of(0.2, gap_marker="").shorten(LOG, question=question).text
    assert (
        "<<17 lines left out: 1-17>>" in once_of(0.04, gap_marker=f"<<{PLACE}>>").shorten(LOG, question=question).text
    )
    engine = PromptCompressor(scoring=OverlapScoring())
    assert "left out" not in engine.compress([LOG], question=question).text


def test_a_passage_says_what_is_around_its_spans() -> None:
    """`ends` and `gaps` and the slices make its text."""
    options = CompressionOptions(rate=0.07, gap_marker=f"[{PLACE}]")
    engine = PromptCompressor(scoring=OverlapScoring())
    [kept] = engine.compress([LOG], question="Which ferry is 17?", options=options).passages
    slices = [LOG[span.start : span.end] for span in kept.spans]
    assert all(kept.ends)
    assert kept.ends[0] + "".join(s + g for s, g in zip(slices, [*kept.gaps, kept.ends[1]], strict=True)) == kept.text


@pytest.mark.parametrize("text", ["one line", f"{LOG}[3 lines left out: 1-3]\n", "It is old. It is red.\n\nIt runs."])
def test_texts_without_counted_lines(text: str) -> None:
    """One line, a text that says itself that lines are missing, and prose."""
    assert lines_of(text, parse(text)) is None
