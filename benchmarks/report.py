"""`report`: writes the plots, the tables of docs/benchmarks.md and the README's figures from `results/*.jsonl`."""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.comparison import behind_table, readme_part
from benchmarks.fusion_table import fusion_table
from benchmarks.judging_table import judging_table
from benchmarks.plots import Line as PlotLine
from benchmarks.plots import Panel, Point, draw
from benchmarks.records import read_lines
from benchmarks.recovery_table import recovery_table
from benchmarks.speed_tables import cost_table, lever_table, time_tables
from benchmarks.systems import OURS, find_systems
from benchmarks.tables import (
    WORDS,
    Line,
    ablation_table,
    is_rival,
    main_measure,
    mean,
    not_run_table,
    quality_tables,
    reader_table,
    sets_of,
    systems_table,
)
from benchmarks.training_plot import training_panels
from benchmarks.write_readme import replaced

ROOT = Path(__file__).parents[1]
_COST_PLOTS = {"cost-seconds": ("seconds", 1.0), "cost-memory": ("peak_bytes", 2.0**20)}
WEIGHTS = {"lingua-en": "lingua_shared/weights/en", "lingua-multilingual": "lingua_shared/weights/multilingual"}
"""Where the encoders of this package lie, each with its card and the table of its training."""

_TRAINING_PLOTS = {f"training-{name}": f"{folder}/training.csv" for name, folder in WEIGHTS.items()}
PLOTS = (*_COST_PLOTS, *_TRAINING_PLOTS, "quality")
"""Names of all plots, in the order in which the page shows them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of `report`."""
    parser.add_argument("--root", type=Path, default=ROOT, help="folder with README.md, docs and benchmarks")


def run(arguments: argparse.Namespace) -> None:
    """Write everything that is made from the results."""
    write_report(arguments.root)


def write_report(root: Path) -> None:
    """Write plots, page and README under a folder that is laid out as the repository."""
    results = root / "benchmarks" / "results"
    plots = results / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    drawn = plots_of(_lines(results / "quality.jsonl"), _lines(results / "cost.jsonl"), root)
    for old in plots.glob("*.svg"):
        old.unlink()
    for name, picture in drawn.items():
        (plots / f"{name}.svg").write_text(picture, encoding="utf-8")
    page = root / "docs" / "benchmarks.md"
    _rewrite(page, page_parts(root, shown=drawn))
    _rewrite(root / "README.md", {"measured": measured(root)})
    for card, part in cards(root).items():
        _rewrite(card, {"judging": part})


def cards(root: Path = ROOT) -> dict[Path, str]:
    """Return the generated part of each model card that is there."""
    judged = _lines(root / "benchmarks" / "results" / "judging.jsonl")
    paths = {name: root / folder / "README.md" for name, folder in WEIGHTS.items()}
    return {
        path: judging_table([line for line in judged if line["encoder"] == name])
        for name, path in paths.items()
        if path.exists()
    }


def measured(root: Path = ROOT) -> str:
    """Return the README's part."""
    results = root / "benchmarks" / "results"
    return readme_part(_lines(results / "quality.jsonl"), _lines(results / "time.jsonl"))


def page_parts(root: Path = ROOT, *, shown: Iterable[str]) -> dict[str, str]:
    """Return the generated parts of docs/benchmarks.md by name, with a link to each of the plots shown."""
    results = root / "benchmarks" / "results"
    quality, cost = _lines(results / "quality.jsonl"), _lines(results / "cost.jsonl")
    links = {name: f"![{name}](../benchmarks/results/plots/{name}.svg)" for name in shown}
    return {
        "systems": systems_table(find_systems().values()),
        "behind": behind_table(quality),
        "quality-results": _joined(links.get("quality"), quality_tables(quality)),
        "ablation": ablation_table(quality),
        "reader-results": reader_table(_lines(results / "reader.jsonl")),
        "time-results": time_tables(_lines(results / "time.jsonl")),
        "cost-results": _joined(*(links.get(name) for name in _COST_PLOTS), cost_table(cost)),
        "levers": lever_table(_lines(results / "levers.jsonl")),
        "judging": _joined(
            *(links.get(name) for name in _TRAINING_PLOTS), judging_table(_lines(results / "judging.jsonl"))
        ),
        "recovery": recovery_table(_lines(results / "recovery.jsonl")),
        "fusion": fusion_table(_lines(results / "fusion.jsonl")),
        "not-run": not_run_table(_reasons(root / "benchmarks")),
    }


