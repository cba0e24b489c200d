"""What the caller forces into the output: passages, words, digits, first sentences."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.errors import BudgetError
from lingua_shared.options import CompressionOptions, ModelOptions
from lingua_shared.recipe import resolve
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.forced import affordable, forced_purchases
from lingua_shared.text.segments import segment
from tests.candidates import flat

TEXT = "The cat sat on mat 4. No, Cat's bed, the cats, cat. Category."


def forced(text: str, *, index: int = 0, **options: Any) -> list[str]:
    candidate = Candidate(index, text, segment(text), count=len)
    chosen = CompressionOptions(**{"unit": "word", **options})
    units = flat(forced_purchases(candidate, resolve(chosen, ModelOptions())))
    assert all(unit.passage == index for unit in units)
    return [text[unit.start : unit.end] for unit in units]


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
        pytest.param("\n\n  First. Second.", ["\n\n  First. "], id="after white space"),
        pytest.param("\n\nFirst. Second.", ["\n\nFirst. "], id="after empty lines"),
        pytest.param("", [], id="empty passage"),
    ],
)
def test_kept_first_sentence(text: str, expected: list[str]) -> None:
    """The first sentence is forced."""
    assert forced(text, keep_first_sentence=True) == expected


def test_a_kept_passage_is_forced_whole() -> None:
    """A passage named in keep_passages is one unit, whatever else is forced."""
    options = {"keep_passages": (7,), "force_words": ("cat",), "keep_first_sentence": True, "keep_digits": True}
    assert forced(TEXT, index=7, **options) == [TEXT]


def test_keeping_another_passage_changes_nothing() -> None:
    """keep_passages names indices."""
    assert forced(TEXT, index=6, keep_passages=(7,)) == []


def test_an_empty_passage_can_be_kept() -> None:
    """An empty passage named in keep_passages is a unit without characters."""
    candidate = Candidate(0, "", segment(""), count=len)
    assert forced_purchases(candidate, resolve(CompressionOptions(keep_passages=(0,)), ModelOptions())) == [
        (Unit(0, 0, 0),)
    ]


def test_a_word_forced_for_two_reasons_comes_once() -> None:
    """A word that is forced by name and by its digit is one unit."""
    assert forced("see B2 now", force_words=("b2",), keep_digits=True) == ["B2 "]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("word", ["First. ", "B2 ", "here. ", "here"], id="words"),
        pytest.param("sentence", ["First. "], id="no words, which stay only where a unit is cut"),
        pytest.param("passage", [], id="nothing, since a kept passage is whole anyway"),
    ],
)
def test_words_are_forced_only_where_words_are_the_unit(unit: str, expected: list[str]) -> None:
    """With larger units, a forced word stays wherever its unit does."""
    text = "First. Then see B2 here. None. And here"
    assert forced(text, unit=unit, force_words=("here",), keep_digits=True, keep_first_sentence=True) == expected


@pytest.mark.parametrize("unit", ["sentence", "word"])
def test_units_that_are_protected(unit: str) -> None:
    """With protect_units, each unit in which a pattern matches is forced."""
    text = "First. Then see B2 here. None. And here"
    assert forced(text, unit=unit, protect=("B[0-9]", "And"), protect_units=True) == ["Then see B2 here. ", "And here"]
    assert forced(text, unit=unit, protect=("B[0-9]",)) == []


def test_nothing_is_forced_by_default() -> None:
    """Without options nothing is forced."""
    assert forced(TEXT) == []


def left(forced_tokens: Sequence[int], budget: int, keep: Sequence[int] = ()) -> list[int]:
    """Return which of passages, most relevant first, stay; each has one forced unit of so many tokens."""
    passages = [Candidate(i, "x" * size, segment("x" * size), count=len) for i, size in enumerate(forced_tokens)]

    def cost(purchases: Sequence[Purchase]) -> int:
        return sum(unit.end - unit.start for unit in flat(purchases))

    purchases = {passage.index: [(passage.whole,)] for passage in passages}
    return [passage.index for passage in affordable(passages, purchases, cost, budget=budget, keep=keep)]


@pytest.mark.parametrize(
    ("sizes", "budget", "keep", "expected"),
    [
        pytest.param([3, 3, 3], 9, (), [0, 1, 2], id="all fit"),
        pytest.param([3, 3, 3], 8, (), [0, 1], id="the last one is left out"),
        pytest.param([3, 3, 3], 3, (), [0], id="only the first"),
        pytest.param([3, 3, 3], 6, (2,), [0, 2], id="one to keep stays"),
        pytest.param([3, 3, 3], 3, (2,), [2], id="only the one to keep"),
        pytest.param([0, 0, 0], 0, (), [0, 1, 2], id="nothing is forced"),
        pytest.param([], 0, (), [], id="no passages"),
    ],
)
def test_passages_whose_forced_purchases_fit(
    sizes: list[int], budget: int, keep: tuple[int, ...], expected: list[int]
) -> None:
    """The last passages are left out until what is forced in the others fits the budget."""
    assert left(sizes, budget, keep) == expected


@pytest.mark.parametrize(
    ("sizes", "budget", "keep", "needed"),
    [
        pytest.param([5, 1], 4, (), 5, id="the best passage"),
        pytest.param([1, 5], 4, (1,), 5, id="a passage to keep"),
        pytest.param([3, 1, 3], 5, (0, 2), 6, id="all passages to keep"),
    ],
)
def test_what_must_be_kept_exceeds_the_budget(
    sizes: list[int], budget: int, keep: tuple[int, ...], needed: int
) -> None:
    """The error says how many tokens are needed, and what the budget is."""
    with pytest.raises(BudgetError, match=f"needs {needed} tokens, but the budget is {budget}"):
        left(sizes, budget, keep)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(9, 60))
def test_as_many_passages_as_fit_stay(sizes: list[int], budget: int) -> None:
    """A head of the ranking stays; with one more passage it would exceed the budget."""
    stay = left(sizes, budget)
    assert stay == list(range(len(stay)))
    assert sum(sizes[: len(stay)]) <= budget
    assert len(stay) == len(sizes) or sum(sizes[: len(stay) + 1]) > budget
