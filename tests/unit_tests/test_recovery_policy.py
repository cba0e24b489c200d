"""The constants of recovery say what they mean and where they come from."""

from dataclasses import FrozenInstanceError, fields

import pytest

from lingua_shared import RecoveryOptions
from lingua_shared.recovery.policy import POLICY, RecoveryPolicy


@pytest.mark.parametrize("constant", [field.name for field in fields(RecoveryPolicy)])
def test_each_constant_has_a_meaning_and_a_source(constant: str) -> None:
    """A source is a command and its data, or "by judgement"."""
    (field,) = (field for field in fields(RecoveryPolicy) if field.name == constant)
    assert field.metadata["meaning"].endswith(".")
    assert field.metadata["source"] == "by judgement" or field.metadata["source"].startswith("python -m ")
    assert getattr(POLICY, constant) > 0


def test_the_policy_is_frozen() -> None:
    """Nothing changes it while it is in use."""
    with pytest.raises(FrozenInstanceError):
        POLICY.max_gap = 3  # type: ignore[misc]


def test_options_take_their_defaults_from_the_policy() -> None:
    """There is one place for a default."""
    assert (RecoveryOptions().max_gap, RecoveryOptions().min_match) == (POLICY.max_gap, POLICY.min_match)
