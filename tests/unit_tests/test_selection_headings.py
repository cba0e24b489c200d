"""What is kept never stands under a heading that is not its own."""

import pytest

from lingua_shared.selection.ledger import BudgetLedger
from lingua_shared.text.spans import Marker
from tests.candidates import candidate_of, flat

TEXT = "Guide\n=====\n\nBoats\n-----\n\nThey float. They are red.\n\nCars\n----\n\nThey drive. They are blue.\n"


def bought(*wanted: str, tokens: int = 99) -> tuple[str, BudgetLedger]:
    """The text that is kept if sentences are bought in an order."""
    candidate = candidate_of(TEXT)
    by_text = {candidate.text_of(unit).strip(): unit for unit in candidate.units}
    ledger = BudgetLedger([candidate], (), tokens + candidate.overhead)
    ledger.buy(by_text[text] for text in wanted)
    marker = Marker(structure=candidate.segments.structure)
    return candidate.joined(candidate.spans(flat(ledger.purchases)), marker), ledger


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        pytest.param(2, "They float.", id="no room for a heading"),
        pytest.param(4, "Boats\n-----\n\nThey float.", id="no room for what would need its heading"),
        pytest.param(
            9, "Guide\n=====\n\nBoats\n-----\n\nThey float.", id="one token too few for the heading of the other"
        ),
        pytest.param(
            10,
            "Guide\n=====\n\nBoats\n-----\n\nThey float.\n\nCars\n----\n\nThey drive.",
            id="both, each under its own",
        ),
    ],
)
def test_a_unit_below_another_heading_brings_its_own(tokens: int, expected: str) -> None:
    """Else it would say something of what that heading names."""
    text, _ = bought("They float.", "They drive.", tokens=tokens)
    assert text == expected


def test_a_heading_is_left_out_that_would_mislead() -> None:
    """A sentence that had no room for its heading does not get that of the section before."""
    candidate = candidate_of(TEXT)
    drive = next(unit for unit in candidate.units if "drive" in candidate.text_of(unit))
    floats = next(unit for unit in candidate.units if "float" in candidate.text_of(unit))
    ledger = BudgetLedger([candidate], [(drive,)], 50)
    ledger.buy([floats])
    kept = candidate.joined(candidate.spans(flat(ledger.purchases)))
    assert kept == "They float.\nThey drive."


def test_a_unit_below_its_own_heading_needs_nothing_more() -> None:
    """Two sentences of one section share the heading."""
    text, ledger = bought("They float.", "They are red.", tokens=9)
    assert text == "Guide\n=====\n\nBoats\n-----\n\nThey float. They are red."
    assert ledger.left == 0
