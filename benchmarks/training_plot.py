"""The plot of an encoder's training, from the table beside its weights."""

import csv
from pathlib import Path

from benchmarks.plots import Line, Panel, Point

_PANELS = (
    ("losses", "loss", ("ranking", "calibration", "support", "answer")),
    ("dev figures, means over sets", "share of questions", ("r1", "r5", "kept")),
)


def training_panels(table: Path) -> list[Panel]:
    """Return one panel of losses and one of dev figures by step; none where there is no table."""
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    panels = []
    for title, y_label, names in _PANELS:
        lines = [Line(name, _points(rows, name)) for name in names if any(row.get(name) for row in rows)]
        if lines:
            panels.append(Panel(title, "step", y_label, tuple(lines)))
    return panels


def _points(rows: list[dict[str, str]], name: str) -> tuple[Point, ...]:
    return tuple(Point(float(row["step"]), float(row[name])) for row in rows if row.get(name))
