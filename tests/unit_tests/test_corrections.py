"""Sentences that take back what was said before them, and that they are bought right behind it."""

import pytest

from lingua_shared.selection.ledger import BudgetLedger
from lingua_shared.text.corrections import is_correction
from tests.candidates import candidate_of, flat


@pytest.mark.parametrize(
    "text",
    [
        "However, no later study has confirmed this.",
        "But the bridge was never built.",
        "This claim is false.",
        "In fact, it was withdrawn in 1999.",
        "Allerdings wurde das nie bestätigt.",
        "Cependant, ce chiffre a été démenti.",
        "Sin embargo, no hay ninguna prueba.",
    ],
)
def test_corrections(text: str) -> None:
    """A contrast at the beginning, and a negation or a word such as "false" behind it."""
    assert is_correction(text)


@pytest.mark.parametrize(
    "text",
    [
        "However, it was finished in 1902.",
        "No later study has confirmed this.",
        "Butter is not cheese.",
        "This ferry is red.",
        "But you may enter.",
        "",
    ],
)
def test_other_sentences(text: str) -> None:
    """Neither half of it alone makes a correction."""
    assert not is_correction(text)


TEXT = "The drug lowers pressure. However, no study has confirmed this. It was sold from 1990 on. It is red."


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        pytest.param(4, "The drug lowers pressure.", id="no room for it"),
        pytest.param(10, "The drug lowers pressure. However, no study has confirmed this.", id="room for it"),
        pytest.param(
            13, "The drug lowers pressure. However, no study has confirmed this. It is red.", id="before better ones"
        ),
    ],
)
def test_a_correction_comes_behind_what_it_takes_back(tokens: int, expected: str) -> None:
    """It is bought before units that are worth more, where it fits."""
    candidate = candidate_of(TEXT)
    drug, _, _, red = candidate.units
    ledger = BudgetLedger([candidate], (), tokens + candidate.overhead)
    ledger.buy([drug, red])
    assert candidate.joined(candidate.spans(flat(ledger.purchases))) == expected


def test_a_correction_alone_brings_nothing() -> None:
    """What it takes back is not needed to understand it."""
    candidate = candidate_of(TEXT)
    ledger = BudgetLedger([candidate], (), 50)
    ledger.buy([candidate.units[1]])
    assert flat(ledger.purchases) == [candidate.units[1]]
