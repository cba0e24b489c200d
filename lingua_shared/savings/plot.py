"""The break-even length as a picture in SVG: what a compression saves, by the tokens before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import escape

from lingua_shared.savings.break_even import BreakEven, Timing
from lingua_shared.savings.saving import Costs

_CALLS = 1000
_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 16, 40, 44
_STEPS = (1, 2, 2.5, 5, 10)
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2021}.t{font-weight:600}.a{stroke:#767b7d}.z{stroke:#1d2021}"
    ".l{fill:none;stroke:#00695c;stroke-width:2}.p{fill:#00695c}.b{stroke:#b3261e;stroke-dasharray:5 4}.r{fill:#b3261e}"
    "@media(prefers-color-scheme:dark){svg{background:#16191a}text{fill:#e6e6e6}.z{stroke:#e6e6e6}"
    ".l{stroke:#4db6ac}.p{fill:#4db6ac}.b{stroke:#ff8a80}.r{fill:#ff8a80}}"
)


@dataclass(frozen=True)
class _Panel:
    """One picture: points on a line, and where it crosses zero.

    Attributes:
        title: above it.
        unit: of its values.
        points: tokens before compression, and the value there.
        crossing: tokens from which on the value is above zero; None where it never is, or that is no question here.
        says_crossing: whether it has a crossing at all.
    """

    title: str
    unit: str
    points: tuple[tuple[int, float], ...]
    crossing: int | None
    says_crossing: bool = True


def plot(found: Sequence[Timing], line: BreakEven, costs: Costs) -> str:
    """Return the picture: a panel for time and one for money, as far as they are known; else one for the seconds.

    Args:
        found: timings of at least two lengths.
        line: the straight line through them.
        costs: of reading and of compressing.
    """
    panels = list(_panels(found, line, costs))
    height = _HEIGHT * len(panels)
    drawn = "".join(_drawn(panel, _HEIGHT * number) for number, panel in enumerate(panels))
    title = "What a compression saves, by the tokens before it"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">'
        f"<title>{title}</title><style>{_STYLE}</style>{drawn}</svg>\n"
    )


def _panels(found: Sequence[Timing], line: BreakEven, costs: Costs) -> Iterator[_Panel]:
    savings = [(one.original_tokens, one.saving(costs)) for one in found]
    if costs.reading_speed:
        title = f"Seconds that a call saves, with an LLM that reads {costs.reading_speed:,.0f} tokens in a second"
        yield _Panel(title, "s", tuple((n, one.seconds or 0.0) for n, one in savings), line.time_tokens)
    if costs.price is not None:
        title = f"{costs.price.currency} that {_CALLS:,} calls save, with {costs.price.llm}"
        points = tuple((n, _CALLS * (one.money or 0.0)) for n, one in savings)
        yield _Panel(title, costs.price.currency, points, line.money_tokens)
    if not costs.reading_speed and costs.price is None:
        points = tuple((one.original_tokens, one.seconds) for one in found)
        yield _Panel("Seconds that a compression takes here", "s", points, None, says_crossing=False)


def _drawn(panel: _Panel, top: int) -> str:
    """Return the elements of a panel, whose upper edge is at `top`."""
    values = [value for _, value in panel.points]
    step_x, step_y = _step(max(n for n, _ in panel.points)), _step(max(max(values), 0) - min(*values, 0))
    most = max(n for n, _ in panel.points) * 1.04
    low, high = step_y * (min(*values, 0) // step_y), step_y * -(-max(*values, 0) // step_y)
    floor, ceiling = top + _HEIGHT - _BOTTOM, top + _TOP

    def x(tokens: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * tokens / most, 1)

    def y(value: float) -> float:
        return round(floor - (floor - ceiling) * (value - low) / ((high - low) or 1), 1)

    parts = [f'<text class="t" x="{_LEFT}" y="{top + 22}">{escape(panel.title)}</text>']
    for tick in _ticks(low, high, step_y):
        parts.append(f'<text x="{_LEFT - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:g} {escape(panel.unit)}</text>')
        kind = "z" if tick == 0 else "a"
        opacity = "" if tick == 0 else ' stroke-opacity="0.3"'
        parts.append(f'<path class="{kind}" d="M{_LEFT} {y(tick)}H{_WIDTH - _RIGHT}"{opacity}/>')
    parts += [
        f'<text x="{x(tick)}" y="{floor + 18}" text-anchor="middle">{tick:,.0f}</text>'
        for tick in _ticks(0, most, step_x)
    ]
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{floor + 36}" text-anchor="end">tokens before compression</text>')
    points = sorted(panel.points)
    parts.append(f'<path class="l" d="M{"L".join(f"{x(n)} {y(value)}" for n, value in points)}"/>')
    parts += [f'<circle class="p" cx="{x(n)}" cy="{y(value)}" r="4"/>' for n, value in points]
    return "".join([*parts, *_crossing(panel, x(min(panel.crossing or 0, most)), ceiling, floor, most)])


def _crossing(panel: _Panel, place: float, ceiling: int, floor: int, most: float) -> Iterator[str]:
    """Yield a line at the break-even length, and what it says."""
    if not panel.says_crossing:
        return
    if panel.crossing is None:
        text = "never saved"
    elif panel.crossing <= 1:
        text = "saved at any length"
    else:
        text = f"saved from {panel.crossing:,} tokens on"
        if panel.crossing <= most:
            yield f'<path class="b" d="M{place} {ceiling}V{floor}"/>'
    yield f'<text class="r" x="{_LEFT}" y="{floor + 36}">{text}</text>'


def _step(length: float) -> float:
    """Return a round step that divides a length into about five."""
    if length <= 0:
        return 1.0
    power = 10.0 ** int(f"{length / 5:e}".partition("e")[2])
    return float(next(step for step in _STEPS if step * power >= length / 5) * power)


def _ticks(low: float, high: float, step: float) -> Iterator[float]:
    for number in range(round(low / step), int(high / step + 1e-9) + 1):
        yield round(number * step, 9)
