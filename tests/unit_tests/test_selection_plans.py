"""Plans of what to keep: units first, then words of a unit that does not fit."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection import plans
from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.plans import RankedUnits, best_passage_first, rank_units
from tests.candidates import NOTHING_PROTECTED, candidate_of, flat, texts_of

FIRST = "aa bb. Cc dd ee."
SECOND = "Ff gg hh ii."


def two_candidates(*, headers: tuple[str, str] = ("", "")) -> list[Candidate]:
    return [
        candidate_of(FIRST, [5.0, 5.0, 1.0, 2.0, 3.0], render=headers[0].__add__),
        candidate_of(SECOND, [4.0, 6.0, 1.0, 1.0], index=1, render=headers[1].__add__),
    ]


def ordered(candidates: list[Candidate], strength: float = 1.0) -> list[Unit]:
    """Units of two passages, the first more relevant."""
    return list(rank_units(candidates, [2.0, 1.0], strength).units)


def plan(
    candidates: list[Candidate],
    units: Sequence[Unit],
    budget: int,
    *,
    cuttable: Iterable[Unit] = (),
    forced: Sequence[Unit] = (),
    **options: Any,
) -> list[Unit]:
    """All units that a plan buys, in their order."""
    ranked = RankedUnits(units, frozenset(cuttable))
    first = [(unit,) for unit in forced]
    return flat(plans.plan(candidates, ranked, budget, protection=NOTHING_PROTECTED, forced=first, **options))


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        pytest.param(0.0, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="sentences alone: 5, 3 and 2"),
        pytest.param(0.4, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="-0.267 - 0.4 is above -1.069 + 0.4"),
        pytest.param(0.41, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="-0.267 - 0.41 is below -1.069 + 0.41"),
        pytest.param(100.0, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="passage by passage"),
    ],
)
def test_worth_of_sentences(strength: float, expected: list[str]) -> None:
    """The worth of a sentence is its z-score plus the strength times the z-score of its passage."""
    assert texts_of(ordered(two_candidates(), strength), FIRST, SECOND) == expected


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_worth_where_all_is_equal(strength: float) -> None:
    """Of equals, those of the passage that is ranked first come first, in the order of the text."""
    equals = [candidate_of(SECOND, [1.0] * 4, index=1), candidate_of(FIRST, [1.0] * 5, index=0)]
    assert texts_of(rank_units(equals, [3.0, 3.0], strength).units, FIRST, SECOND) == [
        "Ff gg hh ii.",
        "aa bb. ",
        "Cc dd ee.",
    ]


def test_worth_without_scores() -> None:
    """Where sentences have no scores, the relevance of their passages decides."""
    unscored = [candidate_of(FIRST), candidate_of(SECOND, index=1)]
    assert texts_of(rank_units(unscored, [1.0, 2.0], 1.0).units, FIRST, SECOND) == [
        "Ff gg hh ii.",
        "aa bb. ",
        "Cc dd ee.",
    ]


def test_worth_of_nothing() -> None:
    """Without passages, or with empty ones, the result is empty."""
    assert rank_units([], [], 1.0) == RankedUnits([])
    assert rank_units([candidate_of("")], [1.0], 1.0) == RankedUnits([])


@given(
    st.lists(st.floats(-9, 9), min_size=5, max_size=5),
    st.lists(st.floats(-9, 9), min_size=4, max_size=4),
    st.lists(st.floats(-9, 9), min_size=2, max_size=2),
    st.floats(0, 100),
)
def test_every_sentence_is_ranked(
    first: list[float], second: list[float], relevances: list[float], strength: float
) -> None:
    """Whatever the scores, each sentence is listed once, and in a passage the more important one first."""
    candidates = [candidate_of(FIRST, first), candidate_of(SECOND, second, index=1)]
    units = rank_units(candidates, relevances, strength).units
    assert sorted(texts_of(units, FIRST, SECOND)) == ["Cc dd ee.", "Ff gg hh ii.", "aa bb. "]
    one, other = (candidates[0].importance(p.start, p.end) or 0.0 for p in units if p.passage == 0)
    assert one >= other - 1e-3  # a large strength leaves few digits for the sentence's own score


@pytest.mark.parametrize(
    ("share", "budget", "header", "expected"),
    [
        pytest.param(0.5, 12, "", [FIRST, "Ff gg hh ii."], id="5 words and a separator fit"),
        pytest.param(0.5, 11, "", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="they do not fit"),
        pytest.param(0.5, 12, "Title: ", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="nor with a header"),
        pytest.param(0.5, 14, "Title: ", [FIRST, "Ff gg hh ii."], id="a header fits, too"),
        pytest.param(0.0, 99, "", ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="no share"),
    ],
)
def test_the_best_passage_comes_first_as_a_whole(share: float, budget: int, header: str, expected: list[str]) -> None:
    """It comes as a whole, before all other units, where it and its header fit; the order of the others stays."""
    candidates = two_candidates(headers=(header, ""))
    ranked = rank_units(candidates, [2.0, 1.0], 0.0)
    found = best_passage_first(candidates, ranked, share=share, budget=budget)
    assert texts_of(found.units, FIRST, SECOND) == expected
    assert found.cuttable == ranked.cuttable


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(11, [FIRST, "Ff gg hh ii."], id="6 and 5 fit"),
        pytest.param(10, ["Ff gg hh ii.", "aa bb. ", "Cc dd ee."], id="they do not"),
    ],
)
def test_the_best_sentence_of_all_has_room_beside_the_best_passage(budget: int, expected: list[str]) -> None:
    """A passage does not come first where the best sentence would no longer fit beside it."""
    candidates = two_candidates()
    by_hand = [*candidates[1].units, *candidates[0].units]
    found = best_passage_first(candidates, RankedUnits(by_hand), share=1.0, budget=budget)
    assert texts_of(found.units, FIRST, SECOND) == expected


def test_no_passage_comes_first_where_there_is_none() -> None:
    """Without sentences the result is empty."""
    nothing = RankedUnits([])
    assert best_passage_first([], nothing, share=0.5, budget=9) == nothing
    assert best_passage_first([candidate_of("")], nothing, share=0.5, budget=9) == nothing


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(3, ["aa bb. "], id="2 words and a separator"),
        pytest.param(5, ["aa bb. "], id="neither other sentence fits what is left"),
        pytest.param(6, ["aa bb. ", "Cc dd ee."], id="a passage pays its separator once"),
        pytest.param(11, ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."], id="all"),
        pytest.param(10, ["aa bb. ", "Cc dd ee."], id="one token short of all"),
        pytest.param(2, [], id="less than any sentence"),
        pytest.param(0, [], id="nothing"),
    ],
)
def test_plan_of_sentences(budget: int, expected: list[str]) -> None:
    """Sentences are bought in the order given."""
    candidates = two_candidates()
    assert texts_of(plan(candidates, ordered(candidates), budget), FIRST, SECOND) == expected


def test_a_sentence_that_is_too_long_is_skipped() -> None:
    """The next one that fits is bought instead."""
    candidates = two_candidates()
    by_hand = [candidates[1].units[0], *candidates[0].units]  # 4, 2 and 3 words
    assert texts_of(plan(candidates, by_hand, 4), FIRST, SECOND) == ["aa bb. "]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(4, ["aa bb. ", "ee."], id="the best word of a sentence that does not fit"),
        pytest.param(5, ["aa bb. ", "ee.", "dd "], id="then the next best"),
        pytest.param(9, ["aa bb. ", "Cc dd ee.", "gg ", "Ff "], id="words of the next passage"),
        pytest.param(7, ["aa bb. ", "Cc dd ee."], id="but not for the price of its separator alone"),
        pytest.param(2, ["aa "], id="a word where no sentence fits"),
        pytest.param(1, [], id="less than a word and its separator"),
    ],
)
def test_plan_of_words(budget: int, expected: list[str]) -> None:
    """What sentences leave of the budget buys words, those of the best sentence first."""
    candidates = two_candidates()
    assert texts_of(plan(candidates, ordered(candidates), budget, with_words=True), FIRST, SECOND) == expected


def test_a_part_of_the_best_unit_comes_before_a_worse_unit() -> None:
    """Where the best unit does not fit, a run of its words around the best one is bought, where it may be cut."""
    candidates = two_candidates()
    best = candidates[1].units[0]
    by_hand = [best, *candidates[0].units]
    assert texts_of(plan(candidates, by_hand, 4, cuttable=[best]), FIRST, SECOND) == ["Ff ", "gg ", "hh "]
    assert texts_of(plan(candidates, by_hand, 4), FIRST, SECOND) == ["aa bb. "]


def test_only_one_unit_is_cut() -> None:
    """A second one that does not fit is left out."""
    candidates = [candidate_of("Aa bb cc dd ee ff.", [3.0] * 6), candidate_of("Gg hh ii jj kk ll.", [2.0] * 6, index=1)]
    units = [candidates[0].units[0], candidates[1].units[0]]
    assert {unit.passage for unit in plan(candidates, units, 4, cuttable=units)} == {0}


@pytest.mark.parametrize(("better", "cuttable"), [(0.0, [0, 1]), (15.0, [0])])
def test_units_that_are_almost_as_good_as_the_best_may_be_cut(better: float, cuttable: list[int]) -> None:
    """How far behind the best one they may be is a number of the policy, in z-scores."""
    texts = ["Aa.", "Bb.", "Cc."]
    values = [2.0 + better, 2.0, -9.0]
    passages = [candidate_of(text, [value], index=i) for i, (text, value) in enumerate(zip(texts, values, strict=True))]
    assert {unit.passage for unit in rank_units(passages, [0.0] * 3, 0.0).cuttable} == set(cuttable)


@pytest.mark.parametrize(("budget", "words"), [(34, 0), (35, 2)])
def test_words_are_cut_only_where_enough_is_left(budget: int, words: int) -> None:
    """One token of 34 left is at most the share of the policy (3 %), two of 35 are more."""
    text = f"Aa{' bb' * 31}. Cc dd ee."  # 32 words and 3, and one separator
    long = candidate_of(text, [2.0] * 32 + [1.0] * 3)
    units = plan([long], rank_units([long], [1.0], 1.0).units, budget, with_words=True)
    assert len(units) == 1 + words


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(11, [FIRST, SECOND], id="both"),
        pytest.param(10, [FIRST], id="the second does not fit"),
        pytest.param(5, [SECOND], id="only the second fits"),
        pytest.param(4, [], id="neither"),
    ],
)
def test_plan_of_passages(budget: int, expected: list[str]) -> None:
    """Whole passages are bought, most relevant first."""
    candidates = two_candidates()
    assert texts_of(plan(candidates, [c.whole for c in candidates], budget), FIRST, SECOND) == expected


def test_a_header_has_a_cost() -> None:
    """A header costs its tokens, once per passage."""
    candidates = two_candidates(headers=("A title: ", ""))
    assert texts_of(plan(candidates, candidates[0].units, 4), FIRST, SECOND) == []
    assert texts_of(plan(candidates, candidates[0].units, 5), FIRST, SECOND) == ["aa bb. "]
    assert texts_of(plan(candidates, candidates[0].units, 8), FIRST, SECOND) == ["aa bb. ", "Cc dd ee."]


@pytest.mark.parametrize("unit", ["passage", "sentence", "word"])
def test_forced_units_come_first_and_once(unit: str) -> None:
    """Forced units begin the plan; neither they nor parts of them are bought again."""
    candidates = two_candidates()
    forced = [Unit(0, 0, len(FIRST)), Unit(1, 0, 3)]
    wanted = [c.whole for c in candidates] if unit == "passage" else ordered(candidates)
    units = plan(candidates, wanted, 99, with_words=unit == "word", forced=forced)
    assert units[:2] == forced
    assert len(set(units)) == len(units)
    assert [piece for piece in units if piece.passage == 0] == [forced[0]]


def test_words_of_a_bought_sentence_are_not_bought_again() -> None:
    """Where everything fits, nothing is listed twice."""
    candidates = two_candidates()
    units = plan(candidates, ordered(candidates), 99, with_words=True)
    assert texts_of(units, FIRST, SECOND) == ["aa bb. ", "Cc dd ee.", "Ff gg hh ii."]


def test_a_passage_with_a_forced_word_has_its_overhead_paid() -> None:
    """Further units of a passage that is in the output anyway cost no separator."""
    candidates, forced = two_candidates(), [Unit(0, 7, 10)]  # "Cc "
    assert texts_of(plan(candidates, ordered(candidates), 2, forced=forced), FIRST, SECOND) == ["Cc ", "aa bb. "]


REPORT = "Mill at Dorn\nIt was built in 1862. It burnt down in 1901.\n"
RIVER = "Rivers\nThe Oll is long. It  burnt down in 1901."


def test_a_heading_comes_with_the_first_unit_below_it() -> None:
    """It is bought once, right after a unit, where it fits, and never alone."""
    report = candidate_of(REPORT, [9.0] * 3 + [1.0] * 5 + [4.0] * 5)
    river = candidate_of(RIVER, [0.0] * 1 + [3.0] * 4 + [0.0] * 5, index=1)
    found = texts_of(plan([report, river], [*report.units[::-1], *river.units], 99), REPORT, RIVER)
    assert [text.strip() for text in found] == [
        "It burnt down in 1901.",
        "Mill at Dorn",
        "It was built in 1862.",
        "The Oll is long.",
        "Rivers",
        "It  burnt down in 1901.",
    ]
    assert [text.strip() for text in texts_of(plan([report], report.units, 8), REPORT)] == ["It was built in 1862."]
    assert plan([report], report.units, 4) == []


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(12, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="the repeat is bought with what is left"),
        pytest.param(8, ["aa bb. ", "Ff gg hh ii."], id="not before a sentence that is none"),
        pytest.param(6, ["aa bb. ", "Cc dd ee."], id="even where that sentence does not fit"),
    ],
)
def test_a_repeat_is_bought_last(budget: int, expected: list[str]) -> None:
    """A sentence that a bought sentence says already waits until all others had their turn."""
    candidates = two_candidates()
    twin, repeat = candidates[0].units
    by_hand = [twin, repeat, *candidates[1].units]
    units = plan(candidates, by_hand, budget, repeats={repeat: [twin]})
    assert texts_of(units, FIRST, SECOND) == expected


def test_a_sentence_whose_twin_is_not_bought_is_no_repeat() -> None:
    """It comes in its turn."""
    candidates = two_candidates()
    twin, repeat = candidates[0].units
    units = plan(candidates, [repeat, *candidates[1].units], 99, repeats={repeat: [twin]})
    assert texts_of(units, FIRST, SECOND) == ["Cc dd ee.", "Ff gg hh ii."]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(6, ["aa bb. ", "gg ", "Ff "], id="words of the other sentence come first"),
        pytest.param(11, ["aa bb. ", "Ff gg hh ii.", "Cc dd ee."], id="the repeat is bought as a whole"),
        pytest.param(9, ["aa bb. ", "Ff gg hh ii."], id="no words of the repeat"),
    ],
)
def test_a_repeat_is_not_cut(budget: int, expected: list[str]) -> None:
    """What is left of the budget buys no words of a repeat."""
    candidates = two_candidates()
    twin, repeat = candidates[0].units
    by_hand = [twin, repeat, *candidates[1].units]
    units = plan(candidates, by_hand, budget, with_words=True, repeats={repeat: [twin]})
    assert texts_of(units, FIRST, SECOND) == expected


def test_of_two_that_repeat_each_other_the_better_one_is_bought_first() -> None:
    """Each is a repeat of the other; the one that is bought first is none."""
    candidates = two_candidates()
    one, other = candidates[0].units[0], candidates[1].units[0]
    units = plan(candidates, [other, one], 99, repeats={one: [other], other: [one]})
    assert units == [other, one]
    assert plan(candidates, [other, one], 5, repeats={one: [other], other: [one]}) == [other]


def test_a_repeat_of_a_forced_sentence_is_bought_last() -> None:
    """What is forced is said already; a whole passage that is forced says all of its sentences."""
    candidates = two_candidates()
    twin, repeat, rest = candidates[0].units[1], candidates[1].units[0], candidates[0].units[0]
    for forced in (twin, candidates[0].whole):
        units = plan(candidates, [repeat, rest], 99, forced=[forced], repeats={repeat: [twin]})
        assert units == ([twin, rest, repeat] if forced == twin else [forced, repeat])


def test_all_that_is_forced_stays() -> None:
    """Forced sentences stay where they repeat each other."""
    candidates = two_candidates()
    one, other = candidates[0].units[0], candidates[1].units[0]
    assert plan(candidates, [], 99, forced=[one, other], repeats={one: [other], other: [one]}) == [one, other]
