"""Sets: what each reads from its file, and that draws are repeatable. All data is made up."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import UsageError
from benchmarks.sets import SETS, Question, read_set, sets_of_split
from benchmarks.sets.base import sentences_at
from benchmarks.sets.longdoc import count_words, cut
from tests.benchmarks.made_up import make_record, write_data

PLAIN = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "zh", "ja", "xquad")
OTHERS = ("multilingual", "qmsum", "qmsum-general", "squad", "covidqa", "multifieldqa_zh", "multi_news")
TEST_SETS = ["nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "multilingual", "qmsum", "qmsum-general"]


def write(folder: Path, name: str, *records: dict[str, Any]) -> None:
    write_data(folder / SETS[name].files["dev"], records)


def read(folder: Path, name: str, *, count: int | None = None, seed: int = 0) -> list[Question]:
    return read_set(folder, name, split="dev", count=count, seed=seed)


def test_all_sets_are_there() -> None:
    """Each module of the package lists its sets."""
    texts = {f"{name}-texts" for name in ("squad", "hotpotqa", "covidqa", "qmsum")}
    assert set(SETS) == {*PLAIN, *OTHERS, *texts, "files"}


def test_each_split_has_its_own_files(tmp_path: Path) -> None:
    """The test split of a set is read from its test file; files of both splits may lie in one folder."""
    assert set(sets_of_split("test")) == set(TEST_SETS)
    assert not [name for name in TEST_SETS if not SETS[name].files["test"].endswith("-test.jsonl.gz")]
    assert not [
        name
        for name in {*PLAIN, *OTHERS} & {*sets_of_split("dev")}
        if not SETS[name].files["dev"].endswith("-dev.jsonl.gz")
    ]
    write_data(tmp_path / "nq20-dev.jsonl.gz", [make_record(1)])
    write_data(tmp_path / "nq20-test.jsonl.gz", [make_record(2)])
    (question,) = read_set(tmp_path, "nq20", split="test", count=None)
    assert question.id == "r2"


def test_a_set_without_a_test_file_says_so(tmp_path: Path) -> None:
    """SQuAD can only be measured on dev questions."""
    with pytest.raises(UsageError, match="the set squad has no test file; it has dev"):
        read_set(tmp_path, "squad", split="test", count=1)


def test_questions_carry_their_language(tmp_path: Path) -> None:
    """A record says it in `lang`."""
    write_data(tmp_path / "multilingual-test.jsonl.gz", [make_record(1, lang="zh")])
    (question,) = read_set(tmp_path, "multilingual", split="test", count=None)
    assert question.language == "zh"


@pytest.mark.parametrize("name", PLAIN)
def test_documents_are_the_passages(tmp_path: Path, name: str) -> None:
    """Titles stand above texts, and gold are the places of the marked documents."""
    write(tmp_path, name, make_record(1))
    question = read(tmp_path, name)[0]
    assert (question.id, question.question, question.answers) == ("r1", "Who built 1?", ("Holm1",))
    assert question.passages[1] == "Tower\nHolm1 built the tower. It is tall. It stands."
    assert question.gold == {1}
    assert (question.evidence, question.kind) == ((), "span")


def test_a_smaller_draw_is_the_head_of_a_larger_one(tmp_path: Path) -> None:
    """The order depends on the seed and on the set's name; it is the one in which records were made so far."""
    for name in ("nq20", "musique"):
        write(tmp_path, name, *map(make_record, range(6)))
    drawn = [question.id for question in read(tmp_path, "nq20")]
    assert drawn == ["r5", "r1", "r3", "r0", "r2", "r4"]
    assert [question.id for question in read(tmp_path, "nq20", count=2)] == drawn[:2]
    assert [question.id for question in read(tmp_path, "nq20", seed=1)] != drawn
    assert [question.id for question in read(tmp_path, "musique")] != drawn


def test_marked_sentences_are_evidence(tmp_path: Path) -> None:
    """Sentences that a gold document marks, and none of the others."""
    record = make_record(1)
    record["documents"][0]["evidence"] = ["It was high."]
    record["documents"][1]["evidence"] = ["It is tall.", "It stands."]
    write(tmp_path, "hotpotqa", record)
    assert read(tmp_path, "hotpotqa", count=1)[0].evidence == ("It is tall.", "It stands.")


