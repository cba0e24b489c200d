"""Recovery of structured answers: what is recovered in them, and what their own rules forbid."""

from collections import OrderedDict
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lingua_shared.recovery.policy import POLICY
from lingua_shared.recovery.structured import recover_strings
from tests.marked import recoverer

RECOVER = recoverer("The light was first lit on January [[20, ]]1985.").recover
DAMAGED, WHOLE = "January 1985", "January 20, 1985"


class Plain(BaseModel):
    """No rules."""

    date: str
    more: list[str] = []


class Frozen(BaseModel):
    """A copy has the new value."""

    model_config = ConfigDict(frozen=True)

    date: str


class Open(BaseModel):
    """Fields of any name."""

    model_config = ConfigDict(extra="allow")


class Short(BaseModel):
    """A limit."""

    date: str = Field(max_length=12)


class Checked(BaseModel):
    """A validator of a field."""

    date: str

    @field_validator("date")
    @classmethod
    def _is_short(cls, date: str) -> str:
        if len(date) > 12:
            raise RuntimeError(date)
        return date


class Agreed(BaseModel):
    """A rule over two fields."""

    date: str
    length: int

    @model_validator(mode="after")
    def _agrees(self) -> "Agreed":
        if len(self.date) != self.length:
            msg = "lengths differ"
            raise ValueError(msg)
        return self


class Foreign:
    """No type of pydantic's."""


class Mixed(BaseModel):
    """A field of a type that pydantic does not know."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    values: list[str | Foreign]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DAMAGED, WHOLE),
        ({"a": [DAMAGED, 3, None]}, {"a": [WHOLE, 3, None]}),
        ((DAMAGED,), (WHOLE,)),
        (Plain(date=DAMAGED, more=[DAMAGED]), Plain(date=WHOLE, more=[WHOLE])),
        (Frozen(date=DAMAGED), Frozen(date=WHOLE)),
        (Open(date=DAMAGED), Open(date=WHOLE)),
        (Mixed(values=[DAMAGED]), Mixed(values=[WHOLE])),
    ],
)
def test_strings_are_recovered(value: Any, expected: Any) -> None:
    """Wherever they stand; the value handed in stays as it is."""
    before = repr(value)
    assert recover_strings(value, RECOVER)[0] == expected
    assert repr(value) == before


@pytest.mark.parametrize(
    "value",
    [Short(date=DAMAGED), Checked(date=DAMAGED), Agreed(date=DAMAGED, length=12), OrderedDict(date=DAMAGED), 3, None],
)
def test_what_forbids_it_stays(value: Any) -> None:
    """A model's limits and validators are asked; mappings of other kinds are left alone."""
    found, made = recover_strings(value, RECOVER)
    assert (found, made) == (value, [])


def test_places_lead_to_the_strings() -> None:
    """By keys, positions and names of fields."""
    _, made = recover_strings({"a": [Plain(date="x", more=["y", DAMAGED])]}, RECOVER)
    assert [one["path"] for one in made] == [["a", 0, "more", 1]]


def test_deep_answers_come_back() -> None:
    """What lies deeper than the policy says is left as it is; a list within itself, too."""
    deep: Any = DAMAGED
    for _ in range(100_000):
        deep = [deep]
    value, made = recover_strings({"a": DAMAGED, "b": deep}, RECOVER)
    assert value["a"] == WHOLE
    assert len(made) == 1
    circle: list[Any] = [DAMAGED]
    circle.append(circle)
    value, made = recover_strings(circle, RECOVER)
    assert value[0] == value[1][0] == WHOLE
    assert len(made) == POLICY.max_depth
    while deep != DAMAGED:  # or taking it apart would need a deep stack
        deep = deep[0]
