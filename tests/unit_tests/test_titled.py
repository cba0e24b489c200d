"""Titles before passages, and scores without them."""

import numpy as np
import pytest

from lingua_shared.scoring.protocol import TokenScores
from lingua_shared.scoring.titles import behind_title, titled


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Gull Point", "It was built in 1871.", "Gull Point\nIt was built in 1871."),
        ("Gull Point", "Gull Point\nIt was built in 1871.", "Gull Point\nIt was built in 1871."),
        ("Gull Point", "  Gull Point is a cape.", "  Gull Point is a cape."),
        ("Gull", "Gulls nest here.", "Gull\nGulls nest here."),
        ("Gull", "Gull", "Gull"),
        ("", "It was built.", "It was built."),
        ("Gull Point", " \n", " \n"),
    ],
)
def test_title_is_the_first_line_unless_the_text_has_it(title: str, text: str, expected: str) -> None:
    """A passage that begins with its title needs no other; a blank one stays blank."""
    assert titled([text], [title]) == (expected,)


def test_no_titles() -> None:
    """Then passages are as they were."""
    assert titled(["a", "b"], ()) == ("a", "b")


def test_scores_behind_a_title() -> None:
    """Tokens of the title go; one that is in both begins with the passage."""
    scores = TokenScores(np.array([0, 3, 8]), np.array([3, 8, 12]), np.array([1.0, 2.0, 3.0]))
    found = behind_title(scores, 5)
    assert (found.starts.tolist(), found.ends.tolist(), found.values.tolist()) == ([0, 3], [3, 7], [2.0, 3.0])
