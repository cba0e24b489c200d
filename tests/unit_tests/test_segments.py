"""Sentences and words in any script; entities are one word."""

from itertools import pairwise

import pytest
import regex as re
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.text.entities import find_entities
from lingua_shared.text.segments import segment
from lingua_shared.text.words import is_spaceless, normalized_text, splits_grapheme, whole_word

SNIPPETS = [
    *" \n\t.!?,a\x00\x1c\x85\u00a0\u3000\u2028\u200d\ufe0f\u0301\u0600\u20d0",
    "B.",
    "12 kg",
    "\r\n",
    "👩🏽‍🚀",
    "🇩🇪",
    "e\u0301",
    "กำลัง",
    "东京",
    "です。",
    "한국",
    "שלום",
    "مرحبا",
    "नमस्ते",
    "မြန်မာ",
    "ខ្មែរ",
    "\U00020000",
]
wild_text = st.lists(st.sampled_from(SNIPPETS) | st.characters(exclude_categories=["Cs"]), max_size=25).map("".join)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise(segment(text).sentences)]


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise(segment(text).words)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One here. Two there!  Three?", ["One here. ", "Two there!  ", "Three?"], id="English"),
        pytest.param("He met Dr. Watson. They left.", ["He met Dr. Watson. ", "They left."], id="title"),
        pytest.param("It was J. Smith. He left.", ["It was J. Smith. ", "He left."], id="initial"),
        pytest.param("See fig. 3 of it. Then go.", ["See fig. 3 of it. ", "Then go."], id="abbreviation"),
        pytest.param("It cost 3.5 dollars. Cheap.", ["It cost 3.5 dollars. ", "Cheap."], id="decimal point"),
        pytest.param("a line that\nwraps on. Next.", ["a line that\nwraps on. ", "Next."], id="wrapped line"),
        pytest.param("A heading\n\nthen text.", ["A heading\n\n", "then text."], id="paragraphs"),
        pytest.param("- one\n- two", ["- one\n", "- two"], id="list items"),
        pytest.param("今日は雨。明日は晴れ！", ["今日は雨。", "明日は晴れ！"], id="Japanese"),
        pytest.param("今天下雨。明天晴。", ["今天下雨。", "明天晴。"], id="Chinese"),
        pytest.param("हाँ। नहीं।", ["हाँ। ", "नहीं।"], id="Hindi"),
        pytest.param("ما اسمك؟ اسمي علي.", ["ما اسمك؟ ", "اسمي علي."], id="Arabic"),
        pytest.param("ฉันไป ตลาดวันนี้", ["ฉันไป ", "ตลาดวันนี้"], id="Thai parts phrases by spaces"),
        pytest.param("  ไป ตลาด", ["  ไป ", "ตลาด"], id="white space before Thai"),
        pytest.param("no end", ["no end"], id="no full stop"),
        pytest.param("  \n One. Two.", ["  \n One. ", "Two."], id="white space at the start"),
        pytest.param("\n\nOne. Two.", ["\n\nOne. ", "Two."], id="empty lines at the start"),
        pytest.param(" \n ", [" \n "], id="only white space"),
        pytest.param("if a!=b then x?.y", ["if a!=b then x?.y"], id="code is no end of a sentence"),
        pytest.param("OK!东京。", ["OK!", "东京。"], id="no space before a script without spaces"),
        pytest.param("😀😀 yes. 😀 No.", ["😀😀 yes. ", "😀 No."], id="characters of two UTF-16 units"),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """A sentence includes the white space after it."""
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one, two  three\n", ["one, ", "two  ", "three\n"], id="spaces and punctuation"),
        pytest.param("state-of-the-art it's", ["state-of-the-art ", "it's"], id="hyphens and apostrophes"),
        pytest.param("  lead in", ["  ", "lead ", "in"], id="white space at the start"),
        pytest.param("at Gull Point now", ["at ", "Gull Point ", "now"], id="a name is one word"),
        pytest.param("on 4 July 1871, he", ["on ", "4 July 1871, ", "he"], id="a date is one word"),
        pytest.param("runs 12 kg here", ["runs ", "12 kg ", "here"], id="a number with its unit"),
        pytest.param("我喜欢东京。", ["我", "喜欢", "东京。"], id="Chinese"),
        pytest.param("「東京」は", ["「東京」", "は"], id="brackets stay with their word"),
        pytest.param("ไปตลาด", ["ไป", "ตลาด"], id="Thai"),
        pytest.param("서울은 수도다", ["서울은 ", "수도다"], id="Korean is spaced"),
        pytest.param("GPT4中文", ["GPT4", "中文"], id="Latin beside Chinese"),
        pytest.param("a 👩🏽‍🚀 b", ["a ", "👩🏽‍🚀 ", "b"], id="an emoji of several code points"),
        pytest.param("שלום עולם", ["שלום ", "עולם"], id="Hebrew"),
        pytest.param("a\u00a0b\u3000c", ["a\u00a0", "b\u3000", "c"], id="other spaces"),
        pytest.param("a \u0301b", ["a \u0301b"], id="a space that carries a mark parts no words"),
        pytest.param("a\x00b c", ["a\x00b ", "c"], id="NUL is no border"),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """White space separates words, or a dictionary in scripts without spaces; an entity is one word."""
    assert words(text) == expected


