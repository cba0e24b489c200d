"""Checks that both adapters make on what a framework hands to them."""

import logging
from typing import Any

import pytest

from lingua_shared import CompressionOptions, InvalidInputError, InvalidTypeError, PromptCompressor
from lingua_shared.adapters.framework import all_scores, check_each, log_notes, missing_framework


@pytest.mark.parametrize("values", [[], (), [1, 2], (True,)], ids=str)
def test_sequences_of_the_right_kind(values: Any) -> None:
    """Lists and tuples of such objects are accepted, empty ones too."""
    check_each(values, int, name="number", allowed="a list of integers")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "numbers is of type NoneType; give a list of integers"),
        ("12", "numbers is of type str; give a list of integers"),
        (b"12", "numbers is of type bytes"),
        ({1: 2}, "numbers is of type dict"),
        ({1, 2}, "numbers is of type set"),
        (iter([1]), "numbers is of type list_iterator"),
        ([1, "2"], "number 1 is of type str; give a list of integers"),
        ([None], "number 0 is of type NoneType"),
    ],
)
def test_anything_else_is_rejected(values: Any, message: str) -> None:
    """The error says what came, where, and what is allowed."""
    with pytest.raises(InvalidTypeError, match=f"^{message}"):
        check_each(values, int, name="number", allowed="a list of integers")


def test_all_scores_are_there() -> None:
    """Scores are returned as they are; zero is a score."""
    assert all_scores([0, -1.5, "0.5"], name="node", what_to_do="score all") == [0, -1.5, "0.5"]


def test_missing_scores_are_counted() -> None:
    """The error says how many are missing, where the first is, and what to do."""
    expected = r"score of every node, but 2 of 3 have none \(node 1 first\); score all$"
    with pytest.raises(InvalidInputError, match=expected):
        all_scores([0, None, None], name="node", what_to_do="score all")


def test_notes_are_logged(compressor: PromptCompressor, caplog: pytest.LogCaptureFixture) -> None:
    """Each note of a result is a warning of the adapter's own logger."""
    result = compressor.compress("Fits.", options=CompressionOptions(rate=1))
    log_notes(logging.getLogger("an_adapter"), result.model_copy(update={"notes": ("100 % done", "%s")}))
    assert caplog.record_tuples == [
        ("an_adapter", logging.WARNING, "100 % done"),
        ("an_adapter", logging.WARNING, "%s"),
    ]


def test_the_error_of_a_missing_framework() -> None:
    """It names the package and the command that installs the framework."""
    error = missing_framework("a_package", distribution="a-framework", extra="a")
    assert str(error) == "a_package needs a-framework; install it with `pip install 'rag-lingua[a]'`"
