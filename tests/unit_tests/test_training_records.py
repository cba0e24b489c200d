"""Reading files of questions: passages with titles, spans of supporting sentences and answers."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lingua_shared.errors import InvalidInputError
from lingua_shared.training.records import (
    Example,
    MarkedPassage,
    contains,
    find_training_file,
    read_examples,
    titled,
)

TEXT = "A ferry left the harbour. Ada Marsh built the lighthouse in 1871. It still stands."


def document(text: str = TEXT, title: str = "", *, is_gold: bool = True, **others: Any) -> dict[str, Any]:
    return {"title": title, "text": text, "is_gold": is_gold, **others}


def record(*documents: dict[str, Any], answers: tuple[str, ...] = ("Ada Marsh",), **others: Any) -> dict[str, Any]:
    asked = {"id": "1", "question": "Who built the lighthouse?", "answers": list(answers)}
    return {**asked, "documents": list(documents), **others}


@pytest.fixture(name="read")
def _read(tmp_path: Path) -> Any:
    def read(*records: dict[str, Any]) -> list[Example]:
        path = tmp_path / "questions.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(r) + "\n" for r in records)
        return list(read_examples(path))

    return read


@pytest.fixture(name="mark")
def _mark(read: Any) -> Any:
    def mark(*args: Any, **others: Any) -> MarkedPassage:
        (example,) = read(record(document(*args), **others))
        (passage,) = example.gold
        assert isinstance(passage, MarkedPassage)
        return passage

    return mark


def marked(passage: MarkedPassage) -> tuple[list[str], list[str]]:
    """Texts of the spans of supporting sentences and answers."""
    support, answers = (
        [passage.text[start:end] for start, end in spans or ()] for spans in (passage.support, passage.answers)
    )
    return support, answers


@pytest.mark.parametrize("title", ["", "  ", "Gull Point", " Gull Point "])
@pytest.mark.parametrize("text", [TEXT, f" \n{TEXT}", f"{TEXT} \n", f"\t{TEXT}\n"])
def test_answer_start_counts_in_the_text_of_the_document(mark: Any, title: str, text: str) -> None:
    """The title line, and white space at either end, shift the answer in the passage."""
    passage = mark(text, title, answer_start=[text.index("Ada Marsh")])
    assert marked(passage) == (["Ada Marsh built the lighthouse in 1871. "], ["Ada Marsh"])
    assert passage.answers is not None
    assert passage.answers[0][0] == passage.text.index("Ada Marsh")


def test_answer_at_the_start_is_not_in_the_title(mark: Any) -> None:
    """An answer at character 0 of the text is not confused with the same words in the title."""
    passage = mark("Ada Marsh built it. A ferry left.", "Ada Marsh", answer_start=[0])
    assert passage.answers == ((10, 19),)
    assert marked(passage)[0] == ["Ada Marsh built it. "]


def test_one_start_for_each_answer(mark: Any) -> None:
    """Answers with given starts are marked only there; duplicates are marked once."""
    passage = mark("In 1871 or 1872, not in 1871.", answers=("1871", "1872", "1871"), answer_start=[3, 11, 3])
    assert passage.answers == ((3, 7), (11, 15))


def test_answers_are_searched_where_no_start_is_given(mark: Any) -> None:
    """Every occurrence as whole words in any case is marked."""
    passage = mark("MARSH built it. Marshes lie near. Then marsh left.", answers=("Marsh",))
    assert marked(passage) == (["MARSH built it. ", "Then marsh left."], ["MARSH", "marsh"])


def test_answers_that_overlap_are_all_marked(mark: Any) -> None:
    """Short and long forms of an answer, and forms that differ only in case, are marked once each."""
    passage = mark(answers=("Ada Marsh", "Marsh", "ada marsh"))
    assert sorted(marked(passage)[1]) == ["Ada Marsh", "Marsh"]


def test_answer_across_a_sentence_border_is_marked(mark: Any) -> None:
    """An answer that spans two sentences lies in the supporting sentences as a whole."""
    text = "The film was called Run! Hide! It came out in 1990. We saw it."
    passage = mark(text, answers=("Run! Hide!",), answer_start=[text.index("Run!")])
    assert "".join(marked(passage)[0]) == "The film was called Run! Hide! "
    assert marked(passage)[1] == ["Run! Hide!"]


def test_thai_answer_with_a_space_is_marked(mark: Any) -> None:
    """Thai separates phrases by spaces, and names contain some."""
    text = "ประภาคารสร้างโดย อาดา มาร์ช ในปี พ.ศ. 2414"
    passage = mark(text, answers=("อาดา มาร์ช",), answer_start=[text.index("อาดา")])
    assert marked(passage)[1] == ["อาดา มาร์ช"]


def test_named_evidence_goes_before_the_sentences_with_an_answer(read: Any) -> None:
    """Only the named sentences are support, and answers outside of them are not marked."""
    text = "Ada Marsh was born here. Later Ada Marsh built it. It stands."
    named = document(text, "Ada Marsh", evidence=["Later Ada Marsh built it."])
    (example,) = read(record(named))
    (passage,) = example.gold
    assert marked(passage) == (["Later Ada Marsh built it."], ["Ada Marsh"])
    assert passage.answers == ((41, 50),)


def test_evidence_without_the_answer_has_no_answers(read: Any) -> None:
    """A passage of an earlier hop has support and an empty tuple of answers."""
    (example,) = read(record(document("The ferry calls at Gull Point.", evidence=["The ferry calls at Gull Point."])))
    assert example.gold == (MarkedPassage("The ferry calls at Gull Point.", ((0, 30),), ()),)


@pytest.mark.parametrize("text", ["First one. Last one. ", "  First one. Last one."])
def test_named_evidence_is_found_at_the_ends(read: Any, text: str) -> None:
    """Named sentences may have white space that the passage lost when it was stripped."""
    sentences = ["Last one. ", "  First one."]
    named = [sentence for sentence in sentences if sentence in text]
    (example,) = read(record(document(text, evidence=named)))
    assert [sentence.strip() for sentence in marked(example.gold[0])[0]] == [sentence.strip() for sentence in named]


@pytest.mark.parametrize("answers", [("yes",), ("No",), ("YES", "no")])
def test_yes_and_no_are_in_other_words(mark: Any, answers: tuple[str, ...]) -> None:
    """They are not searched in the text, so the support is unknown."""
    assert mark("Yes, no. It stands.", answers=answers) == MarkedPassage("Yes, no. It stands.", None, None)


def test_yes_and_no_keep_named_evidence(read: Any) -> None:
    """Named sentences are support, without an answer in them."""
    (example,) = read(record(document("It stands. No.", evidence=["It stands."]), answers=("yes",)))
    assert example.gold[0] == MarkedPassage("It stands. No.", ((0, 10),), None)


@pytest.mark.parametrize(
    "others",
    [{"answer_not_a_span": True}, {"evidence_is_whole_text": True}, {"answers": ("Bo Reed",)}, {"answers": ()}],
)
def test_nothing_is_marked_where_nobody_knows(mark: Any, others: dict[str, Any]) -> None:
    """Answers that are no quotation, texts that are support as a whole, and answers that are not found."""
    passage = mark(**others)
    assert (passage.support, passage.answers) == (None, None)


def test_gold_passages_and_distractors_keep_their_order(read: Any) -> None:
    """Each gold passage has its own marks, and titles are on the first line."""
    second = "Later, Ada Marsh left."
    (example,) = read(
        record(
            document("B.", "Far", is_gold=False), document(), document(second, "Gull"), document("C.", is_gold=False)
        )
    )
    assert [passage.text for passage in example.gold] == [TEXT, f"Gull\n{second}"]
    assert [marked(passage)[1] for passage in example.gold] == [["Ada Marsh"], ["Ada Marsh"]]
    assert example.distractors == ("Far\nB.", "C.")


def test_records_without_gold_are_passed_over(read: Any) -> None:
    """The others are returned in the order of the file, with stripped questions."""
    none = record(document(is_gold=False), id="none")
    found = read({**none, "id": "0"}, record(document(), id="1", question=" Who? "), record(id="2"), record(document()))
    assert [(example.id, example.question) for example in found] == [("1", "Who?"), ("1", "Who built the lighthouse?")]


@pytest.mark.parametrize(("title", "text"), [("", ""), ("Gull", ""), ("", "Point"), ("Gull", " Point ")])
def test_titled_passage_has_no_blank_ends(title: str, text: str) -> None:
    """Title or text may be missing."""
    assert titled({"title": title, "text": text}).split() == f"{title} {text}".split()
    assert titled({"title": title, "text": text}) == titled({"title": title, "text": text}).strip()


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("Ada Marsh built it.", "ada marsh", True),
        ("The party left.", "art", False),
        ("It was $3.50 then.", "$3.50", True),
        ("Written in C++ (old).", "C++", True),
        ("Version 3x50", "3.50", False),
        ("Nothing here.", " ", False),
        ("Nothing here.", "", False),
        ("", "Ada", False),
        ("Ada Marsh left.", " Marsh ", True),
    ],
)
def test_contains_whole_words(text: str, answer: str, *, expected: bool) -> None:
    """An answer is found as whole words in any case, with its punctuation; a blank one is never found."""
    assert contains(text, [answer]) is expected


@pytest.mark.parametrize(
    ("text", "answer"),
    [("灯塔由马什建造于1871年。", "马什"), ("灯台はマーシュが建てた。", "マーシュ"), ("ประภาคารสร้างโดยมาร์ช", "มาร์ช")],
)
def test_contains_words_of_scripts_without_spaces(text: str, answer: str) -> None:
    """In scripts without spaces an answer is found between other letters."""
    assert contains(text, ["nowhere", answer])


def test_file_is_read_as_utf_8(read: Any) -> None:
    """Wide characters count as one character each."""
    text = "😀 東京: Ada Marsh."
    (example,) = read(record(document(text), answer_start=[text.index("Ada")]))
    assert marked(example.gold[0])[1] == ["Ada Marsh"]


def test_first_folder_with_the_file_counts(tmp_path: Path) -> None:
    """Folders are searched in order; the error for a missing file names them."""
    first, second = tmp_path / "first", tmp_path / "second"
    for place in (first, second):
        place.mkdir()
        (place / "both.jsonl.gz").touch()
    (second / "late.jsonl.gz").touch()
    assert find_training_file("both", [first, second]) == first / "both.jsonl.gz"
    assert find_training_file("late", [first, second]) == second / "late.jsonl.gz"
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl\.gz.*--data"):
        find_training_file("none", [first, second])


def test_test_files_are_refused(tmp_path: Path) -> None:
    """A file is refused by its name in any case, and a link by the name of its target."""
    for name in ("nq20-test", "NQ20-TEST", "nq20-dev", "drcd-test-zh"):
        (tmp_path / f"{name}.jsonl.gz").touch()
    (tmp_path / "link.jsonl.gz").symlink_to(tmp_path / "nq20-test.jsonl.gz")
    for name in ("nq20-test", "NQ20-TEST", "link"):
        with pytest.raises(InvalidInputError, match="is a test file"):
            find_training_file(name, [tmp_path])
    for name in ("nq20-dev", "drcd-test-zh"):
        assert find_training_file(name, [tmp_path]).name == f"{name}.jsonl.gz"
