"""What recovery may restore, as options. Knows no text."""

from pydantic import BaseModel, ConfigDict, Field

from lingua_shared.recovering.kinds import KINDS, Kind


class RecoveryOptions(BaseModel):
    """What may be put back into an answer.

    Example:
        >>> RecoveryOptions(kinds=("name", "date")).max_gap
        32
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    kinds: tuple[Kind, ...] = Field(default=KINDS, description=f"What may be restored: any of {', '.join(KINDS)}.")
    max_gap: int = Field(default=32, ge=0, description="Words that may be put back in one place, at most.")
    min_match: int = Field(
        default=4,
        ge=2,
        description="Words of kept text that an answer must hold around the place, one after the other; an end of the "
        "quotation counts as a word. Two are enough within a name, date, number, title or identifier.",
    )
    complete_names: bool = Field(
        default=False,
        description="Complete a shorter form of a name, too, where it is first used, although it stands in a source.",
    )
