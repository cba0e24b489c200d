"""A unit that does not fit: which clauses and words are kept of it, and what is never lost or divided."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared.selection.candidates import Candidate
from lingua_shared.selection.cutting import Protection, cut, whole_borders
from lingua_shared.text.protected_words import measured_spans, protected_spans
from tests.candidates import NOTHING_PROTECTED, candidate_of, count_words

PROTECTION = Protection(protected_spans, measured_spans)


def kept_of(text: str, values: list[float], tokens: int, protection: Protection = PROTECTION) -> str:
    """What a cut keeps of a text of one unit, joined as in an output."""
    candidate = candidate_of(text, values)
    return joined(candidate, tokens, protection)


def joined(candidate: Candidate, tokens: int, protection: Protection = PROTECTION) -> str:
    [unit] = candidate.units
    words = cut(candidate, unit, tokens, protection)
    return candidate.joined(candidate.spans(words)) if words else ""


CLAUSES = "The lamp burns oil, the boats wait outside, and gulls cry loudly."


@pytest.mark.parametrize(
    ("best", "tokens", "expected"),
    [
        pytest.param(1, 4, "The lamp burns oil,", id="the first clause"),
        pytest.param(6, 4, "the boats wait outside,", id="the second clause"),
        pytest.param(9, 4, "and gulls cry loudly.", id="the last clause"),
        pytest.param(9, 8, "The lamp burns oil, and gulls cry loudly.", id="the next best that fits, in order"),
        pytest.param(6, 12, CLAUSES, id="all"),
    ],
)
def test_best_clauses_are_kept_whole(best: int, tokens: int, expected: str) -> None:
    """The clause with the best score comes first, then the others, as far as they fit."""
    values = [2.0 if i < 4 else 1.0 for i in range(12)]
    values[best - best % 4 : best - best % 4 + 4] = [5.0] * 4
    assert kept_of(CLAUSES, values, tokens) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(0, ""), (1, "ferry"), (2, "ferry sank"), (3, "old ferry sank"), (5, "old ferry sank here today")],
)
def test_run_of_words_around_the_best(tokens: int, expected: str) -> None:
    """Of a clause that does not fit, the words beside the best one are kept, the better side first."""
    assert kept_of("The old ferry sank here today", [0, 2, 9, 3, 1, 0.5], tokens) in (expected, f"{expected}.")


@pytest.mark.parametrize(
    ("text", "best", "negator"),
    [
        ("You should not use the old ferry in winter", 6, "should not"),
        ("The ferry no longer goes to the small island", 8, "no longer"),
        ("Everyone except the two old keepers left the island", 7, "except"),
        ("The keeper never lit the second lamp at night", 6, "never"),
        ("Passengers may bring only one dog aboard the boat", 8, "only"),
        ("Die Fähre fährt im Winter nicht zu der kleinen Insel", 9, "nicht"),
    ],
)
@pytest.mark.parametrize("tokens", range(10))
def test_negators_stay_in_a_clause(text: str, best: int, negator: str, tokens: int) -> None:
    """Whatever is kept of a clause, its negation, exception or limit is, too, or nothing is."""
    values = [0.0] * len(text.split())
    values[best] = 1.0
    kept = kept_of(text, values, tokens)
    assert kept == "" or negator in kept
    assert count_words(kept) <= tokens


def test_without_protection_the_negator_is_lost() -> None:
    """The test above can fail: the protection is what keeps the negator."""
    text = "The ferry no longer goes to the small island"
    assert kept_of(text, [0, 0, 0, 0, 0, 0, 0, 0, 1], 2, NOTHING_PROTECTED) == "small island"


def test_negation_in_force_comes_with_a_later_clause() -> None:
    """A clause behind a negated one may be negated by it, so it is not kept alone."""
    text = "Guests may not fish here, or swim around, or dive deep."
    values = [0.0] * 5 + [0.0] * 3 + [5.0] * 3
    assert kept_of(text, values, 8) == "Guests may not fish here, or dive deep."
    assert kept_of(text, values, 4) == ""


@pytest.mark.parametrize("tokens", range(12))
@pytest.mark.parametrize("best", range(11))
def test_numbers_stay_with_what_they_count(best: int, tokens: int) -> None:
    """A number is kept or dropped with the word behind it."""
    text = "The old harbour wall is 300 metres long and quite strong"
    values = [0.0] * 11
    values[best] = 1.0
    kept = kept_of(text, values, tokens).split()
    assert ("300" in kept) == ("metres" in kept)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("The old ferry (built in Kelmouth) sank far out at sea one night", "()"),
        ("The keeper said “nobody came here” before the storm of that winter", "“”"),
        ('The keeper said "nobody came here" before the storm of that winter', '""'),
        ("The call `open the gate` lifts the bar of the lock each morning", "``"),
        ("The <b>old iron ferry</b> sank far out at sea on one cold night", "<>"),
        ("The mass $m + n + k$ is what the scales of the harbour show us", "$$"),
    ],
)
@pytest.mark.parametrize("tokens", range(13))
def test_brackets_quotations_and_markup_stay_in_pairs(text: str, pair: str, tokens: int) -> None:
    """Where an opening mark is kept, so is the closing one."""
    for best in range(len(text.split())):
        values = [0.0] * len(text.split())
        values[best] = 1.0
        kept = kept_of(text, values, tokens, NOTHING_PROTECTED)
        expected = text.count(pair[0]) if pair[0] in kept else 0
        assert kept.count(pair[0]) == expected
        assert kept.count(pair[1]) == (text.count(pair[1]) if expected else 0)


def test_borders_for_a_beginning_are_outside_of_pairs() -> None:
    """A unit of which only the beginning is kept is not cut inside of a bracket or of code."""
    text = "It was built (see below) with `make all the boats` in two days of hard work."
    inside = [i for a, b in (("(", ")"), ("`m", "s`")) for i in range(text.index(a) + 1, text.index(b) + 1)]
    assert not set(whole_borders(text)) & set(inside)


WORDS = (
    "lamp", "keeper", "may not", "never", "boats,", "and", "12 kg", "(old", "iron)", "unless", "gulls;", "tide",
    "no longer", "“quiet", "sea”", "only", "burns", "harbour -", "at most 3 men", "`x y`",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14), st.integers(0, 30), st.integers())
def test_a_cut_is_an_ordered_part_within_its_tokens(parts: list[str], tokens: int, seed: int) -> None:
    """The words that are kept are words of the unit, in its order, each once, and cost no more than allowed."""
    text = " ".join(parts)
    random = Random(seed)
    candidate = candidate_of(text, [random.random() for _ in text.split()])
    for unit in candidate.units:
        words = cut(candidate, unit, tokens, PROTECTION)
        assert set(words) <= set(candidate.words_in_order(unit))
        assert all(one.end <= other.start for one, other in pairwise(words))
        assert sum(map(candidate.size, words)) <= tokens


@given(st.lists(st.sampled_from([word for word in WORDS if word[0] not in "(“`"]), min_size=2, max_size=12), st.data())
def test_no_clause_loses_its_negators(parts: list[str], data: st.DataObject) -> None:
    """Of a clause of which a word is kept, all protected words are."""
    text = " ".join(part.strip("”)") for part in parts)
    random = Random(data.draw(st.integers()))
    candidate = candidate_of(text, [random.random() for _ in text.split()])
    [unit] = candidate.units
    kept = cut(candidate, unit, data.draw(st.integers(0, 20)), PROTECTION)
    ends = [w.end for w in candidate.words_in_order(unit) if candidate.text_of(w).rstrip()[-1] in ",;-"]
    for start, end in pairwise(sorted({0, *ends, len(text)})):
        if any(start <= word.start < end for word in kept):
            for a, b in protected_spans(text):
                is_here = start <= a < end
                assert not is_here or all(any(w.start <= i < w.end for w in kept) for i in (a, b - 1))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("A server must not send it, unless the\nrequest was conditional.", "unless the request was conditional."),
        ("Hunde dürfen hier nicht mit, ausgenommen\nBlindenhunde im Dienst.", "ausgenommen Blindenhunde im Dienst."),
        ("Der Turm ist montags zu, es sei denn,\nes ist ein Feiertag.", "es sei denn, es ist ein Feiertag."),
    ],
)
def test_exceptions_are_kept_whole_or_not_at_all(text: str, limit: str) -> None:
    """An exception is never kept without what it excepts, however little fits."""
    words = len(text.split())
    for tokens in range(1, words + 1):
        kept = kept_of(text, [float(words - i) for i in range(words)], tokens)
        assert not kept or limit in " ".join(kept.split())


@pytest.mark.parametrize(("tokens", "expected"), [(4, "The keeper lit"), (6, "The keeper lit the lamp")])
def test_a_run_does_not_end_with_words_that_need_the_next_ones(tokens: int, expected: str) -> None:
    """Articles and prepositions before the gap are dropped."""
    text = "The keeper lit the lamp of the harbour every night."
    assert kept_of(text, [9.0, 9.0, 9.0, 5.0, 4.0, 3.0, 2.0, 1.0, 1.0, 1.0], tokens) == expected


@pytest.mark.parametrize("tokens", range(1, 12))
def test_a_clause_with_a_limit_is_not_cut(tokens: int) -> None:
    """The words around the best one would say that all visitors may enter, or say nothing."""
    text = "Visitors may enter the tower only with a guide of the museum."
    kept = kept_of(text, [9.0, 8.0, 8.0, 7.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], tokens)
    assert kept in ("", text)


@pytest.mark.parametrize("limit", ["but only with a pass", "but not after ten", "except on Mondays", "never alone"])
@pytest.mark.parametrize("tokens", range(1, 20))
def test_a_permission_does_not_stay_without_its_limit(limit: str, tokens: int) -> None:
    """Another clause may be dropped, the one with the limit not."""
    text = f"Guests may use the pool, {limit}, and towels are free for all of them."
    words = len(text.split())
    kept = kept_of(text, [9.0] * 5 + [1.0] * (words - 5), tokens)
    assert not kept or limit in kept
