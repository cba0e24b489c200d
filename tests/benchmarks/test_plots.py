"""The SVG plots: well-formed, the same bytes each time, and every value at its place."""

import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks.plots import Line, Panel, Point, draw

SVG = "{http://www.w3.org/2000/svg}"
STEPS = Panel("steps", "rate", "kept", (Line("ours", (Point(0.0, 0.0), Point(1.0, 1.0))),), y_range=(0.0, 1.0))


def circles(picture: str) -> list[tuple[float, float]]:
    """Places of all points."""
    found = ET.fromstring(picture).iter(f"{SVG}circle")  # noqa: S314 - our own
    return [(float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in found]


def texts(picture: str) -> list[str]:
    """All texts, in the order in which they are drawn."""
    return [text.text or "" for text in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 - our own


def test_the_same_input_gives_the_same_bytes() -> None:
    """Nothing random, no date, no address of an object."""
    assert draw([STEPS, STEPS]) == draw([STEPS, STEPS])


def test_the_page_is_white() -> None:
    """The first thing drawn covers the whole page in white, so that a dark page does not shine through."""
    root = ET.fromstring(draw([STEPS]))  # noqa: S314 - our own
    first = root[0]
    assert (first.tag, first.attrib["fill"]) == (f"{SVG}rect", "#ffffff")
    assert (first.attrib["width"], first.attrib["height"]) == (root.attrib["width"], root.attrib["height"])


def test_values_are_at_their_places() -> None:
    """With x from 0 to 1, padded by 8 %, and y from 0 to 1, both ends and the middle are where they belong."""
    line = Line("ours", (Point(0.0, 0.0), Point(0.5, 0.5), Point(1.0, 1.0)))
    places = circles(draw([Panel("p", "x", "y", (line,), y_range=(0.0, 1.0))]))
    # The plot goes from 52 to 288 across and from 188 (bottom) to 28 (top); 236 * 0.08 / 1.16 = 16.28.
    assert places == [(68.28, 188.0), (170.0, 108.0), (271.72, 28.0)]


def test_equal_ratios_are_equal_distances_on_logarithmic_axes() -> None:
    """1, 10 and 100 are evenly spaced both ways."""
    line = Line("ours", (Point(1, 2), Point(10, 20), Point(100, 200)))
    (x1, y1), (x2, y2), (x3, y3) = circles(draw([Panel("p", "x", "y", (line,), log=True)]))
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.02)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.02)
    assert x1 < x2
    assert y1 > y2


def test_intervals_are_drawn_where_there_are_any() -> None:
    """A point with an interval has a whisker through it; one without has none."""
    line = Line("ours", (Point(0.0, 0.5, 0.25, 0.75), Point(1.0, 0.5)))
    picture = draw([Panel("p", "x", "y", (line,), y_range=(0.0, 1.0))])
    assert re.findall(r"V[\d.]+\" stroke=\"#000000\" stroke-opacity", picture) == [
        'V68" stroke="#000000" stroke-opacity'
    ]
    assert 'M68.28 148V68"' in picture


def test_a_system_has_one_colour_in_all_panels() -> None:
    """The colour goes with the name, not with the place in a panel."""
    both = Panel("both", "x", "y", (Line("a", (Point(0, 1),)), Line("b", (Point(0, 2),))))
    only_b = Panel("one", "x", "y", (Line("b", (Point(0, 2),)),))
    colours = re.findall(r'<circle [^>]*fill="(#\w+)"', draw([both, only_b]))
    assert len(colours) == 3
    assert colours[1] == colours[2] != colours[0]


def test_many_systems_can_be_told_apart() -> None:
    """Thirty lines have thirty different styles in the legend."""
    lines = tuple(Line(f"system {i}", (Point(0, i), Point(1, i))) for i in range(30))
    styles = re.findall(
        r'h26" (stroke="#\w+" stroke-width="1\.4" fill="none"[^/]*)/>', draw([Panel("p", "x", "y", lines)])
    )
    assert len(set(styles)) == 29  # the first has a wider line


def test_labels_are_there_and_escaped() -> None:
    """Title, axes and names of systems are written, whatever characters they have."""
    panel = Panel("a < b", "rate & co", "kept", (Line("x > y", (Point(0.5, 0.5),)),))
    assert {"a < b", "rate & co", "kept", "x > y"} <= set(texts(draw([panel])))


@pytest.mark.parametrize("log", [False, True])
def test_one_single_point_can_be_drawn(log: bool) -> None:  # noqa: FBT001
    """An empty range of values divides nothing by zero."""
    picture = draw([Panel("p", "x", "y", (Line("ours", (Point(5.0, 5.0),)),), log=log)])
    assert circles(picture) == [(170.0, 108.0)]


def test_ticks_are_round_and_few() -> None:
    """Between 0 and 1 every fifth is marked; over three decades only powers of ten."""
    straight = texts(draw([STEPS]))
    assert [text for text in straight if re.fullmatch(r"[\d.]+", text)] == ["0", "0.2", "0.4", "0.6", "0.8", "1"] * 2
    decades = Panel("p", "x", "y", (Line("ours", (Point(1, 1), Point(1000, 10))),), log=True)
    assert [text for text in texts(draw([decades])) if text.isdigit()] == [
        "1",
        "10",
        "100",
        "1000",
        "1",
        "2",
        "5",
        "10",
    ]
