"""Write the plots, and the generated parts of README, docs and model cards, from `results/*.jsonl` and the code.

A second run changes nothing.
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.amount_table import amount_table
from benchmarks.comparison import behind_table, readme_part
from benchmarks.encoder_eval_table import encoder_eval_table
from benchmarks.generated import Part, write_parts
from benchmarks.plots import Line as PlotLine
from benchmarks.plots import Panel, Point, draw
from benchmarks.progress import say
from benchmarks.records import read_lines
from benchmarks.recovery_table import recovery_table
from benchmarks.reference_tables import (
    adapter_options_table,
    demo_output,
    methods_table,
    migration_table,
    options_table,
    prompt_options_table,
    rank_methods_table,
    rankers_table,
    recovery_options_table,
    sentence_scorers_table,
    token_scorers_table,
)
from benchmarks.speed_tables import ablation_table, cost_table, time_tables
from benchmarks.systems import OURS, find_systems
from benchmarks.tables import (
    WORDS,
    Line,
    is_rival,
    language_table,
    main_measure,
    mean,
    measured_with,
    not_run_table,
    quality_tables,
    rate_table,
    sets_of,
    systems_table,
)
from benchmarks.texts_table import texts_table
from benchmarks.training_plot import training_panels
from benchmarks.tuning_table import tuning_table

ROOT = Path(__file__).parents[1]
WEIGHTS = {"lingua-en": "lingua_shared/weights/en", "lingua-multilingual": "lingua_shared/weights/multilingual"}
"""Folders of the encoders of this package, each with its model card and the table of its training."""

_COST_PLOTS = {"cost-seconds": ("seconds", 1.0), "cost-memory": ("peak_bytes", 2.0**20)}
_TRAINING_PLOTS = {f"training-{name}": f"{folder}/training.csv" for name, folder in WEIGHTS.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--root", type=Path, default=ROOT, help="folder with README.md, docs and benchmarks")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo's output as it is, which needs models")


def run(arguments: argparse.Namespace) -> None:
    """Write everything that is made from the results and from the code."""
    write_plots(arguments.root)
    parts = parts_of(arguments.root)
    if not arguments.no_demo:
        parts["demo"] = lambda _page: demo_output()
    for page in write_parts(arguments.root, parts):
        say(f"{page.relative_to(arguments.root)} changed")


def write_plots(root: Path) -> None:
    """Draw the plots that there are figures for, and remove all others."""
    folder = _plot_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = plots_of(_lines(root, "quality"), _lines(root, "cost"), root)
    for old in folder.glob("*.svg"):
        if old.stem not in drawn:
            old.unlink()
    for name, picture in drawn.items():
        (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


def parts_of(root: Path = ROOT) -> dict[str, Part]:
    """Return every generated part by its name, but for the demo's output."""
    results = {name: _lines(root, name) for name in ("quality", "time", "cost", "encoder_eval", "recovery")}
    quality = results["quality"]
    written: dict[str, Callable[[], str]] = {
        "options": options_table,
        "adapter-options": adapter_options_table,
        "recovery-options": recovery_options_table,
        "prompt-options": prompt_options_table,
        "migration": migration_table,
        "rank-methods": rank_methods_table,
        "methods": methods_table,
        "rankers": rankers_table,
        "sentence-scorers": sentence_scorers_table,
        "token-scorers": token_scorers_table,
        "measured": lambda: readme_part(quality, results["time"]),
        "systems": lambda: systems_table(find_systems().values()),
        "not-run": lambda: not_run_table(_reasons(root / "benchmarks")),
        "rates": lambda: _with_source(rate_table, quality),
        "languages": lambda: language_table(quality),
        "quality": lambda: quality_tables(quality),
        "behind": lambda: behind_table(quality),
        "time": lambda: time_tables(results["time"]),
        "cost": lambda: cost_table(results["cost"]),
        "ablations": lambda: ablation_table(_lines(root, "ablations")),
        "encoder-eval": lambda: encoder_eval_table(results["encoder_eval"]),
        "recovery": lambda: recovery_table(results["recovery"]),
        "amount": lambda: amount_table(_lines(root, "amount")),
        "texts": lambda: texts_table(_lines(root, "texts")),
        "tuning": lambda: tuning_table(_lines(root, "tuning")),
    }
    for encoder in WEIGHTS:
        own = [line for line in results["encoder_eval"] if line["encoder"] == encoder]
        written[f"encoder-eval-{encoder}"] = partial(encoder_eval_table, own)
    parts: dict[str, Part] = {name: partial(_on_any_page, write) for name, write in written.items()}
    for plot in (*_COST_PLOTS, *_TRAINING_PLOTS, "quality"):
        parts[f"plot-{plot}"] = partial(_plot_link, root, plot)
    return parts