def plots_of(quality: Sequence[Line], cost: Sequence[Line], root: Path) -> dict[str, str]:
    """Return the SVG of each plot for which there are figures."""
    panels = {"quality": quality_panels(quality)}
    panels |= {name: training_panels(root / table) for name, table in _TRAINING_PLOTS.items()}
    for name, (value, unit) in _COST_PLOTS.items():
        panels[name] = cost_panels(cost, value, unit)
    return {name: draw(some) for name, some in panels.items() if some}


def quality_panels(lines: Sequence[Line]) -> list[Panel]:
    """One panel per set: the main measure against the rate that each system really had, Lingua first."""
    compared = [line for line in lines if line["system"] == OURS or is_rival(line)]
    labels = dict.fromkeys(line["label"] for line in sorted(compared, key=lambda line: _ours_first(line["system"])))
    panels = []
    for name in sets_of(compared):
        measure = main_measure(compared, name)
        chosen = [line for line in compared if line["set"] == name and measure and mean(line, measure) is not None]
        curves = tuple(
            PlotLine(label, _rate_points([line for line in chosen if line["label"] == label], str(measure)))
            for label in labels
            if any(line["label"] == label for line in chosen)
        )
        if curves:
            panels.append(Panel(name, "rate", WORDS[str(measure)], curves, y_range=(0.0, 1.0)))
    return panels


def _rate_points(lines: Sequence[Line], measure: str) -> tuple[Point, ...]:
    points = []
    for line in lines:
        value, rate = line["measures"][measure], mean(line, "rate")
        points.append(Point(line["rate"] if rate is None else rate, value["mean"], value["low"], value["high"]))
    return tuple(sorted(points, key=lambda point: point.x))


def cost_panels(lines: Sequence[Line], value: str, unit: float) -> list[Panel]:
    """One log-log panel per thing that grows."""
    panels = []
    for axis in sorted({line["axis"] for line in lines}):
        curves = []
        for line in sorted(
            (line for line in lines if line["axis"] == axis), key=lambda line: _ours_first(line["system"])
        ):
            points = [Point(p["x"], p[value] / unit) for p in line["points"] if p.get(value) and p["x"] > 0]
            if points:
                curves.append(PlotLine(line["system"], tuple(sorted(points, key=lambda point: point.x))))
        if curves:
            label = "seconds" if value == "seconds" else "peak memory, MiB"
            panels.append(Panel(axis.replace("_", " "), axis.replace("_", " "), label, tuple(curves), log=True))
    return panels


def _lines(path: Path) -> list[Line]:
    return list(read_lines(path))


def _ours_first(system: str) -> tuple[bool, str]:
    return system != OURS, system


def _reasons(benchmarks: Path) -> dict[str, str]:
    """Why peers do not run: what was found by hand, and what failed when their environments were built."""
    by_hand = benchmarks / "peers" / "not_run.json"
    reasons: dict[str, str] = json.loads(by_hand.read_text(encoding="utf-8")) if by_hand.exists() else {}
    outcomes = _lines(benchmarks / "results" / "peers.jsonl")
    return reasons | {line["peer"]: line["reason"] for line in outcomes if not line["built"]}


def _joined(*parts: str | None) -> str:
    return "\n\n".join(part for part in parts if part)


def _rewrite(path: Path, parts: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = replaced(text, name, part)
    path.write_text(text, encoding="utf-8")
