"""Words that a sentence may never lose, in many languages, and numbers with what they count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.protected_words import has_condition_or_source, measured_spans, protected_spans


def protected(text: str) -> list[str]:
    return [text[start:end] for start, end in sorted({*protected_spans(text), *measured_spans(text)})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The note should not be longer than 250 words.", ["should not be", "longer than", "250 words"]),
        ("Guests may not smoke, except on the roof.", ["may not", "except"]),
        ("The 31 key is no longer made; it doesn't fit.", ["31 key", "no longer", "doesn't"]),
        ("Pay at most 40 crowns unless you’ve none.", ["at most", "40 crowns", "unless", "none"]),
        ("Only the pilot must sign; children don’t.", ["Only", "must", "don’t"]),
        ("She was never there, and it had not been lit.", ["was never", "had not been"]),
        ("In May 1990 and on 3 May it may rain. May I go?", ["may", "May"]),
        ("See No. 5, no dogs.", ["no"]),
        ("A plain sentence about a knot and a notice.", []),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    """Negations, exceptions, limits and modals are found as whole expressions; parts of words, names and months not."""
    assert protected(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der Gast darf nicht mehr als 40 Euro zahlen, es sei denn, er hat keine Karte.",
         ["darf", "nicht mehr", "40 Euro", "es sei denn", "keine"]),
        ("Le bac n'est pas ouvert et ne coûte jamais plus de 40 couronnes, sauf le lundi.",
         ["n'est pas", "ne coûte jamais", "plus de", "40 couronnes", "sauf"]),
        ("El barco no sale sin la llave, salvo los lunes.", ["no", "sin", "salvo"]),
        ("Il battello non parte senza chiave, tranne il lunedì.", ["non", "senza", "tranne"]),
        ("O barco não sai sem a chave, exceto na segunda.", ["não", "sem", "exceto"]),
        ("De boot mag niet varen zonder de sleutel, tenzij het moet.", ["mag", "niet", "zonder", "tenzij", "moet"]),
        ("Statek nie może wypłynąć bez klucza, chyba że w nocy.", ["nie", "może", "bez", "chyba że"]),
        ("Loď nesmí vyplout bez klíče a jen v noci.", ["nesmí", "bez", "jen"]),
        ("Båten får inte gå utan nyckel och det är förbjudet.", ["får", "inte", "utan", "förbjudet"]),
        ("Båden må ikke sejle uden nøgle efter krigen af hensyn til byen.", ["må", "ikke", "uden"]),
        ("Båten skal aldri gå etter klokka fem, unntatt på mandager.", ["skal", "aldri", "unntatt"]),
        ("Vene ei saa lähteä ilman avainta, koska se on kielletty.", ["ei", "saa", "ilman", "kielletty"]),
        ("A hajó nem mehet kulcs nélkül, csak ha szabad.", ["nem", "nélkül", "csak", "szabad"]),
        ("Gemi ve kaptan bu gece girmemeli, yasak değil ama uzun olamaz.", ["girmemeli", "yasak", "değil", "olamaz"]),
        ("Vaporul nu pleacă fără cheie și trebuie să aștepte.", ["nu", "fără", "trebuie"]),
        ("Корабль не должен превышать 60 метров, кроме случаев аварии.", ["не", "должен", "60 метров", "кроме"]),
        ("Човен не може плисти без ключа і лише вночі.", ["не", "може", "без", "лише"]),
        ("Το πλοίο δεν φεύγει χωρίς κλειδί, εκτός αν πρέπει.", ["δεν", "χωρίς", "εκτός", "πρέπει"]),
        ("لا يجوز الدخول بدون مفتاح", ["لا", "يجوز", "بدون"]),
        ("בלי מפתח אסור להיכנס", ["בלי", "אסור"]),
        ("नाव चाबी के बिना नहीं जाती", ["बिना", "नहीं"]),
        ("Kapal tidak boleh berangkat tanpa kunci.", ["tidak", "boleh", "tanpa"]),
        ("Tàu không được phép đi, trừ ban ngày.", ["không", "được phép", "trừ"]),
        ("배는 열쇠 없이 갈 수 없고 반드시 기다려야 한다.", ["없이", "없고", "반드시"]),
    ],
)  # fmt: skip
def test_other_languages_with_spaces(text: str, expected: list[str]) -> None:
    """The words of each language are found, also those that are spelled like others elsewhere."""
    assert protected(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("守塔人不住在这里。", "不住"),
        ("禁止入内，除非得到许可。", "除非"),
        ("最多三个人可以进入。", "最多"),
        ("橋は建てられなかった。", "られなかった"),
        ("ここでは泳げません。", "泳げません"),
        ("大人のみ入れる。", "のみ"),
        ("ห้ามเข้าโดยไม่มีกุญแจ", "ไม่มี"),
        ("高24米以上", "24米以上"),
    ],
)
def test_scripts_without_spaces(text: str, word: str) -> None:
    """They are found inside runs of characters."""
    assert any(word in found for found in protected(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 60 metres long.", ["60 metres"]),
        ("It weighs 5–6 tons, or 20 %.", ["5–6 tons", "20 %"]),
        ("It covers 12 square miles and 3.5 million people.", ["12 square miles", "3.5 million people"]),
        ("In 1884 Ada Marsh sold 1,200 of them by 1890.", []),
        ("a 40-foot mast", ["40-foot"]),
        ("wrapped at 7\ncrowns", ["7\ncrowns"]),
    ],
)
def test_numbers(text: str, expected: list[str]) -> None:
    """A number is kept with what it counts; a year, and a number before a preposition, have no such word."""
    assert protected(text) == expected


@given(st.text(st.sampled_from("not nolr 12,.5-n'tMayж不ない안 \n"), max_size=60))
def test_spans_are_disjoint_and_in_order(text: str) -> None:
    """Whatever the text, spans are not empty, do not overlap and lie inside it."""
    spans = protected_spans(text)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end <= len(text) for before, (start, end) in zip(ends, spans, strict=False))


@pytest.mark.parametrize(
    "text",
    [
        "According to a rumour that the harbour master called nonsense, the lighthouse was sold.",
        "If the red light flashes three times, open the valve.",
        "Guests use the pool, provided that they shower first.",
        "The tower is open until the wind rises.",
        "The pool is closed, says an old brochure.",
        "Wenn das rote Licht blinkt, wird das Ventil geöffnet.",
        "Selon la rumeur, le phare a été vendu à un hôtel.",
    ],
)
def test_conditions_and_sources_are_found(text: str) -> None:
    assert has_condition_or_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "The lighthouse was built by Edmund Colquitt in 1883, and its lamp burned paraffin.",
        "Fast men drank ale at the inn, which stood at the harbour.",
        "Das Licht wurde 1883 von Edmund Colquitt gebaut, einem Mann aus Kelmouth.",
    ],
)
def test_other_sentences_have_neither(text: str) -> None:
    assert not has_condition_or_source(text)