def _on_any_page(write: Callable[[], str], _page: Path) -> str:
    return write()


def _plot_link(root: Path, name: str, page: Path) -> str:
    """Return the link from a page to a plot, or nothing where the plot was not drawn."""
    path = _plot_folder(root) / f"{name}.svg"
    target = Path(os.path.relpath(path, page.parent)).as_posix()
    return f"![{name.replace('-', ' ')}]({target})" if path.exists() else ""


def _with_source(write: Callable[[Sequence[Line]], str], lines: Sequence[Line]) -> str:
    ours = [line for line in lines if line["system"] == OURS]
    return f"{write(ours)}\n\n{measured_with(ours)}" if ours else write(ours)


def plots_of(quality: Sequence[Line], cost: Sequence[Line], root: Path) -> dict[str, str]:
    """Return the SVG of each plot that there are figures for."""
    panels = {"quality": quality_panels(quality)}
    panels |= {name: training_panels(root / table) for name, table in _TRAINING_PLOTS.items()}
    for name, (value, unit) in _COST_PLOTS.items():
        panels[name] = cost_panels(cost, value, unit)
    return {name: draw(some) for name, some in panels.items() if some}


def quality_panels(lines: Sequence[Line]) -> list[Panel]:
    """Return one panel per set: the main measure against the rate that each system reached, Lingua first."""
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
            panels.append(Panel(name, "rate", WORDS[str(measure)], curves, y_range=(0.0, 1.02)))
    return panels


def _rate_points(lines: Sequence[Line], measure: str) -> tuple[Point, ...]:
    points = []
    for line in lines:
        value, rate = line["measures"][measure], mean(line, "rate")
        points.append(Point(line["rate"] if rate is None else rate, value["mean"], value["low"], value["high"]))
    return tuple(sorted(points, key=lambda point: point.x))


def cost_panels(lines: Sequence[Line], value: str, unit: float) -> list[Panel]:
    """Return one log-log panel for each part of the input that grows."""
    panels = []
    for axis in sorted({line["axis"] for line in lines}):
        own = sorted((line for line in lines if line["axis"] == axis), key=lambda line: _ours_first(line["system"]))
        curves = tuple(PlotLine(line["system"], points) for line in own if (points := _cost_points(line, value, unit)))
        if curves:
            label = "seconds" if value == "seconds" else "peak memory, MiB"
            panels.append(Panel(axis.replace("_", " "), axis.replace("_", " "), label, curves, log=True))
    return panels


def _cost_points(line: Line, value: str, unit: float) -> tuple[Point, ...]:
    points = [Point(point["x"], point[value] / unit) for point in line["points"] if point.get(value)]
    return tuple(sorted(points, key=lambda point: point.x))


def _lines(root: Path, name: str) -> list[Line]:
    return list(read_lines(root / "benchmarks" / "results" / f"{name}.jsonl"))


def _plot_folder(root: Path) -> Path:
    return root / "benchmarks" / "results" / "plots"


def _ours_first(system: str) -> tuple[bool, str]:
    return system != OURS, system


def _reasons(benchmarks: Path) -> dict[str, str]:
    """Return why systems do not run: known reasons, and what failed when their environments were built."""
    known = benchmarks / "peers" / "not_run.json"
    reasons: dict[str, str] = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
    outcomes: list[Mapping[str, str]] = list(read_lines(benchmarks / "results" / "peers.jsonl"))
    return reasons | {line["peer"]: line["reason"] for line in outcomes if not line["built"]}
