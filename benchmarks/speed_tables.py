"""Tables and sentences about seconds and memory, from `results/time.jsonl`, `cost.jsonl` and `ablations.jsonl`."""

from collections.abc import Sequence

from benchmarks.systems import OURS
from benchmarks.tables import NOTHING, Line, measured_with, mebibytes, plain, table


def time_tables(lines: Sequence[Line]) -> str:
    """Return the seconds of all systems that ran in turn, and their ratios, one table per run."""
    parts = [part for line in lines for part in (f"**{_run(line)}**", _time_table(line), *_again(line))]
    return "\n\n".join([*parts, measured_with(lines)]) if lines else NOTHING


def _time_table(line: Line) -> str:
    head = ["system", "seconds, median", f"{line['reference']}'s time divided by its time", "MiB", "errors"]
    rows = [_time_row(name, system, line["ratios"].get(name)) for name, system in _by_speed(line)]
    second = line.get("second_question")
    if second:
        rows.append(_time_row(f"{second['system']}, a second question", second, None))
    return table(head, rows)


def _time_row(name: str, system: Line, ratio: Line | None) -> list[str]:
    taken = system["median_seconds"]
    seconds = "" if taken is None else f"{taken:.2f} [{system['low']:.2f}, {system['high']:.2f}]"
    return [name, seconds, _ratio(ratio), mebibytes(system.get("peak_bytes")), str(system.get("errors") or "")]


def _again(line: Line) -> list[str]:
    second = line.get("second_question")
    if not second or not second["ratio"]:
        return []
    return [f"The first question takes {_ratio(second['ratio'])} times as long as a second one on the same passages."]


def _by_speed(line: Line) -> list[tuple[str, Line]]:
    """Return systems with the fastest first, those without a time last."""
    return sorted(line["systems"].items(), key=lambda item: (item[1]["median_seconds"] or float("inf"), item[0]))


def _ratio(ratio: Line | None) -> str:
    return "{median:.1f} ({smallest:.1f} to {largest:.1f})".format(**ratio) if ratio else ""


def _run(line: Line) -> str:
    return f"{line['set']} at {line['rate']:g}, {line['n']} questions ({line['machine']})"


def time_sentences(lines: Sequence[Line]) -> list[str]:
    """Return one sentence per run that has both Lingua and its reference, with the systems faster than Lingua."""
    return [f"{_against_reference(line)}{_faster(line)}" for line in lines if line["ratios"].get(OURS)]


def _against_reference(line: Line) -> str:
    ratio, systems, reference = line["ratios"][OURS], line["systems"], line["reference"]
    return (
        f"Time, {_run(line)}: Lingua {systems[OURS]['median_seconds']:.2f} s a question, {reference} "
        f"{systems[reference]['median_seconds']:.1f} s, **{ratio['median']:.0f} times** as long "
        f"({ratio['smallest']:.0f} to {ratio['largest']:.0f})."
    )


def _faster(line: Line) -> str:
    own = line["systems"][OURS]["median_seconds"]
    faster = [
        f"{name} ({system['median_seconds']:.2f} s)" for name, system in _by_speed(line) if _is_below(system, own)
    ]
    return f" Faster than Lingua: {', '.join(faster)}." if faster else ""


def _is_below(system: Line, seconds: float) -> bool:
    return system["median_seconds"] is not None and system["median_seconds"] < seconds


def cost_table(lines: Sequence[Line]) -> str:
    """Return how seconds and memory grow with each part of the input."""
    head = ["what grows", "system", "at", "seconds", "exponent", "MiB"]
    rows = []
    for line in sorted(lines, key=lambda line: (line["axis"], line["system"] != OURS, line["system"])):
        points = sorted(line["points"], key=lambda point: point["x"])
        columns = [
            [f"{point['x']:g}" for point in points],
            [plain(point.get("seconds"), 2) for point in points],
            [mebibytes(point.get("peak_bytes")) for point in points],
        ]
        at, seconds, memory = (", ".join(filter(None, column)) for column in columns)
        axis = line["axis"].replace("_", " ")
        rows.append([axis, line["system"], at, seconds, plain(line.get("exponent"), 2), memory])
    return "\n\n".join([table(head, rows), measured_with(lines)]) if rows else NOTHING


def ablation_table(lines: Sequence[Line]) -> str:
    """Return what each optimisation is worth."""
    head = ["optimisation", "seconds with it", "without", "ratio"]
    rows = [
        [line["ablation"], plain(line["with"], 3), plain(line["without"], 3), plain(line["ratio"], 2)] for line in lines
    ]
    return "\n\n".join([table(head, rows), measured_with(lines)]) if rows else NOTHING
