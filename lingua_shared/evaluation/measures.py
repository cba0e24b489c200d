"""What is counted of each question, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SURVIVED, RIGHT, SAME = "survived", "right", "same"


@dataclass(frozen=True)
class Measure:
    """Words for a measure.

    Attributes:
        name: of the value of an outcome.
        label: heading of its column.
        things: what is counted, as in "no difference in ... can be seen".
        share: what has a larger or smaller share, as in "Lingua keeps 3 % more of the answers".
        good: of a single question.
        bad: of a single question.
    """

    name: str
    label: str
    things: str
    share: str
    good: str
    bad: str


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        one.name: one
        for one in (
            Measure(SURVIVED, "answer kept", "kept answers", "Lingua keeps {} of the answers than {}", "kept", "LOST"),
            Measure(
                RIGHT, "answer right", "right answers", "The reader is right {} often with Lingua than with {}",
                "right", "WRONG",
            ),
            Measure(
                SAME, "same answer", "same answers",
                "The reader gives the answer that it gives from all passages {} often with Lingua than with {}",
                "same", "OTHER",
            ),
        )
    }
)  # fmt: skip
"""By their names: whether an answer stands in the text; whether a reader answers right; or as from all passages."""
