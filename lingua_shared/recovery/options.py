"""What recovery may restore, as options. Knows no text."""

from pydantic import BaseModel, ConfigDict, Field

from lingua_shared.recovery.kinds import KINDS, Kind


class RecoveryOptions(BaseModel):
    """What may be put back into an answer.

    Example:
        >>> RecoveryOptions(kinds=("name", "date")).max_gap
        32
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    kinds: tuple[Kind, ...] = Field(default=KINDS, description=f"What may be restored: any of {', '.join(KINDS)}.")
    max_gap: int = Field(default=32, ge=0, description="Words that may be put back in one place, at most.")
    min_match: float = Field(
        default=16.0,
        ge=0,
        description="Evidence that an answer quotes kept text, in bits above chance: each matching word counts by how "
        "rare it is in the sources; more is stricter. Within a name, date, number or identifier one word on each side "
        "is enough.",
    )
    complete_names: bool = Field(
        default=False,
        description="Complete a shorter form of a name, too, where it is first used, although it stands in a source.",
    )
