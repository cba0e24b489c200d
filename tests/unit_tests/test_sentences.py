"""Full stops that end no sentence, in many languages; lists in one line; indented and quoted lines."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.sentences import sentence_borders


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise(sentence_borders(text))]


ONE_SENTENCE = [
    "Am 3. Mai 1931 kam er, z. B. aus Kiel.",
    "Ab dem 1. Januar 1968 war Hr. Dr. Meier Leiter der Werft Nr. 5.",
    "Das ist die 2. Auflage, d. h. sie gilt bzw. Band 3 gilt.",
    "Er baute u. a. Schiffe, vgl. Abb. 7 und § 5 Abs. 2.",
    "Mme. Durand est venue avec M. Petit vers 8 h, p. ex. Jeudi.",
    "La Dra. Ruiz paga aprox. 45 € al Sr. Vega por el art. 7.",
    "Il sig. Rossi e la dott.ssa Bianchi vivono qui, v. pag. 12.",
    "A Dra. Ana e o Sr. João pagaram aprox. 45 euros.",
    "Dhr. Jansen en mevr. De Vries wonen hier, d.w.z. Dorpsstraat nr. 5.",
    "Pan prof. Nowak mieszka przy ul. Długiej, tzn. Obok szkoły.",
    "Ten dům č. 5 patří p. Novákovi, např. Dílna.",
    "Hr. Berg kom kl. 5, bl.a. Anna var där.",
    "Hr. Holm kom den 3. Maj, f.eks. Anna var der.",
    "Se on nro 5, esim. Helsinki ja klo 7.",
    "Ez a 3. Kerület, pl. Óbuda, és dr. Kiss él ott.",
    "Bu sayı no. 5 ve örn. Ankara için doç. Kaya yazdı.",
    "Музей им. А. П. Чехова открыт в г. Ялте на ул. Кирова, т. е. здесь.",
    "Будинок на вул. Шевченка в м. Києві, див. Таблицю.",
    "Το αρ. 5 είναι του κ. Παπά, π.χ. Εδώ.",
    "ดร. สมชาย",
    "§ 5. The tenant pays.",
    "Section 12. The owner repairs the roof.",
    "1. Install the package.",
    "2.3. Scope of the licence.",
    "a. First item.",
    "iv. Fourth item.",
    "(3) The deposit.",
    "Released by Warner Bros. Animation in 2004.",
    "He lived c. 1400 in Ghent.",
    "It starts at 9 p.m. ET on Friday.",
]


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_a_full_stop_that_ends_no_sentence(text: str) -> None:
    """Abbreviations, ordinals, initials and numbers of clauses and items stay in their sentence."""
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        ["Er kam im Jahr 1999. ", "Danach ging er."],
        ["Es waren 12. ", "Dann kam er."],
        ["They left in the U.S. ", "The team won."],
        ["He takes vitamin C. ", "The trial ended."],
        ["It was sold by Holt Inc. ", "They moved on."],
        ["Apples, pears, etc. ", "We left."],
        ["Она родилась в 1976 г. ", "Он умер позже."],
        ["Sie lebte 300 n. Chr. ", "Danach kam er."],
        ["It opened in 1884. ", "It closed (1976). ", "Then it fell."],
        ["The rope is 5 km. ", "It broke."],
    ],
)
def test_a_full_stop_that_ends_a_sentence(parts: list[str]) -> None:
    """The common word behind it, or the number before it, tells."""
    assert sentences("".join(parts)) == parts


def test_items_of_a_list_with_semicolons() -> None:
    """Items of a list in one line are sentences, and no item begins with its separator."""
    text = "The mast was sold. ; March 4 ; The pier &ndash; all of it &ndash; burnt. ; March 9"
    parts = ["The mast was sold. ; ", "March 4 ; ", "The pier &ndash; all of it &ndash; burnt. ; ", "March 9"]
    assert sentences(text) == parts


def test_a_semicolon_in_a_sentence() -> None:
    """One semicolon, those in brackets and those of French spelling part no sentences."""
    for text in ("He went ; she stayed.", "Ada ( ; a ; b ; c) left.", "Il part ; elle reste ; il revient."):
        assert sentences(text) == [text]


def test_bullets_in_one_line() -> None:
    """A bullet in a line begins an item."""
    assert sentences("Rules: • no dogs • no fires") == ["Rules: ", "• no dogs ", "• no fires"]


def test_indented_lines() -> None:
    """An indented line is a line of its own, with its indentation."""
    assert sentences("limits:\n  memory: 5\n    cpu: 7\nend") == ["limits:\n", "  memory: 5\n", "    cpu: 7\n", "end"]


def test_quoted_mail() -> None:
    """The prefix of quoted lines is white space of a wrapped sentence, and belongs to the first line of the next."""
    text = "> The new date is\n> 14 June, and the carrier is\n> Norwood Freight.\n>\n> Regards\n> Tom\n"
    parts = [
        "> The new date is\n> 14 June, and the carrier is\n> Norwood Freight.\n>\n",
        "> Regards\n",
        "> Tom\n",
    ]
    assert sentences(text) == parts


def test_turns_of_a_chat() -> None:
    """A name before a colon begins a turn, also behind a letter with a full stop."""
    parts = ["Guest: Yes, room 71-C.\n", "Clerk: Thanks.\n", "Guest: Take plan B.\n", "The lift is broken.\n"]
    assert sentences("".join(parts)) == parts


def test_numbers_in_thai() -> None:
    """A space beside a number parts no phrase."""
    assert sentences("สูง 24 เมตร ในปี 1883 ข้าง ๆ") == ["สูง 24 เมตร ", "ในปี 1883 ข้าง ๆ"]


@given(st.text(st.sampled_from("aB. \n>-1;•:,(\tЖ中ไ\r\u2028\x85"), max_size=60))
def test_borders_are_sorted_and_inside(text: str) -> None:
    """Whatever the text, borders rise from 0 to its length."""
    borders = sentence_borders(text)
    assert borders == sorted(set(borders))
    assert (borders[0], borders[-1]) == (0, len(text))
