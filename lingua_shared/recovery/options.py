"""Options of recovery: what may be restored in an answer."""

from pydantic import ConfigDict, Field, FiniteFloat, field_validator

from lingua_shared.inputs import OptionsModel, Whole, as_number
from lingua_shared.recovery.gap_index import KINDS, Kind
from lingua_shared.recovery.policy import POLICY


class RecoveryOptions(OptionsModel):
    """What may be restored in an answer.

    Whatever the options, only words, names, dates, numbers and their ordinary punctuation are inserted, at most
    120 characters in one place.

    Example:
        >>> RecoveryOptions(kinds=("name", "date")).max_gap
        12
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    kinds: tuple[Kind, ...] = Field(default=KINDS, description=f"What may be restored: any of {', '.join(KINDS)}.")
    max_gap: Whole = Field(default=POLICY.max_gap, ge=0, description="Words inserted in one place, at most.")
    min_match: FiniteFloat = Field(
        default=POLICY.min_match,
        ge=0,
        description="Match score that is needed to say that an answer quotes kept text, in bits above chance: each "
        "matching word counts by how rare it is in the sources. Higher is stricter. Within a name, date, number or "
        "identifier one word on each side is enough.",
    )
    complete_names: bool = Field(
        default=False,
        description="Also complete a shorter form of a name where it is first used, even if it occurs in a source.",
    )

    _numbers = field_validator("max_gap", "min_match", mode="before")(as_number)
