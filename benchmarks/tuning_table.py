"""The table of tuned constants, from the lines of `results/tuning.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, measured_with, table


def tuning_table(lines: Sequence[Line]) -> str:
    """Return for each constant the value in use, the proposed one, and what it changes on both halves."""
    if not lines:
        return NOTHING
    head = ["constant", "in use", "proposed", "choosing half", "confirming half", "adopted", "answers kept by value"]
    *constants, together = lines
    rows = [
        [
            line["constant"],
            f"{line['current']:g}",
            f"{line['proposed']:g}" if line["proposed"] != line["current"] else "the same",
            _difference(line["choosing"]),
            _difference(line["confirming"]),
            "yes" if line["adopted"] else "no",
            ", ".join(f"{value}: {score:.3f}" for value, score in line["scores"].items()),
        ]
        for line in constants
    ]
    return "\n\n".join([table(head, rows), _together(together), measured_with(lines)])


def _together(line: Line) -> str:
    choosing, confirming = line["before"]
    said = f"The values in use keep {choosing:.3f} of the answers on the choosing half, {confirming:.3f} on the other"
    if not line["proposed"]:
        return f"{said}; no value was confirmed that keeps more."
    changes = f"{_difference(line['choosing'])} and {_difference(line['confirming'])}"
    return f"{said}; all adopted values together change this by {changes}."


def _difference(found: Line | None) -> str:
    return "{difference:+.3f} [{low:+.3f}, {high:+.3f}] of {n}".format(**found) if found else ""
