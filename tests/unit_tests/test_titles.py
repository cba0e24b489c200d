"""Which titles of passages are used."""

import pytest

from lingua_shared.scoring.titles import effective_titles


@pytest.mark.parametrize(
    ("title", "text", "is_used"),
    [
        ("Gull Point", "It was built in 1871.", True),
        ("Gull Point", "Gull Point\nIt was built in 1871.", False),
        ("Gull Point", "  Gull Point is a cape.", False),
        ("Gull", "Gulls nest here.", True),
        ("Gull", "Gull", False),
        ("王芳", "王芳生于上海。", False),
        ("", "It was built.", False),
        ("Gull Point", " \n", False),
    ],
)
def test_a_title_is_dropped_where_the_passage_has_it_or_is_blank(title: str, text: str, *, is_used: bool) -> None:
    """A passage must begin with the title as whole words."""
    assert effective_titles([text], [title]) == (title if is_used else "",)


def test_no_titles() -> None:
    """Without titles each passage gets an empty one."""
    assert effective_titles(["a", "b"], ()) == ("", "")