def test_the_sentence_of_the_answer_is_evidence(tmp_path: Path) -> None:
    """Where offsets are given, they say which sentence."""
    record = make_record(1, answers=["tall"])
    record["answer_start"] = [record["documents"][1]["text"].index("tall")]
    write(tmp_path, "xquad", record)
    assert read(tmp_path, "xquad", count=1)[0].evidence == ("It is tall.",)


@pytest.mark.parametrize("answer", ["Yes", "no."])
def test_yes_and_no_are_no_spans(tmp_path: Path, answer: str) -> None:
    """Such an answer stands in no passage."""
    write(tmp_path, "hotpotqa", make_record(1, answers=[answer]))
    assert read(tmp_path, "hotpotqa", count=1)[0].kind == "yes_no"


def test_a_span_over_two_sentences_touches_both() -> None:
    """From "one" to "two"; the third sentence is not touched, and a border is not yet the next sentence."""
    text = "Here is one. There is two. That is all."
    start = text.index("one")
    assert sentences_at(text, start, text.index("two") + 3 - start) == ("Here is one.", "There is two.")
    assert sentences_at(text, 0, 12) == ("Here is one.",)


def squad_records() -> list[dict[str, Any]]:
    """Twenty paragraphs, each with its own answer, and five that hold the answer of the first."""
    texts = [f"Number {n} is word{n}x. It ends." for n in range(20)] + [f"WORD0X, too, is in {n}." for n in range(5)]
    return [
        {
            "id": f"s{n}",
            "question": f"What is {n}?",
            "answers": [f"word{n}x"] if n < 20 else ["too"],
            "answer_start": [text.index("word") if n < 20 else text.index("too")],
            "documents": [{"title": "", "text": text, "is_gold": True}],
        }
        for n, text in enumerate(texts)
    ]


def test_squad_gets_nine_paragraphs_without_the_answer(tmp_path: Path) -> None:
    """The gold paragraph stands at its place among nine different ones, none of which has an accepted answer."""
    write(tmp_path, "squad", *squad_records())
    questions = {question.id: question for question in read(tmp_path, "squad")}
    first = questions["s0"]
    place = next(iter(first.gold))
    others = [text for index, text in enumerate(first.passages) if index != place]
    assert first.passages[place] == "Number 0 is word0x. It ends."
    assert len(set(others)) == 9
    assert not [text for text in others if "word0x" in text.lower()]
    assert first.evidence == ("Number 0 is word0x.",)
    assert len({next(iter(question.gold)) for question in questions.values()}) > 3


def test_squad_distractors_depend_on_question_and_seed_alone(tmp_path: Path) -> None:
    """However many questions are drawn, each has the same passages; another seed has others."""
    write(tmp_path, "squad", *squad_records())
    everything = {question.id: question for question in read(tmp_path, "squad")}
    for question in read(tmp_path, "squad", count=3):
        assert question == everything[question.id]
    other_seed = {question.id: question for question in read(tmp_path, "squad", seed=1)}
    assert other_seed["s3"].passages != everything["s3"].passages


def meeting() -> dict[str, Any]:
    documents = [{"title": f"Turns {n}", "text": f"Ada: Point {n} is made.", "is_gold": False} for n in range(4)]
    queries = [
        {"id": "m-q0", "question": "What of 2?", "answers": ["A point."], "gold_documents": [2, 1]},
        {"id": "m-q1", "question": "What of 0?", "answers": ["One."], "gold_documents": [0]},
    ]
    general = [{"question": "What was said?", "answers": ["Points were made."]}]
    return {"id": "m", "source": "made up", "documents": documents, "queries": queries, "general_queries": general}


def test_qmsum_has_a_question_for_each_query(tmp_path: Path) -> None:
    """Gold and evidence are the marked documents; the answer is in other words."""
    write(tmp_path, "qmsum", meeting())
    questions = {question.id: question for question in read(tmp_path, "qmsum")}
    assert set(questions) == {"m-q0", "m-q1"}
    first = questions["m-q0"]
    assert first.gold == {1, 2}
    assert (first.kind, first.question) == ("free", "What of 2?")
    assert first.evidence == ("Ada: Point 1 is made.", "Ada: Point 2 is made.")
    assert first.passages[3] == "Turns 3\nAda: Point 3 is made."


