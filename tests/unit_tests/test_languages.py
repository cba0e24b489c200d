"""Restrictive sentences and the language that they are taken from."""

import pytest

from lingua_shared.text.languages import LANGUAGES, detect_language, is_english, restrictive_sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who built the lighthouse?", "en"),
        ("¿Quién construyó el faro?", "en"),  # letters alone do not tell Spanish from English
        ("Кто построил маяк?", "ru"),
        ("Ποιος έχτισε τον φάρο;", "el"),
        ("من بنى المنارة؟", "ar"),
        ("लाइटहाउस किसने बनाया?", "hi"),
        ("ใครสร้างประภาคาร", "th"),
        ("谁建造了灯塔？", "zh"),
        ("灯台を建てたのは誰ですか。", "ja"),
        ("등대는 누가 지었습니까?", "ko"),
        ("What is 东?", "en"),  # one letter of seven
        ("GPT是什么？", "zh"),
        ("", "en"),
        ("123 ?!", "en"),
        ("מי בנה?", "en"),  # a script without a sentence of its own
    ],
)
def test_detected_language(text: str, expected: str) -> None:
    """The script tells the language where it makes up a fifth of the letters."""
    assert detect_language(text) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_asked_for(language: str) -> None:
    """A language that is named is taken, whatever the question is written in."""
    assert restrictive_sentence("Who?", language) == LANGUAGES[language]


def test_the_language_of_the_question() -> None:
    """Left to itself, the sentence is in the question's language."""
    assert restrictive_sentence("Who?") == " We can get the answer to this question in the given documents."
    assert restrictive_sentence("谁？") == "我们可以在给定的文档中找到这个问题的答案。"


@pytest.mark.parametrize(("language", "sentence"), LANGUAGES.items())
def test_a_space_stands_before_a_sentence_where_its_script_has_one(language: str, sentence: str) -> None:
    """The sentence can be put right behind a question."""
    assert sentence.startswith(" ") == (language not in {"zh", "ja"})
    assert sentence.strip()


def test_sentences_cannot_be_changed() -> None:
    """The table is read-only."""
    with pytest.raises(TypeError):
        LANGUAGES["en"] = ""  # type: ignore[index]


@pytest.mark.parametrize(
    ("question", "passage", "expected"),
    [
        ("Who built it?", "The lighthouse was built by Ada Marsh, and it stands at Gull Point.", True),
        ("gull point keeper", "The lighthouse was built by Ada Marsh, and it stands at Gull Point.", True),
        ("Who was Müller?", "Müller was the keeper.", True),
        ("Who built it?", "Gull Point 1884", True),
        ("Who built it?", "", True),
        ("Which item costs most?", "Rope 12 marks; " * 20, True),
        ("Which item costs most?", "Seil 12 Mark und Öl 3 Mark; " * 20, False),
        ("Wer baute ihn?", "Der Leuchtturm wurde von Ada Marsh gebaut und steht am Möwenkap.", False),
        ("Who built it?", "Der Leuchtturm wurde von Ada Marsh gebaut und steht am Kap; er ist dort seit 1884 und "
         "wird bis heute von einem Verein betrieben, der ihn im Sommer an jedem Tag offen hält.", False),
        ("¿Quién lo construyó?", "The lighthouse was built by Ada Marsh, and it stands at Gull Point.", False),
        ("谁建造了灯塔？", "The lighthouse was built by Ada Marsh, and it stands at Gull Point.", False),
        ("Who built it?", "灯塔由艾达建造。", False),
        ("Кто построил маяк?", "Маяк построила Ада.", False),
    ],
)  # fmt: skip
def test_is_english(question: str, passage: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Question and passages both have to be, as far as common words and letters tell."""
    assert is_english(question, [passage]) is expected


def test_the_middle_of_a_passage_counts_too() -> None:
    """A text can start with names."""
    names = "Lee, Kim; Park, Choi; " * 10
    text = "We show that the virus is found in the lungs, which are where it does the most harm. " * 20
    assert is_english("virus lungs", [names + text])


def test_one_passage_in_another_language_does_not_make_a_request_foreign() -> None:
    """The texts are judged together."""
    english = "The lighthouse was built by Ada Marsh, and it stands at Gull Point, where the keepers lived."
    assert is_english("Who built it?", [english, english, "Le phare fut bâti par Ada."])
