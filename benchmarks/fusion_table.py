"""The table of mixes of ranking signals, from the lines of `results/fusion.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, measured_with, table

_MEASURE = "mrr"


def fusion_table(lines: Sequence[Line]) -> str:
    """Return the mean reciprocal rank of the first gold passage with each mix of signals, set by set."""
    if not lines:
        return NOTHING
    sets = list(lines[0]["sets"])
    head = ["mix", "weights", *sets, "mean of the sets"]
    return "\n\n".join([table(head, [_row(line, sets) for line in lines]), measured_with(lines)])


def _row(line: Line, sets: Sequence[str]) -> list[str]:
    figures = [line["sets"][name][_MEASURE] for name in sets]
    weights = ", ".join(f"{name} {value:g}" for name, value in line["weights"].items())
    cells = ["{mean:.2f} [{low:.2f}, {high:.2f}]".format(**figure) for figure in figures]
    return [line["mix"], weights, *cells, f"{sum(figure['mean'] for figure in figures) / len(figures):.3f}"]