def test_qmsum_general_asks_for_a_summary(tmp_path: Path) -> None:
    """There is no question and no gold passage."""
    write(tmp_path, "qmsum-general", meeting())
    (question,) = read(tmp_path, "qmsum-general")
    assert (question.question, question.gold, question.kind) == (None, frozenset(), "summary")
    assert (question.answers, len(question.passages)) == (("Points were made.",), 4)


def test_long_texts_are_cut_at_sentences() -> None:
    """Sentences of two words, pieces of four: the fifth sentence would make too short a piece only under a third."""
    text = "Aa bb. Cc dd. Ee ff. Gg hh. Ii jj."
    assert [text[a:b].strip() for a, b in cut(text, count_words, 4)] == ["Aa bb. Cc dd.", "Ee ff. Gg hh.", "Ii jj."]
    spans = cut(text, count_words, 8)
    assert [text[a:b].strip() for a, b in spans] == ["Aa bb. Cc dd. Ee ff. Gg hh. Ii jj."]
    assert spans[-1][1] == len(text)


def test_a_paragraph_may_end_a_piece_early() -> None:
    """Six of nine words are two thirds; four are not."""
    text = "Aa bb cc dd.\nEe ff.\nGg hh ii jj kk ll mm nn oo."
    pieces = [text[a:b].strip() for a, b in cut(text, count_words, 9)]
    assert pieces == ["Aa bb cc dd.\nEe ff.", "Gg hh ii jj kk ll mm nn oo."]


@pytest.mark.parametrize("text", ["", "  \n ", "One."])
def test_nothing_is_lost_or_added_in_cutting(text: str) -> None:
    """Spans tile the text; white space alone makes none."""
    assert "".join(text[a:b] for a, b in cut(text, len, 5)).strip() == text.strip()


def test_covidqa_finds_the_passages_of_its_answer(tmp_path: Path) -> None:
    """One document of 400 sentences is cut, and the answer's span says which piece is gold."""
    sentences = [f"The study {n} had value{n}y." for n in range(120)]
    text = " ".join(sentences)
    start = text.index("value70y")
    document = {"title": "", "text": text, "is_gold": True}
    record = {"id": "c", "question": "What?", "answers": ["value70y"], "answer_start": [start], "documents": [document]}
    write(tmp_path, "covidqa", record)
    (question,) = read(tmp_path, "covidqa")
    assert " ".join(question.passages) == text
    assert [len(passage.split()) for passage in question.passages] == [150, 150, 150, 150]
    assert [index for index, passage in enumerate(question.passages) if "value70y" in passage] == list(question.gold)
    assert (question.evidence, question.kind) == (("The study 70 had value70y.",), "span")


def test_longbench_is_parted_by_its_source(tmp_path: Path) -> None:
    """MultiFieldQA-zh is cut into pieces of about 300 characters; Multi-News keeps its documents, asked nothing."""
    chinese = {"title": "", "text": "灯塔建于一九零二年，高二十米。" * 60, "is_gold": True}
    story = {"title": "Passage 1", "text": "It rained.", "is_gold": True}
    field = {"id": "f", "question": "何时？", "answers": ["一九零二"], "source": "LongBench multifieldqa_zh"}
    news = {"id": "n", "question": "Write a summary.", "answers": ["Rain."], "source": "LongBench multi_news"}
    write(tmp_path, "multi_news", {**field, "documents": [chinese]}, {**news, "documents": [story, story]})
    (asked,) = read(tmp_path, "multifieldqa_zh")
    (told,) = read(tmp_path, "multi_news")
    assert [len(passage) for passage in asked.passages] == [300, 300, 300]
    assert (asked.kind, asked.gold) == ("free", frozenset())
    assert (told.question, told.kind, told.gold) == (None, "summary", frozenset())
    assert told.passages == ("Passage 1\nIt rained.",) * 2


def test_errors_say_what_there_is(tmp_path: Path) -> None:
    """An unknown set and a missing file are the user's to put right."""
    with pytest.raises(UsageError, match=r"no set 'nq21'; there are .*nq20"):
        read(tmp_path, "nq21", count=1)
    with pytest.raises(UsageError, match="no file nq20-dev"):
        read(tmp_path, "nq20", count=1)
