"""Words that are compared, what stands between them, and the index over kept text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.recovery.gap_index import MOST_ALIKE, KeptIndex, Source
from lingua_shared.recovery.separators import hard, is_edge, is_joint, is_open, is_sure_end, on_one_line, shape
from lingua_shared.recovery.words import LONGEST_SEPARATOR, LONGEST_WORD, WordReader, split_words, word_key
from lingua_shared.text.segments import splits_grapheme
from tests.marked import spans_of

TEXTS = st.text(
    st.sampled_from('ab é\u0301\u200d👩🏽🇩ก็าำ한न्東。.,-\n \u00a0\u0600\u00ad_1`{"')
    | st.characters(exclude_categories=["Cs"]),
    max_size=120,
)


def index_of(*marked: str, question: str = "") -> KeptIndex:
    return KeptIndex([Source(n, *spans_of(text), rank=n, result=0) for n, text in enumerate(marked)], [question])


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
        assert len(word.before) <= LONGEST_SEPARATOR
        assert len(word.text) <= LONGEST_WORD
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
    words = split_words("a" * (LONGEST_WORD + 3) + " b")
    assert [(len(word.text), word.key) for word in words] == [(LONGEST_WORD, ""), (3, ""), (1, "b")]


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
    assert (hard(separator), is_open(separator), is_edge(separator)) == (counts, opens, edges)


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
    assert (is_joint(separator), is_sure_end(separator)) == (joins, ends)


def test_shapes_of_separators() -> None:
    """Quotation marks and dashes have one form; commas remain."""
    assert shape(" “ ") == shape('"') == shape("»") == '"'
    assert shape(" — ") == shape("-") == "-"
    assert shape(", ") == ","


def test_line_breaks_become_spaces() -> None:
    """With the white space around them."""
    assert on_one_line("a \r\n b\nc  d") == "a b c  d"


def test_gaps_lie_between_kept_words_of_a_sentence() -> None:
    """Not at its ends, nor where a word was cut."""
    index = index_of("The [[old ]]lamp burns. [[Then the ]]keeper left [[us.]] A [[new o]]ne came.")
    (gap,) = index.gaps_between(["the", "lamp"])
    assert (gap.text, gap.dropped, gap.length) == (" old ", 1, 12)
    assert index.gaps_between(["burns", "keeper"]) == []
    assert index.gaps_between(["left", "a"]) == []
    assert index.gaps_between(["a", "came"])[0].dropped == 2


def test_what_stands_is_known() -> None:
    """Runs of two to four words of all sources and the question, whether kept or dropped."""
    index = index_of("The [[old ]]lamp burns.", "[[Nobody came.]]", question="Which lamp?")
    assert index.stands(["the", "old", "lamp", "burns"])
    assert index.stands(["nobody", "came"])
    assert index.stands(["which", "lamp"])
    assert not index.stands(["the", "lamp"])
    assert index.counts["lamp"] == 2
    assert index.total == 8


def test_crowded_gaps_need_more_words() -> None:
    """More gaps between the same words than can be told apart are found by two words on each side only."""
    few = index_of(" ".join(f"See a{n} x [[o ]]y b{n}." for n in range(MOST_ALIKE)))
    many = index_of(" ".join(f"See a{n} x [[o ]]y b{n}." for n in range(MOST_ALIKE + 1)))
    assert not few.is_crowded("x", "y")
    assert len(few.gaps_between(["x", "y"])) == MOST_ALIKE
    assert many.is_crowded("x", "y")
    assert many.gaps_between(["x", "y"]) == []
    assert len(many.gaps_between(["a3", "x", "y", "b3"])) == 1


@pytest.mark.parametrize(("text", "count"), [("灯台[[は]]高い", 1), ("one [[two three, four ]]five", 3)])
def test_dropped_words_are_counted_in_any_script(text: str, count: int) -> None:
    """As the engine cuts words."""
    source, spans = spans_of(text)
    before, after = source[spans[0][1] - 1], source[spans[1][0]]
    keys = ["one", "five"] if source.isascii() else [before, after]
    (gap,) = index_of(text).gaps_between(keys)
    assert gap.dropped == count