def test_the_empty_text_has_no_pieces() -> None:
    """The empty text has no sentence and no word."""
    assert (sentences(""), words("")) == ([], [])


def test_words_of_a_sentence() -> None:
    """The words of a sentence are those between its borders."""
    borders = segment("Up here. Down there.")
    assert [borders.words_of(0), borders.words_of(1)] == [[(0, 3), (3, 9)], [(9, 14), (14, 20)]]


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        *[("中", True), ("あ", True), ("カ", True), ("ー", True), ("ก", True), ("ខ", True)],
        *[("a", False), ("한", False), ("ع", False), ("1", False), (" ", False), ("。", False), ("", False)],
    ],
)
def test_scripts_without_spaces(character: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only characters of scripts without spaces between words are spaceless."""
    assert is_spaceless(character) is expected


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        pytest.param("mill", "the mill burnt", True, id="a word"),
        pytest.param("mill", "a windmill", False, id="a part of a word"),
        pytest.param("C++", "in C++ only", True, id="signs at the end"),
        pytest.param("a.c", "abc", False, id="a full stop is no pattern"),
        pytest.param("东京", "我喜欢东京。", True, id="a script without spaces"),
        pytest.param("", "anything", False, id="the empty string"),
    ],
)
def test_whole_words(words: str, text: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A word is found if it stands in the text as a word of its own; nothing is found for the empty string."""
    assert bool(re.search(whole_word(words), text)) is expected


def test_normalized_text() -> None:
    """Case and white space make no difference."""
    assert normalized_text("  The\n MILL ") == normalized_text("the mill") == "the mill"
    assert normalized_text("") == ""


@pytest.mark.parametrize(
    ("text", "border", "expected"),
    [
        pytest.param("e\u0301", 1, True, id="combining mark"),
        pytest.param(" \u0301", 1, True, id="mark on a space"),
        pytest.param("👩\u200d🚀", 1, True, id="joiner"),
        pytest.param("\u06001", 1, True, id="number sign in front"),
        pytest.param("ab", 1, False, id="letters"),
        pytest.param("e\u0301", 0, False, id="start"),
        pytest.param("e\u0301", 2, False, id="end"),
        pytest.param("\u0600\n", 1, False, id="a line break never joins"),
    ],
)
def test_borders_inside_a_grapheme(text: str, border: int, expected: bool) -> None:  # noqa: FBT001
    """A border inside a grapheme is recognised."""
    assert splits_grapheme(text, border) is expected


@given(wild_text)
def test_pieces_tile_the_text(text: str) -> None:
    """Sentences, and words, joined together are the text again."""
    assert "".join(sentences(text)) == text
    assert "".join(words(text)) == text


@given(wild_text)
def test_no_piece_is_empty(text: str) -> None:
    """No sentence and no word is empty."""
    assert "" not in sentences(text)
    assert "" not in words(text)


@given(wild_text)
def test_a_sentence_is_made_of_whole_words(text: str) -> None:
    """Each sentence border is a word border."""
    borders = segment(text)
    assert set(borders.sentences) <= set(borders.words)


@given(wild_text)
def test_graphemes_are_never_cut(text: str) -> None:
    """No border falls inside a grapheme, which a reader sees as one character."""
    between_graphemes = {0} | {match.end() for match in re.finditer(r"\X", text)}
    assert set(segment(text).words) <= between_graphemes


@given(wild_text)
def test_entities_are_never_cut(text: str) -> None:
    """No border falls inside an entity."""
    borders = segment(text).words
    assert [(s, e, i) for s, e in find_entities(text) for i in borders if s < i < e] == []


@given(wild_text)
def test_spaced_words_are_never_cut(text: str) -> None:
    """A border has white space before it, touches a script without spaces, or follows a mark like "。"."""
    for border in segment(text).words[1:-1]:
        before, after = text[border - 1], text[border]
        assert before.isspace() or is_spaceless(before) or is_spaceless(after) or not before.isalnum()
        assert before.isspace() or not (before.isascii() and after.isascii())


@given(wild_text)
def test_only_indentation_and_the_first_word_may_start_with_white_space(text: str) -> None:
    """White space belongs to the word and the sentence before it, the indentation of a line to the line."""
    for borders in (segment(text).words, segment(text).sentences):
        assert not any(text[border].isspace() and text[border - 1] != "\n" for border in borders[1:-1])
