"""Texts without a question: how they are made of questions, what is measured, and the orders of words beside them."""

import gzip
import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.circumstances import ROOT
from benchmarks.measures import answers_kept, measure
from benchmarks.sets import Question, read_set, sets_of_split
from benchmarks.texts_table import texts_table
from lingua_shared.text.token_counting import make_counter

sys.path.insert(0, str(ROOT / "benchmarks/peers"))  # as for a script in that folder
load_words = import_module("_words").load_words

TOWER = "The tower was built in 1871. Ada Marsh drew it. It is red."
HARBOUR = "The harbour is old. It has two piers."


def question(number: int, asked: str, answer: str, *gold: str) -> dict[str, object]:
    documents = [{"title": "", "text": text, "is_gold": text in gold} for text in (TOWER, HARBOUR)]
    for document in documents:
        if document["is_gold"]:
            document["evidence"] = [str(document["text"]).split(". ")[0]]
    return {"id": f"q{number}", "question": asked, "answers": [answer], "documents": documents}


@pytest.fixture
def texts(tmp_path: Path) -> list[Question]:
    lines = [
        question(0, "When was it built?", "1871", TOWER),
        question(1, "Who drew it?", "Ada Marsh", TOWER),
        question(2, "Is it red?", "yes", TOWER),
        question(3, "How many piers?", "two", TOWER, HARBOUR),
    ]
    with gzip.open(tmp_path / "hotpotqa-dev.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return read_set(tmp_path, "hotpotqa-texts", split="dev", count=None)


def test_a_text_has_the_answers_of_all_questions_about_it(texts: list[Question]) -> None:
    """One for each question whose answer stands in it; yes and no are none."""
    found = {text.passages[0]: (text.question, set(text.answers)) for text in texts}
    assert found == {TOWER: (None, {"1871", "Ada Marsh"}), HARBOUR: (None, {"two"})}


def test_the_share_of_the_answers_is_measured(texts: list[Question]) -> None:
    """A text without any answer kept has 0, and other kinds of questions do not have the measure."""
    [tower] = [text for text in texts if text.passages == (TOWER,)]
    kept = ["built in 1871", "Ada Marsh, 1871", "tower"]
    assert [answers_kept(tower, one) for one in kept] == [0.5, 1.0, 0.0]
    found = measure(tower, "built in 1871", None, 0.5)
    assert (found["answers_kept"], found["survival"]) == (0.5, None)


def test_texts_are_measured_only_where_they_are_named() -> None:
    """The other commands take the usual sets, which have questions."""
    assert not [name for name in sets_of_split("dev") if name.endswith("-texts")]
    assert "squad" in sets_of_split("dev")


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 1.0])
def test_words_in_any_order_keep_the_budget(rate: float) -> None:
    """The first words are the beginning; chosen words stand in the order of the text."""
    count = make_counter("cl100k_base")
    first = load_words(lambda _, number: list(range(number)))({"passages": [TOWER], "rate": rate})["text"]
    last = load_words(lambda _, number: list(range(number))[::-1])({"passages": [TOWER], "rate": rate})["text"]
    assert TOWER.startswith(first)
    assert TOWER.endswith(last)
    assert max(count(first), count(last)) <= rate * count(TOWER)
    assert (first == TOWER) == (rate == 1)
    if rate == 0.5:
        assert count(first) > 0.4 * count(TOWER)


def test_words_that_are_no_neighbours_are_a_space_apart() -> None:
    """Where words between them are left out."""
    spaced = load_words(lambda _, number: [0, 2, *range(3, number)])
    assert spaced({"passages": ["One two,three four five six"], "rate": 0.5})["text"].startswith("One ")


def test_the_table_shows_the_lead_of_the_classifier() -> None:
    """The classifier is first; a rate that was not measured is empty; one that was exceeded is told."""

    def line(system: str, rate: float, mean: float, lead: dict[str, float] | None) -> dict[str, object]:
        measures = {"answers_kept": {"mean": mean, "low": 0.0, "high": 1.0, "n": 9}}
        if lead:
            measures["rate"] = {"mean": 0.8, "low": 0.0, "high": 1.0, "n": 9}
        shared = {"set": "squad-texts", "n": 9, "engine": "e", "split": "dev", "command": "c", "machine": "m"}
        circumstances = {"date": "2026-01-01", "threads": 1, "cores": 2, "cpu": "x"}
        paired = {"answers_kept": lead} if lead else {}
        own = {"system": system, "label": f"{system}!", "rate": rate, "measures": measures, "paired": paired}
        return {**shared, **circumstances, **own}

    lead = {"difference": 0.2, "low": 0.1, "high": 0.3, "n": 9}
    written = texts_table(
        [line("first_words", 0.5, 0.3, lead), *(line("lingua:llmlingua2", r, 0.5, None) for r in (0.5, 0.2))]
    )
    rows = [row.split(" | ")[2:] for row in written.splitlines()[2:4]]
    assert rows == [
        ["lingua:llmlingua2!", "9", "0.50", "0.50 |"],
        ["first_words!", "9", "0.30 (+0.10 to +0.30), kept 0.80 of the tokens", " |"],
    ]
