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


JSON = '{"name": "Tarn Ness", "height_m": 24, "country": "de", "lit": true, "keeper": null, "tags": ["la", "en", "no"]}'
YAML = "name: tarn-ness\nhost: www.example.de\nlang: de\nports:\n  - 8080\n  - 8443\nin: /var/la\nno: 3\n"
CSV = "name,state,iso\nLos Angeles,CA,en\nSanta Fe,NM,es\nLas Vegas,NV,de\nBaton Rouge,LA,fr\n" * 8
CODE = (
    'import os\n\n\ndef main(argv):\n    for die in dice:\n        os.mkdir(path / "les")\n    return 0 if ok else 1\n'
    * 5
)
LOG = "2024-05-31 12:00:03,123 WARN [pool-1-thread-7] c.e.d.Server - GET /de/index 404 in 12 ms UN-EN\n" * 8
URLS = "https://www.example.de/la/una-casa-de-campo\nhttps://example.fr/le/des?et=est&un=une\n" * 5
NAMES = "Leonardo da Vinci\nVincent van Gogh\nJosé de la Cruz\nMarie du Pont\nRio de Janeiro\nSão Paulo\nLa Paz\n" * 3
TABLE = "| Player | Club | Goals |\n|---|---|---|\n| Raúl | Real Madrid | 7 |\n| Müller | Bayern München | 5 |\n" * 3


@pytest.mark.parametrize(
    "passage",
    [
        pytest.param('["name", "port"]', id="JSON list"),
        pytest.param(JSON, id="JSON object"),
        pytest.param('[{"id": 1, "de": 2.5, "un": -3e8}, {"id": 2, "de": 0.1, "un": 17}]', id="JSON of numbers"),
        pytest.param(YAML, id="YAML"),
        pytest.param(CSV, id="CSV"),
        pytest.param(CSV.replace(",", "\t"), id="tab-separated values"),
        pytest.param(CODE, id="code"),
        pytest.param(LOG, id="log"),
        pytest.param(URLS, id="URLs"),
        pytest.param(NAMES, id="names"),
        pytest.param(TABLE, id="table"),
        pytest.param("ls -la /var/la && rm -rf ./en", id="command"),
        pytest.param("12.5 | 13.7 | 8 % | -4 | 1,000,000", id="numbers"),
        pytest.param("MI, LA, DE, NE, UN, EST, CO", id="codes"),
        pytest.param("status: no answer from the port", id="a word shared with Portuguese"),
    ],
)
def test_data_and_names_beside_an_english_question_are_english(passage: str) -> None:
    """Keys, codes, addresses and names say nothing of a language."""
    assert is_english("Which port does it use?", [passage])
    assert is_english("Which port does it use?", [passage, passage])


@pytest.mark.parametrize(
    "text",
    [
        *["Wie hoch ist der Turm?", "Wann wurde er gebaut?", "Wer war der erste Wärter?", "Welche Farbe hat das Boot?"],
        *["Über wen schreibt sie?", "Wann starb Ada Marsh?", "Warum steht er dort?", "und der Turm?"],
        *[
            "Quelle est la hauteur du phare ?",
            "Qui a construit le phare ?",
            "Où est-il ?",
            "Combien coûte la traversée ?",
        ],
        *["Qu’est devenue l’île ?", "Pourquoi Ada Marsh est partie ?", "le prix des billets"],
        *["¿Quién construyó el faro?", "Cuando se construyó el faro", "¿Cuántos años tiene?", "precio de los billetes"],
        *["Chi ha costruito il faro?", "Quanto è alto il faro?", "Dove si trova l'isola?", "il prezzo dei biglietti"],
        *[
            "Hvem bygget fyret?",
            "Wie bouwde de vuurtoren?",
            "Quem construiu o farol da ilha?",
            "Fener ne zaman yapıldı?",
        ],
        *["Kapan Ada Marsh lahir?", "Kto zbudował latarnię?"],
        *["Jak wysoka jest wieża?", "Hur hög är fyren?", "Vem byggde fyren?", "Majakan korkeus metreinä"],
    ],
)
def test_short_questions_in_other_languages(text: str) -> None:
    """A question word, an article, a preposition or an accent is enough, alone or in a list of JSON."""
    assert not is_english(text, ["The lighthouse was built by Ada Marsh."])
    assert not is_english("Who built it?", [text])
    assert not is_english("Who built it?", [f'{{"text": "{text}", "id": 7}}'])


def test_letters_with_separate_accents_are_the_same_letters() -> None:
    """Text in the decomposed form of Unicode is judged like the same text in the composed form."""
    assert not is_english("Ou\u0300 va la navette?", [])
    assert is_english("Who was Mu\u0308ller?", [])


def test_mostly_other_letters_beside_digits() -> None:
    """Letters of other scripts are compared with the letters of a text, not with its digits and marks."""
    assert not is_english("How many?", ["灯塔 | 1884 | 24.5 | 1,000,000 | 2,000,000 | 3,000,000 | 4,000,000 | 5"])


@pytest.mark.parametrize("text", ["CHI HA COSTRUITO IL FARO?", "QUI A CONSTRUIT LE PHARE ?", "ВРЕМЯ", "QUIÉN FUE?"])
def test_questions_in_capitals(text: str) -> None:
    """A text all in capitals is read like one in lower case: its words are no codes."""
    assert not is_english(text, [])
    assert is_english("WHO BUILT THE LIGHTHOUSE?", [])
