"""The language of a text by its script and common words."""

import pytest

from lingua_shared.text.common_words import COMMON_WORDS, guess_language, is_common


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The bridge was built by the town."),
        ("de", "Die Brücke wurde von der Stadt gebaut."),
        ("fr", "Le pont est fermé pour la nuit."),
        ("es", "El puente fue construido por la ciudad."),
        ("it", "Il ponte è chiuso per la notte."),
        ("pt", "A ponte não foi fechada pelo município."),
        ("nl", "De brug werd door de stad gebouwd en is van hen."),
        ("pl", "Most jest zamknięty, ponieważ nie ma światła."),
        ("cs", "Most je zavřený, protože není světlo."),
        ("sv", "Bron är stängd och det finns inte ljus."),
        ("da", "Broen er lukket, og den blev bygget efter krigen af byen."),
        ("no", "Broen er stengt, og den ble bygget etter krigen av byen."),
        ("fi", "Silta on suljettu, koska valo ei ole päällä."),
        ("hu", "A híd nem volt nyitva, mert az idő rossz."),
        ("tr", "Köprü kapalı ve bu gece için ışık yok."),
        ("ro", "Podul este închis și nu are lumină."),
        ("ru", "Мост закрыт на ночь."),
        ("uk", "Міст закрито на ніч."),
        ("el", "Η γέφυρα είναι κλειστή."),
        ("ja", "橋は夜に閉まります。"),
        ("zh", "桥在夜里关闭。"),
        ("en", "Gull Point 1884"),
        ("en", ""),
    ],
)
def test_language(language: str, text: str) -> None:
    """A few common words are enough; English is the default."""
    assert guess_language(text) == language


def test_common_words_in_any_case() -> None:
    """Case makes no difference; where a language has no list, the words of all others count."""
    assert is_common("The", "en")
    assert not is_common("bridge", "en")
    assert not is_common("der", "en")
    assert is_common("der", "ja")
    assert all(word == word.lower() for words in COMMON_WORDS.values() for word in words)
