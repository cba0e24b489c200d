"""Sentences that overlapping chunks have in common, and sentences that only look alike."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.plans import RankedUnits, plan
from lingua_shared.selection.policy import POLICY
from lingua_shared.selection.repeats import find_repeats
from lingua_shared.text.words import normalized_text
from tests.candidates import NOTHING_PROTECTED, candidate_of, flat

BUILT, BURNT, GONE = "The mill was built in 1862. ", "It burnt down in May 1901. ", "Nothing of it is left today. "
OWNER = "Ada Marsh was its last owner. "


def passages_of(*texts: str, titles: Sequence[str] = ()) -> list[Candidate]:
    return [candidate_of(text, index=i, title=titles[i] if titles else "") for i, text in enumerate(texts)]


def repeated(candidates: Sequence[Candidate]) -> set[tuple[int, str, int, str]]:
    """Return each repeat as its passage and text, with the passage and text of its twin."""

    def shown(unit: Unit) -> tuple[int, str]:
        return unit.passage, candidates[unit.passage].text_of(unit).strip()

    return {(*shown(unit), *shown(twin)) for unit, twins in find_repeats(candidates).items() for twin in twins}


def both_ways(one: int, other: int, *texts: str) -> set[tuple[int, str, int, str]]:
    """Return repeats of sentences that two passages have in common."""
    pairs = [(one, text.strip(), other) for text in texts] + [(other, text.strip(), one) for text in texts]
    return {(passage, text, twin, text) for passage, text, twin in pairs}


@pytest.mark.parametrize(
    ("texts", "common"),
    [
        pytest.param((BUILT + BURNT, BURNT + GONE), (BURNT,), id="one sentence"),
        pytest.param((OWNER + BUILT + BURNT, BUILT + BURNT + GONE), (BUILT, BURNT), id="two sentences"),
        pytest.param((BURNT + GONE, BUILT + BURNT), (BURNT,), id="the later chunk comes first"),
        pytest.param((OWNER + BUILT + BURNT + GONE, BUILT + BURNT), (BUILT, BURNT), id="one contains the other"),
        pytest.param((BUILT + BURNT, BUILT + BURNT + GONE), (BUILT, BURNT), id="one begins like the other"),
        pytest.param((BUILT + BURNT, BUILT + BURNT), (BUILT, BURNT), id="the same text"),
        pytest.param((BUILT + "Oh no. " + BURNT, "Oh no. " + BURNT + GONE), (BURNT,), id="a short one is no repeat"),
    ],
)
def test_chunks_that_overlap_in_whole_sentences(texts: tuple[str, str], common: tuple[str, ...]) -> None:
    """Each sentence of the overlap repeats the same sentence of the other chunk."""
    assert repeated(passages_of(*texts)) == both_ways(0, 1, *common)


def test_case_and_white_space_do_not_count() -> None:
    """Chunks may differ in the white space and the case of what they have in common."""
    found = repeated(passages_of(BUILT + "IT burnt  down in May 1901.", BURNT + GONE))
    assert found == {
        (0, "IT burnt  down in May 1901.", 1, BURNT.strip()),
        (1, BURNT.strip(), 0, "IT burnt  down in May 1901."),
    }


def test_a_chunk_that_begins_within_a_sentence() -> None:
    """The fragment repeats the whole sentence, not the reverse; the sentences after it repeat each other."""
    found = repeated(passages_of(OWNER + BUILT + BURNT, "mill was built in 1862. " + BURNT + GONE))
    assert found == {
        *both_ways(0, 1, BURNT),
        (1, "mill was built in 1862.", 0, BUILT.strip()),
    }


def test_a_chunk_that_ends_within_a_sentence() -> None:
    """The fragment repeats the whole sentence, not the reverse."""
    found = repeated(passages_of(OWNER + BUILT + "It burnt down in May", BUILT + BURNT + GONE))
    assert found == {
        *both_ways(0, 1, BUILT),
        (0, "It burnt down in May", 1, BURNT.strip()),
    }


def test_a_chunk_within_another_that_is_cut_at_both_ends() -> None:
    """Both fragments repeat whole sentences of the chunk that contains them."""
    found = repeated(passages_of(OWNER + BUILT + BURNT + GONE, "was its last owner. " + BUILT + "It burnt down in"))
    assert found == both_ways(0, 1, BUILT)  # both fragments are shorter than a repeat
    found = repeated(
        passages_of(OWNER + BUILT + BURNT + GONE, "Marsh was its last owner. " + BUILT + "It burnt down in")
    )
    assert found == {*both_ways(0, 1, BUILT), (1, "Marsh was its last owner.", 0, OWNER.strip())}


def test_three_chunks() -> None:
    """Neighbours share a sentence, and the first and the last share none."""
    found = repeated(passages_of(OWNER + BUILT, BUILT + BURNT, BURNT + GONE))
    assert found == both_ways(0, 1, BUILT) | both_ways(1, 2, BURNT)


STATUS = "The status is broken down. "


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("Pump B is by the gate. " + STATUS, "Pump D is by the pier. " + STATUS), id="records"),
        pytest.param(
            ("Pump B is by the gate. " + STATUS + GONE, "Pump D is by the pier. " + STATUS + GONE),
            id="records with two sentences in common",
        ),
        pytest.param((STATUS + "That is pump B.", STATUS + "That is pump D."), id="the difference comes last"),
        pytest.param((BUILT + BURNT + GONE, BUILT + OWNER + GONE), id="a difference in the middle"),
        pytest.param((BUILT + BURNT, OWNER + GONE), id="nothing in common"),
        pytest.param((OWNER + BUILT + BURNT, BUILT + GONE), id="the overlap does not reach the end"),
        pytest.param(("Is it open? Yes.", "Yes. Is it far?"), id="only a short sentence"),
        pytest.param(("", ""), id="empty passages"),
        pytest.param((" \n ", " \n "), id="blank passages"),
        pytest.param((BUILT, ""), id="one empty passage"),
        pytest.param((), id="no passages"),
    ],
)
def test_sentences_that_look_alike_are_no_repeats(texts: tuple[str, ...]) -> None:
    """Passages that differ where they would overlap are no chunks of the same text."""
    assert repeated(passages_of(*texts)) == set()


def test_a_sentence_is_no_repeat_within_its_passage() -> None:
    """A passage that says something twice means it."""
    assert repeated(passages_of(BUILT + BURNT + BUILT)) == set()
    assert repeated(passages_of(BUILT * 3, GONE)) == set()


@pytest.mark.parametrize(
    ("titles", "common"), [(("Pump B", "Pump D"), ()), (("Pump B", ""), ()), (("Pump B", "Pump B"), (BURNT,))]
)
def test_repeats_need_the_same_title(titles: tuple[str, str], common: tuple[str, ...]) -> None:
    """Passages about different things say different things with the same words."""
    assert repeated(passages_of(BUILT + BURNT, BURNT + GONE, titles=titles)) == both_ways(0, 1, *common)


@pytest.mark.parametrize(
    ("headings", "common"),
    [
        pytest.param(("Pump B\n", "Pump D\n"), (), id="different"),
        pytest.param(("Mill at Dorn\n", "Mill at Dorn\n"), (BUILT, BURNT), id="the same"),
        pytest.param(("Mill at Dorn\n", "MILL  at Dorn\n"), (BUILT, BURNT), id="apart from case and white space"),
        pytest.param(("Mill at Dorn\n", ""), (BUILT, BURNT), id="only the earlier chunk has one"),
    ],
)
def test_repeats_need_the_same_heading(headings: tuple[str, str], common: tuple[str, ...]) -> None:
    """A heading says what the sentences below it are about; it is no repeat itself."""
    texts = [heading + BUILT + BURNT + end for heading, end in zip(headings, ("", GONE), strict=True)]
    assert repeated(passages_of(*texts)) == both_ways(0, 1, *common)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        pytest.param(20, [(0, BUILT), (0, BURNT), (1, GONE)], id="the repeat does not fit"),
        pytest.param(100, [(0, BUILT), (0, BURNT), (1, GONE), (1, BURNT)], id="it is bought with what is left"),
    ],
)
def test_only_leftover_budget_buys_repeats(budget: int, expected: list[tuple[int, str]]) -> None:
    """A repeat waits until all other sentences had their turn."""
    candidates = passages_of(BUILT + BURNT, BURNT + GONE)
    ordered = [*candidates[0].units, *candidates[1].units]
    units = bought(candidates, ordered, budget)
    assert [(unit.passage, candidates[unit.passage].text_of(unit)) for unit in units] == expected


def test_records_are_all_kept() -> None:
    """What is said of two things is bought for both, in its turn."""
    candidates = passages_of("Pump B is by the gate. " + STATUS, "Pump D is by the pier. " + STATUS)
    ordered = [*candidates[0].units[::-1], *candidates[1].units[::-1]]
    assert bought(candidates, ordered, 100) == ordered


def bought(candidates: list[Candidate], ordered: list[Unit], budget: int) -> list[Unit]:
    """All units that a plan buys, in their order."""
    ranked, repeats = RankedUnits(ordered), find_repeats(candidates)
    return flat(plan(candidates, ranked, budget, protection=NOTHING_PROTECTED, repeats=repeats))


TEMPLATES = [BUILT, BURNT, GONE, OWNER, STATUS, "Oh no. ", "mill was built in 1862. ", "It burnt down in May"]


@given(
    st.lists(st.lists(st.sampled_from(TEMPLATES), max_size=5).map("".join), max_size=5),
    st.lists(st.sampled_from(["", "Mill at Dorn", "Pump B"]), min_size=5, max_size=5),
    st.lists(st.sampled_from(["", "", "Mill at Dorn\n", "Pump B\n"]), min_size=5, max_size=5),
)
def test_a_repeat_has_a_twin_that_says_at_least_as_much(
    texts: list[str], titles: list[str], headings: list[str]
) -> None:
    """The twin is in another passage with the same title and no other heading, and contains the repeat's words."""
    headed = [heading + text for heading, text in zip(headings, texts, strict=False)]
    candidates = passages_of(*headed, titles=titles)
    for unit, twins in find_repeats(candidates).items():
        mine = candidates[unit.passage]
        assert twins
        assert unit in mine.units
        assert len(normalized_text(mine.text_of(unit))) >= POLICY.shortest_repeat
        for twin in twins:
            other = candidates[twin.passage]
            assert twin in other.units
            assert other is not mine
            assert other.title == mine.title
            assert normalized_text(mine.text_of(unit)) in normalized_text(other.text_of(twin))
            above = {c.text_of(c.heading).strip() for c in (mine, other) if c.heading}
            assert len(above) <= 1
            assert unit != mine.heading
            assert twin != other.heading


@given(st.lists(st.integers(1, 5), min_size=2, max_size=6), st.integers(1, 4))
def test_every_sentence_of_an_overlap_is_found(steps: list[int], size: int) -> None:
    """Of chunks of one document, each sentence that a chunk shares with another one is a repeat of it."""
    document = [f"Sentence number {number} of the document is this one. " for number in range(40)]
    starts = [sum(steps[:i]) for i in range(len(steps))]
    candidates = passages_of(*("".join(document[start : start + size]) for start in starts))
    expected: set[tuple[int, str, int, str]] = set()
    for one, first in enumerate(starts):
        for other, second in list(enumerate(starts))[one + 1 :]:
            common = sorted({*range(first, first + size)} & {*range(second, second + size)})
            expected |= both_ways(one, other, *(document[number] for number in common))
    assert repeated(candidates) == expected
