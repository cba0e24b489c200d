"""The count of clauses that a cut robbed of a negation."""

import pytest

from benchmarks.truth import CutClause, cut_clauses, summary

SOURCE = "Guests may not fish from the mole, and swim 60 metres from it. Nobody came."


def spans_of(*kept: str) -> list[tuple[int, int]]:
    return [(SOURCE.index(text), SOURCE.index(text) + len(text)) for text in kept]


@pytest.mark.parametrize(
    ("kept", "lost", "divided"),
    [
        pytest.param(("Guests", "fish from the mole,"), [("may not",)], [()], id="a negation is lost"),
        pytest.param(("may not fish",), [()], [()], id="it is kept"),
        pytest.param(("swim 60",), [()], [("60 metres",)], id="a number without what it counts"),
        pytest.param(("Guests may not fish from the mole,", "Nobody came."), [], [], id="whole clauses"),
        pytest.param((), [], [], id="nothing is kept"),
    ],
)
def test_clauses_that_are_kept_in_part(
    kept: tuple[str, ...], lost: list[tuple[str, ...]], divided: list[tuple[str, ...]]
) -> None:
    """Only clauses of which some words are kept and some dropped are looked at."""
    found = list(cut_clauses(SOURCE, spans_of(*kept)))
    assert [clause.lost for clause in found] == lost
    assert [clause.divided for clause in found] == divided


def test_what_is_printed() -> None:
    """The counts, and each clause that lost something."""
    cut = [CutClause("may not fish", "may fish", ("not",), ()), CutClause("a b", "a", (), ())]
    assert summary(7, cut).splitlines() == [
        "7 outputs, 2 clauses kept in part",
        "1 lost a protected word, 0 have a number without what it counts",
        "lost not: 'may fish' of 'may not fish'",
    ]
