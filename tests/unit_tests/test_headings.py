"""Which first lines are headings."""

import pytest

from lingua_shared.text.headings import heading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Mill at Dorn\nIt was built in 1862.", "Mill at Dorn", id="a title"),
        pytest.param("\n  Mill at Dorn \r\nIt was built.", "Mill at Dorn", id="white space around it"),
        pytest.param("year;place\nDorn;1862\nOll;1901\n", "year;place", id="the header of a table"),
        pytest.param("Places of interest:\n- the mill\n- the river", "Places of interest:", id="what a list is of"),
        pytest.param("水车\n它建于一八六二年。", "水车", id="Chinese"),
        pytest.param("It was built in 1862.\nIt burnt down.", None, id="a sentence"),
        pytest.param("“It burnt down!”\nHe said no more.", None, id="a quoted sentence"),
        pytest.param("水车建于一八六二年。\n后来被烧毁。", None, id="a Chinese sentence"),
        pytest.param("Once it was built,\nit stood long.", None, id="a wrapped line behind a comma"),
        pytest.param("Mill at Dorn\n \n", None, id="nothing behind it"),
        pytest.param("Word " * 30 + "\nIt burnt down.", None, id="a long line"),
        pytest.param(" \n ", None, id="blank"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_is_a_heading(text: str, expected: str | None) -> None:
    """The first line is a heading if it is no sentence and more text follows."""
    assert heading(text) == expected
