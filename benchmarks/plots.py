"""Line plots with intervals as SVG, drawn with matplotlib: a grid of panels with one legend below.

The same input gives the same bytes with the same version of matplotlib.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_PANEL_INCHES = (3.4, 2.6)
_LEGEND_COLUMNS = 3
_LEGEND_INCHES = 0.22
_MARKERS = ("o", "s", "^", "D", "v")
_STYLE: dict[Any, Any] = {"svg.hashsalt": "lingua", "svg.fonttype": "none", "font.size": 8, "axes.spines.top": False}
_STYLE |= {
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial"],
}


@dataclass(frozen=True)
class Point:
    """A value with both ends of its interval, if it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """The points of one system in one panel, in the order of x."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Panel:
    """One small plot. `y_range` None fits the data; `log` makes both axes logarithmic."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    y_range: tuple[float, float] | None = None
    log: bool = False


def draw(panels: Sequence[Panel], *, columns: int = 3) -> str:
    """Return an SVG of all panels. A name has the same colour and marker in every panel."""
    text = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure_of(panels, columns=columns).savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def figure_of(panels: Sequence[Panel], *, columns: int = 3) -> Figure:
    """Return the figure of all panels."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines))
    columns = max(1, min(columns, len(panels)))
    rows = math.ceil(len(panels) / columns)
    legend_rows = math.ceil(len(names) / _LEGEND_COLUMNS)
    width, height = columns * _PANEL_INCHES[0], rows * _PANEL_INCHES[1] + legend_rows * _LEGEND_INCHES
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, names)
    handles = {handle.get_label(): handle for axes in figure.axes for handle in axes.get_legend_handles_labels()[0]}
    figure.legend([handles[name] for name in names], names, loc="outside lower center", ncols=_LEGEND_COLUMNS)
    return figure


def _draw_panel(axes: Any, panel: Panel, names: Sequence[str]) -> None:
    for line in panel.lines:
        place = names.index(line.name)
        style = {"color": f"C{place % 10}", "marker": _MARKERS[place // 10 % len(_MARKERS)], "markersize": 3}
        style |= {"linewidth": 2.0 if place == 0 else 1.0, "capsize": 0, "elinewidth": 0.6}
        x, y = [point.x for point in line.points], [point.y for point in line.points]
        axes.errorbar(x, y, yerr=_errors(line.points), label=line.name, **style)
    axes.set_title(panel.title)
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    if panel.y_range:
        axes.set_ylim(*panel.y_range)


def _errors(points: Sequence[Point]) -> list[list[float]] | None:
    """Return the distances from each value to both ends of its interval, shape (2, points); None without intervals."""
    if all(point.low is None or point.high is None for point in points):
        return None
    below = [max(0.0, point.y - (point.y if point.low is None else point.low)) for point in points]
    above = [max(0.0, (point.y if point.high is None else point.high) - point.y) for point in points]
    return [below, above]
