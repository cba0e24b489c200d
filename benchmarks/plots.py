"""Draws line plots with intervals as SVG: small panels in a grid, one legend below. Knows nothing of what is plotted.

The same input gives the same bytes. The background is white, so that the plots can be read on a dark page too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8b5a2b", "#777777", "#6a3d9a")
DASHES = ("", "6 3", "2 2")
_PANEL_WIDTH, _PANEL_HEIGHT = 300, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 28, 42
_LEGEND_WIDTH, _LEGEND_LINE = 225, 18
_MOST_TICKS = 6


@dataclass(frozen=True)
class Point:
    """A value with the ends of its interval, if it has one."""

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
    """One small plot. `y_range` None fits the data; `log` draws both axes in powers of ten."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    y_range: tuple[float, float] | None = None
    log: bool = False


@dataclass(frozen=True)
class _Scale:
    """Maps values of one axis to places on the page."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def place(self, value: float) -> float:
        low, high, at = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (at - low) / (high - low) * (self.end - self.start)


def draw(panels: Sequence[Panel], *, columns: int = 3) -> str:
    """Return an SVG of all panels; a line's colour and dashes go with its name, in the order of first appearance."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines))
    columns = max(1, min(columns, len(panels)))
    rows = math.ceil(len(panels) / columns)
    width = columns * _PANEL_WIDTH
    per_row = max(1, width // _LEGEND_WIDTH)
    height = rows * _PANEL_HEIGHT + math.ceil(len(names) / per_row) * _LEGEND_LINE + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, panel in enumerate(panels):
        left, top = number % columns * _PANEL_WIDTH, number // columns * _PANEL_HEIGHT
        parts += [f'<g transform="translate({left} {top})">', *_panel(panel, names), "</g>"]
    for number, name in enumerate(names):
        left, top = 14 + number % per_row * _LEGEND_WIDTH, rows * _PANEL_HEIGHT + 14 + number // per_row * _LEGEND_LINE
        parts.append(f'<path d="M{left} {top}h26" {_style(names, name)}/>')
        parts.append(_text(left + 32, top + 4, name))
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, names: Sequence[str]) -> list[str]:
    x, y = _scales(panel)
    parts = [_text((x.start + x.end) / 2, 17, panel.title, 'text-anchor="middle" font-weight="bold"')]
    for value in _ticks(x):
        parts.append(f'<path d="M{_number(x.place(value))} {y.start}v4" stroke="#444444"/>')
        parts.append(_text(x.place(value), y.start + 16, f"{value:g}", 'text-anchor="middle" fill="#444444"'))
    for value in _ticks(y):
        at = _number(y.place(value))
        parts.append(f'<path d="M{x.start} {at}H{x.end}" stroke="#e4e4e4"/>')
        parts.append(_text(x.start - 5, y.place(value) + 4, f"{value:g}", 'text-anchor="end" fill="#444444"'))
    parts.append(f'<path d="M{x.start} {y.end}V{y.start}H{x.end}" fill="none" stroke="#444444"/>')
    parts.append(_text((x.start + x.end) / 2, y.start + 32, panel.x_label, 'text-anchor="middle"'))
    middle = _number((y.start + y.end) / 2)
    parts.append(
        _text(13, (y.start + y.end) / 2, panel.y_label, f'text-anchor="middle" transform="rotate(-90 13 {middle})"')
    )
    for number, line in enumerate(panel.lines):
        # Whiskers of systems that were measured at the same place would lie on each other.
        shift = 0.0 if panel.log else (number - (len(panel.lines) - 1) / 2) * 1.2
        parts += _line(line, x, y, shift, _style(names, line.name))
    return parts


def _line(line: Line, x: _Scale, y: _Scale, shift: float, style: str) -> list[str]:
    places = [(_number(x.place(p.x) + shift), _number(y.place(p.y)), p) for p in line.points]
    parts = []
    if len(places) > 1:
        parts.append(f'<path d="M{" L".join(f"{across} {up}" for across, up, _ in places)}" {style}/>')
    colour = style.split('"')[1]
    for across, up, point in places:
        parts.append(f'<circle cx="{across}" cy="{up}" r="2.4" fill="{colour}"/>')
        if point.low is not None and point.high is not None:
            ends = f"{_number(y.place(point.low))}V{_number(y.place(point.high))}"
            parts.append(f'<path d="M{across} {ends}" stroke="{colour}" stroke-opacity="0.45"/>')
    return parts


def _scales(panel: Panel) -> tuple[_Scale, _Scale]:
    points = [point for line in panel.lines for point in line.points]
    heights = [value for p in points for value in (p.y, p.low, p.high) if value is not None]
    x_low, x_high = _padded(min(p.x for p in points), max(p.x for p in points), log=panel.log)
    y_low, y_high = panel.y_range or _padded(min(heights), max(heights), log=panel.log)
    right, bottom = _PANEL_WIDTH - _RIGHT, _PANEL_HEIGHT - _BOTTOM
    return (
        _Scale(x_low, x_high, _LEFT, right, panel.log),
        _Scale(y_low, y_high, bottom, _TOP, panel.log),
    )


def _padded(low: float, high: float, *, log: bool) -> tuple[float, float]:
    """A little more than the data, so that no point lies on an axis; never an empty range."""
    if log:
        factor = max((high / low) ** 0.06, 1.05)
        return low / factor, high * factor
    pad = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return low - pad, high + pad


def _ticks(scale: _Scale) -> list[float]:
    """Round values inside the range, at most six."""
    if scale.log:
        first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
        for steps in ((1, 2, 5), (1, 3), (1,)):
            ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
            ticks = [tick for tick in ticks if scale.low <= tick <= scale.high]
            if len(ticks) <= _MOST_TICKS:
                break
        return ticks
    size = 10.0 ** math.floor(math.log10(scale.high - scale.low))
    for step in (size / 10, size / 5, size / 4, size / 2, size, size * 2):
        first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
        if last - first < _MOST_TICKS:
            break
    return [round(number * step, 10) for number in range(first, last + 1)]


def _style(names: Sequence[str], name: str) -> str:
    """Colour, width and dashes of a line; colour first, where `_line` reads it."""
    number = names.index(name)
    dashes = DASHES[number // len(COLOURS) % len(DASHES)]
    width = 2.4 if number == 0 else 1.4
    dashing = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'stroke="{COLOURS[number % len(COLOURS)]}" stroke-width="{width}" fill="none"{dashing}'


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{_number(x)}" y="{_number(y)}" {attributes}>{escape(text)}</text>'


def _number(value: float) -> str:
    """Two decimals at most, without the zeros: short, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
