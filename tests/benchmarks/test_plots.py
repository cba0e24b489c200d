"""The plots: the same bytes each time, and every value where it belongs."""

from xml.etree import ElementTree as ET

import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure

from benchmarks.plots import Line, Panel, Point, draw, figure_of

STEPS = Panel("steps", "rate", "kept", (Line("ours", (Point(0.0, 0.0), Point(1.0, 1.0))),), y_range=(0.0, 1.0))


def curves(figure: Figure, panel: int = 0) -> list[ErrorbarContainer]:
    """The curves of a panel with their intervals."""
    return [item for item in figure.axes[panel].containers if isinstance(item, ErrorbarContainer)]


def texts(picture: str) -> list[str]:
    """All texts of a picture."""
    root = ET.fromstring(picture)  # noqa: S314 - our own
    return [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_same_input_gives_the_same_bytes() -> None:
    """No random names, no date."""
    assert draw([STEPS, STEPS]) == draw([STEPS, STEPS])


def test_values_and_intervals_are_drawn() -> None:
    """A point with an interval has a bar from its lower to its upper end; one without has a bar of no length."""
    line = Line("ours", (Point(0.1, 0.5, 0.25, 0.75), Point(0.2, 0.6)))
    (curve,) = curves(figure_of([Panel("p", "x", "y", (line,))]))
    data, _, (bars,) = curve
    assert [list(values) for values in data.get_data()] == [[0.1, 0.2], [0.5, 0.6]]
    ends = [sorted(end[1] for end in bar) for bar in bars.get_segments()]
    assert ends == [pytest.approx([0.25, 0.75]), pytest.approx([0.6, 0.6])]


def test_lines_without_intervals_have_no_bars() -> None:
    """Losses and seconds are single values."""
    (curve,) = curves(figure_of([STEPS]))
    assert not curve.has_yerr


def test_a_system_has_one_colour_in_all_panels() -> None:
    """The colour goes with the name, not with the place in a panel."""
    both = Panel("both", "x", "y", (Line("a", (Point(0, 1),)), Line("b", (Point(0, 2),))))
    only_b = Panel("one", "x", "y", (Line("b", (Point(0, 2),)),))
    figure = figure_of([both, only_b])
    first, second = (curve[0].get_color() for curve in curves(figure))
    assert curves(figure, 1)[0][0].get_color() == second != first


def test_many_systems_can_be_told_apart() -> None:
    """Thirty lines have thirty different pairs of colour and marker."""
    lines = tuple(Line(f"system {i}", (Point(0, i), Point(1, i))) for i in range(30))
    drawn = curves(figure_of([Panel("p", "x", "y", lines)]))
    assert len({(curve[0].get_color(), curve[0].get_marker()) for curve in drawn}) == 30


def test_labels_are_there_and_escaped() -> None:
    """Title, axes and names of systems are texts, whatever characters they have."""
    panel = Panel("a < b", "rate & co", "kept", (Line("x > y", (Point(0.5, 0.5),)),))
    assert {"a < b", "rate & co", "kept", "x > y"} <= set(texts(draw([panel])))


def test_axes_follow_the_panel() -> None:
    """A range holds, and growth is shown on logarithmic axes."""
    line = Line("ours", (Point(1, 2), Point(10, 20)))
    straight, log = figure_of([STEPS, Panel("p", "x", "y", (line,), log=True)]).axes
    assert straight.get_ylim() == (0.0, 1.0)
    assert (straight.get_xscale(), log.get_xscale(), log.get_yscale()) == ("linear", "log", "log")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_panels_fill_a_grid(count: int) -> None:
    """Places without a panel stay empty."""
    figure = figure_of([STEPS] * count)
    assert [axes.axison for axes in figure.axes].count(True) == count


@pytest.mark.parametrize("log", [False, True])
def test_one_single_point_can_be_drawn(log: bool) -> None:  # noqa: FBT001
    """Without a range of values nothing fails, and no warning is given."""
    assert "ours" in texts(draw([Panel("p", "x", "y", (Line("ours", (Point(5.0, 5.0),)),), log=log)]))
