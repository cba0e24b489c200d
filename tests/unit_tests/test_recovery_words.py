"""Words that are compared, what stands between them, and the index over kept text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.words import (
    WordReader,
    can_be_replaced,
    is_clause_boundary,
    joins_words,
    normalized_separator,
    significant_part,
    split_words,
    surely_ends_sentence,
    word_key,
)
from lingua_shared.text.words import splits_grapheme

TEXTS = st.text(
    st.sampled_from('ab é\u0301\u200d👩🏽🇩ก็าำ한न्東。.,-\n \u00a0\u0600\u00ad_1`{"')
    | st.characters(exclude_categories=["Cs"]),
    max_size=120,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The 3.5-km well-kept road", ["The", "3", "5", "km", "well", "kept", "road"]),
        ("don't x_1 #7", ["don", "t", "x_1", "7"]),
        ("東京タワー2024年", ["東", "京", "タ", "ワ", "ー", "2024", "年"]),
        ("กำลังไป", ["กำ", "ลั", "ง", "ไ", "ป"]),
        ("한국어 말", ["한국어", "말"]),
        ("e\u0301a 👩🏽‍🚀🇩🇪 5€", ["e\u0301a", "👩🏽‍🚀🇩🇪", "5", "€"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        (" ... ", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """Letters and digits in runs, one by one in scripts without spaces, symbols in runs; marks belong to them."""
    assert [word.text for word in split_words(text)] == words


@given(TEXTS)
def test_words_and_separators_make_the_text(text: str) -> None:
    """Nothing is lost between words, and no word begins or ends within a grapheme."""
    reader = WordReader()
    words = [*reader.feed(text), *reader.finish()]
    assert "".join(word.before + word.text for word in words) + reader.rest == text
    for word in words:
        assert text[word.start : word.end] == word.text
        assert len(word.before) <= POLICY.max_separator
        assert len(word.text) <= POLICY.max_word
        assert not splits_grapheme(text, word.end) or not word.text


@given(TEXTS, st.lists(st.integers(1, 20)))
def test_words_are_the_same_however_the_text_is_cut(text: str, sizes: list[int]) -> None:
    """A reader that is fed pieces finds what one finds that is fed the whole."""
    whole = WordReader()
    expected = [*whole.feed(text), *whole.finish()]
    reader, found, at = WordReader(), [], 0
    for size in [*sizes, len(text)]:
        found += reader.feed(text[at : at + size])
        at += size
    assert [*found, *reader.finish()] == expected
    assert (reader.rest, reader.start) == (whole.rest, whole.start)


def test_a_word_that_is_too_long_matches_nothing() -> None:
    """Its pieces have no key; the next word has one."""
    words = split_words("a" * (POLICY.max_word + 3) + " b")
    assert [(len(word.text), word.key) for word in words] == [(POLICY.max_word, ""), (3, ""), (1, "b")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("é", "e\u0301"), ("ｋｍ", "km"), ("ﬁsh", "fish"), ("co\u00adop", "coop"), ("Ⅳ", "iv")],
)
def test_words_that_are_the_same(one: str, other: str) -> None:
    """Case, normal forms, width and soft hyphens do not count."""
    assert word_key(one) == word_key(other) != ""


@pytest.mark.parametrize(
    ("separator", "counts", "opens", "edges"),
    [
        (" ", "", True, False),
        (", ", "", True, False),
        (" – ", "", True, False),
        ("\n", "", False, True),
        (". ", ".", True, True),
        (" (", "(", True, True),
        (' "', "", True, True),
        ("** ", "", False, False),
        ("](", "](", False, True),
        ("。", "。", True, True),
        ("", "", True, False),
    ],
)
def test_separators(separator: str, counts: str, *, opens: bool, edges: bool) -> None:
    """What counts in a comparison; whether words may stand there instead; whether a quotation may begin there."""
    assert (significant_part(separator), can_be_replaced(separator), is_clause_boundary(separator)) == (
        counts,
        opens,
        edges,
    )


@pytest.mark.parametrize(
    ("separator", "joins", "ends"),
    [
        ("-", True, False),
        (".", True, False),
        (". ", False, True),
        ("'", False, False),
        ("。", False, True),
        ("", False, False),
    ],
)
def test_parts_of_words_and_ends_of_sentences(separator: str, *, joins: bool, ends: bool) -> None:
    """A full stop ends a sentence for sure only with white space behind it."""
    assert (joins_words(separator), surely_ends_sentence(separator)) == (joins, ends)


def test_shapes_of_separators() -> None:
    """Quotation marks and dashes have one form; commas remain."""
    assert normalized_separator(" “ ") == normalized_separator('"') == normalized_separator("»") == '"'
    assert normalized_separator(" — ") == normalized_separator("-") == "-"
    assert normalized_separator(", ") == ","
