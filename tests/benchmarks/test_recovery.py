"""The measurement of recovery: which answers are made, and how they are counted."""

import argparse
import random
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import recovery
from benchmarks.__main__ import main
from benchmarks.records import read_lines
from benchmarks.recovery import Compressed
from benchmarks.recovery_cases import UNSEEN, Damaged, damaged_quotes, masked, right_answers
from tests.benchmarks.made_up import make_question, make_record, write_data
from tests.marked import result

PASSAGES = (
    "Ada Holm built the old stone tower on the cliff in 1883. Its lamp burned paraffin until the keeper left for good.",
    "The ferry to the mainland leaves the harbour at ten every day. Nobody has ever seen it come back before noon.",
)
QUESTION = make_question(passages=PASSAGES)


def chance(seed: int) -> random.Random:
    return random.Random(seed)


def case_of(marked: str, **changes: object) -> Compressed:
    made = result(marked)
    passages = tuple(passage.source or "" for passage in made.passages)
    fields = {"set_name": "musique", "question": make_question(passages=passages), "hidden": (), "rate": 0.5}
    return Compressed(**{**fields, "made_by": "random words", "result": made, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("atoms", [True, False])
def test_words_are_dropped_by_chance(*, atoms: bool) -> None:
    """Spans are pieces of the source, the text is what they make, and the share is near the rate."""
    shares = []
    for seed in range(30):
        made = masked(QUESTION, 0.4, chance(seed), atoms=atoms)
        for passage in made.passages:
            assert passage.source == PASSAGES[passage.index]
            assert all(passage.source[span.start : span.end] in passage.text for span in passage.spans)
        assert sorted(p.index for p in (*made.passages, *made.dropped)) == [0, 1]
        shares.append(made.rate)
    assert 0.3 < sum(shares) / len(shares) < 0.5
    assert masked(QUESTION, 0.4, chance(3), atoms=atoms) == masked(QUESTION, 0.4, chance(3), atoms=atoms)


def test_names_stay_whole_on_request() -> None:
    """With atoms a name is kept or dropped whole; without, it is torn in some draw."""
    torn = {True: 0, False: 0}
    for atoms in torn:
        for seed in range(60):
            text = masked(QUESTION, 0.5, chance(seed), atoms=atoms).text
            torn[atoms] += ("Ada" in text) != ("Holm" in text)
    assert torn[True] == 0
    assert torn[False] > 0


def test_right_answers_of_every_sort() -> None:
    """Each is what its sort says."""
    other = make_question(id="q2", answers=("Bo Reed",), passages=("Bread is baked here. It is dear.",))
    found = list(right_answers(QUESTION, [other], ["The mole is long."], chance(0)))
    by_sort: dict[str, list[str]] = {}
    for right in found:
        by_sort.setdefault(right.sort, []).append(right.answer)
    assert by_sort["gold answer"] == ["Ada Holm"]
    assert all(any(sentence in passage for passage in PASSAGES) for sentence in by_sort["sentence of a source"])
    assert set(by_sort["whole passage"]) == set(PASSAGES)
    assert set(by_sort["free text"]) <= {"Bread is baked here.", "It is dear."}
    assert by_sort["other question's answer"] == ["Bo Reed"]
    assert by_sort[UNSEEN] == ["The mole is long."]


def test_damaged_quotations_have_gaps_and_stand_nowhere() -> None:
    """The truth stands in its source, the quotation in none, and its words are in the truth in their order."""
    seen = 0
    for seed in range(20):
        made = masked(QUESTION, 0.4, chance(seed), atoms=True)
        for quote in damaged_quotes(made, 5, chance(seed)):
            seen += 1
            assert any(quote.truth in passage for passage in PASSAGES)
            assert not any(quote.quote in passage for passage in PASSAGES)
            rest = iter(quote.truth.split())
            assert all(word in rest for word in quote.quote.split())
    assert seen > 10


def test_a_quotation_without_gaps_is_none() -> None:
    """Where all was kept there is nothing to draw."""
    assert damaged_quotes(result(*PASSAGES), 5, chance(0)) == []


def test_what_was_not_restored_has_a_reason() -> None:
    """The reason is the option that stands in the way, or that sources differ."""
    long = "The lamp burned [[" + "very " * 20 + "]]paraffin."
    assert "max_gap" in recovery._reason(
        case_of(long), "The lamp burned paraffin", f"The lamp burned {'very ' * 20}paraffin"
    )
    short = case_of("The lamp of the tower that we saw burned [[cheap ]]paraffin and oil.")
    assert "min_match" in recovery._reason(short, "he burned paraffin too", "he burned cheap paraffin too")
    tie = case_of("The lamp burned [[dear ]]oil. The lamp burned [[poor ]]oil.")
    assert recovery._reason(tie, "lamp burned oil", "lamp burned dear oil") == "sources differ"
    assert "another place" in recovery._reason(short, "burned oil", "burned much oil")


def test_quotations_are_counted_by_circumstance() -> None:
    """Each group has its share; the whole is a group, too."""
    case = case_of(
        "The old lamp of the tower [[on the hill ]]burned cheap paraffin [[every night ]]until the keeper left."
    )
    lines = list(recovery._damaged_lines([case], None, 5))
    shares = {
        (line["form"], line["group"], line["value"]): line for line in lines if line["measure"] == "damaged quotations"
    }
    alone = shares["alone", "all", "all"]
    assert alone["n"] > 0
    assert alone["restored"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": alone["n"]}
    assert shares["alone", "rate", "0.5"] == {**alone, "group": "rate", "value": "0.5"}
    assert {value for _, group, value in shares if group == "set"} == {"musique"}
    words = [group for group, _ in recovery._groups(case, Damaged("a b c", "a x b c", 3))]
    assert words == ["all", "set", "rate", "made by", "kept words"]


def test_right_answers_are_counted_up_to_a_number() -> None:
    """None is changed here, and no more of a sort are asked than wanted."""
    case = case_of("The old lamp of the tower [[on the hill ]]burned cheap paraffin. It [[never ]]failed.")
    others = [replace(case, question=make_question(id=f"q{n}")) for n in range(3)]
    lines = recovery._right_lines([case, *others], None, 2)
    assert {line["sort"] for line in lines} >= {"sentence of a source", "whole passage", "free text"}
    assert all(line["n"] <= 2 + 1 and line["changed"] == 0 for line in lines)


def test_the_command_writes_its_lines(tmp_path: Path) -> None:
    """Without a model for llmlingua: right answers, quotations, times."""
    text = "Holm{0} built the old stone tower of the harbour in the spring of 1883. Its lamp burned paraffin for years."
    documents = [{"title": "Tower", "text": text.format(n), "is_gold": n == 0} for n in range(20)]
    records = [make_record(n, documents=documents) for n in range(4)]
    write_data(tmp_path / "nq20-test.jsonl.gz", records)
    line = ["recovery", "--data", str(tmp_path), "--sets", "nq20", "--count", "4", "--compressed", "0"]
    line += ["--results", str(tmp_path / "out")]
    main(line)
    lines = list(read_lines(tmp_path / "out" / "recovery.jsonl"))
    assert {line["measure"] for line in lines} >= {"right answers", "damaged quotations", "time"}
    assert all(line["system"] == "lingua" for line in lines if line["measure"] == "right answers")
    assert all({"machine", "commit", "command", "date", "engine", "split"} <= set(line) for line in lines)
    assert all(line["passes"] > 0 for line in lines if line["measure"] == "time")


def test_options_have_defaults() -> None:
    """A folder is all that must be given."""
    parser = argparse.ArgumentParser()
    recovery.add_arguments(parser)
    assert parser.parse_args(["--data", "x"]).sets == ["hotpotqa", "nq20", "musique", "multilingual"]
