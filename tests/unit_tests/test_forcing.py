"""What the caller forces into the text: passages, words, digits, first sentences."""

import pytest

from lingua_shared.options import CompressionOptions
from lingua_shared.selection.candidates import Candidate, Piece
from lingua_shared.selection.forced import forced_pieces
from lingua_shared.text.segments import segment

TEXT = "The cat sat on mat 4. No, Cat's bed, the cats, cat. Category."


def forced(text: str, *, index: int = 0, **options: object) -> list[str]:
    candidate = Candidate(index, text, segment(text), count=len)
    pieces = forced_pieces(candidate, CompressionOptions(**options))
    assert all(piece.passage == index for piece in pieces)
    return [text[piece.start : piece.end] for piece in pieces]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("cat",), ["cat ", "Cat's ", "cat. "], id="whole words, whatever their case"),
        pytest.param(("CAT",), ["cat ", "Cat's ", "cat. "], id="asked for in capitals"),
        pytest.param(("sat", "mat"), ["sat ", "mat "], id="several"),
        pytest.param((" bed, ",), ["bed, "], id="with punctuation and white space around"),
        pytest.param(("sat on",), ["sat ", "on "], id="a phrase takes all its words"),
        pytest.param(("4",), ["4. "], id="a number"),
        pytest.param(("c.t",), [], id="no pattern"),
        pytest.param(("dog",), [], id="a word that is not there"),
        pytest.param(("", " "), [], id="blank"),
        pytest.param((), [], id="none"),
    ],
)
def test_forced_words(words: tuple[str, ...], expected: list[str]) -> None:
    """Each whole occurrence of a word is forced."""
    assert forced(TEXT, force_words=words) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("我喜欢东京。", ("东京",), ["东京。"], id="Chinese"),
        pytest.param("на берегу Невы", ("невы",), ["Невы"], id="Cyrillic case"),
        pytest.param("met Ann Lee there", ("lee",), ["Ann Lee "], id="a name is kept whole"),
        pytest.param("a C++ book", ("c++",), ["C++ "], id="a word that ends in a sign"),
        pytest.param("e\u0301te\u0301 ete", ("ete",), ["ete"], id="letters with marks are others"),
    ],
)
def test_forced_words_in_other_scripts(text: str, words: tuple[str, ...], expected: list[str]) -> None:
    """A forced word is found in scripts with and without spaces, and its entity is kept whole."""
    assert forced(text, force_words=words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("In 1871 it had B2 and x.", ["1871 ", "B2 "], id="digits in a word"),
        pytest.param("cost $3.5 million now", ["$3.5 million "], id="the number with its unit"),
        pytest.param("٣٤ كتاب", ["٣٤ "], id="digits of another script"),
        pytest.param("one two", [], id="none"),
        pytest.param("x² is no digit", [], id="a power is none"),
    ],
)
def test_kept_digits(text: str, expected: list[str]) -> None:
    """Each word with a digit in it is forced."""
    assert forced(text, keep_digits=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEXT, ["The cat sat on mat 4. "], id="first of several"),
        pytest.param("only one", ["only one"], id="the only one"),
        pytest.param("\n\n  First. Second.", ["\n\n  First. "], id="behind white space"),
        pytest.param("\n\nFirst. Second.", ["\n\nFirst. "], id="behind empty lines"),
        pytest.param("", [], id="empty passage"),
    ],
)
def test_kept_first_sentence(text: str, expected: list[str]) -> None:
    """The first sentence is forced."""
    assert forced(text, keep_first_sentence=True) == expected


def test_a_kept_passage_is_forced_whole() -> None:
    """A passage named in keep_passages is one piece, whatever else is forced."""
    options = {"keep_passages": (7,), "force_words": ("cat",), "keep_first_sentence": True, "keep_digits": True}
    assert forced(TEXT, index=7, **options) == [TEXT]


def test_keeping_another_passage_changes_nothing() -> None:
    """keep_passages goes by index."""
    assert forced(TEXT, index=6, keep_passages=(7,)) == []


def test_an_empty_passage_can_be_kept() -> None:
    """An empty passage named in keep_passages is a piece without characters."""
    candidate = Candidate(0, "", segment(""), count=len)
    assert forced_pieces(candidate, CompressionOptions(keep_passages=(0,))) == [Piece(0, 0, 0)]


def test_a_word_forced_for_two_reasons_comes_once() -> None:
    """A word that is forced by name and by its digit is one piece."""
    assert forced("see B2 now", force_words=("b2",), keep_digits=True) == ["B2 "]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("word", ["First. ", "B2 ", "here. ", "here"], id="words"),
        pytest.param("sentence", ["First. ", "Then see B2 here. ", "And here"], id="sentences that hold such a word"),
        pytest.param("passage", [], id="nothing, for a kept passage is whole anyway"),
    ],
)
def test_what_is_forced_is_no_smaller_than_the_unit(unit: str, expected: list[str]) -> None:
    """A forced word takes along what may not be dropped without it."""
    text = "First. Then see B2 here. None. And here"
    assert forced(text, unit=unit, force_words=("here",), keep_digits=True, keep_first_sentence=True) == expected


def test_nothing_is_forced_by_default() -> None:
    """Without options nothing is forced."""
    assert forced(TEXT) == []
