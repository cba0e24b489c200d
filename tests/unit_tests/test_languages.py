"""Restrictive sentences and the language that they are taken from."""

import pytest

from lingua_shared.languages import LANGUAGES, detect_language, restrictive_sentence


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
