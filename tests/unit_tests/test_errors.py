"""What messages show of values and of other errors: one short line."""

from typing import Any

import pytest

from lingua_shared.errors import reason, short, short_name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb", r"'a\nb'"),
        (0.5, "0.5"),
        ([1, 2], "[1, 2]"),
        ("x" * 5000, f"'{'x' * 76}..."),
        (["x" * 5000], f"['{'x' * 75}..."),
        (10**400, f"1{'0' * 76}..."),
        pytest.param(-(10**5000), "an unprintable int", id="too long to print"),
    ],
)
def test_values(value: Any, expected: str) -> None:
    """A value is cut after 80 characters, also within a list, and an integer that Python does not print is named."""
    assert short(value) == expected


def test_a_value_over_several_lines() -> None:
    """Its representation is put on one line."""

    class Matrix:
        def __repr__(self) -> str:
            return "[[1]\n [2]]"

    assert short(Matrix()) == "[[1] [2]]"


def test_paths_are_shown_longer() -> None:
    """A path of usual length is shown whole."""
    path = "/" + "/".join(["folder"] * 20)
    assert short_name(path) == repr(path)
    assert len(short_name("x" * 5000)) == 200


def test_reasons() -> None:
    """The text of another library's error is cut, too."""
    assert reason(ValueError("one\n two")) == "one two"
    assert len(reason(ValueError("x" * 5000))) == 200
