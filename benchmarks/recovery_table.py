"""The tables of recovery, from the lines of `results/recovery.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, figure, measured_with, table

OURS = "lingua"
GROUPS = ("all", "rate", "kept words", "made by", "set")
"""Groups of damaged quotations, in the order of the table."""


def recovery_table(lines: Sequence[Line]) -> str:
    """Return the tables of right answers, of damaged quotations, of why some were not restored, and of time."""
    if not lines:
        return NOTHING
    parts = [
        "Right answers that were changed (fewer is better):",
        _changed(_of(lines, "right answers")),
        "Share of damaged quotations that were restored exactly, by where the quotation stands in the answer:",
        _restored(_of(lines, "damaged quotations")),
        "Why Lingua left the others as they were:",
        _left(_of(lines, "not restored")),
        "Time. One pass is what splitting the text into sentences and words takes, which compression does once:",
        _time(_of(lines, "time")),
        measured_with(lines),
    ]
    return "\n\n".join(parts)


def _of(lines: Sequence[Line], measure: str) -> list[Line]:
    return [line for line in lines if line["measure"] == measure]


def _changed(lines: Sequence[Line]) -> str:
    systems = list(dict.fromkeys(line["system"] for line in lines))
    found = {(line["sort"], line["system"]): line for line in lines}
    sorts = dict.fromkeys(line["sort"] for line in lines)
    rows = [
        [sort, str(found[sort, systems[0]]["n"]), *(str(found[sort, system]["changed"]) for system in systems)]
        for sort in sorts
    ]
    return table(["answers", "number", *systems], rows)


def _restored(lines: Sequence[Line]) -> str:
    forms = list(dict.fromkeys(line["form"] for line in lines))
    systems = list(dict.fromkeys(line["system"] for line in lines))
    found = {(line["system"], line["form"], line["group"], line["value"]): line for line in lines}
    rows = []
    for group in GROUPS:
        for value in dict.fromkeys(line["value"] for line in lines if line["group"] == group):
            cells = [found.get((system, form, group, value)) for system in systems for form in forms]
            number = next(str(cell["n"]) for cell in cells if cell)
            shares = [figure(cell["restored"]) if cell else "" for cell in cells]
            rows.append([value if group == "all" else f"{group}: {value}", number, *shares])
    return table(["quotations", "number", *(f"{system}, {form}" for system in systems for form in forms)], rows)


def _left(lines: Sequence[Line]) -> str:
    rows = [[line["form"], line["reason"], str(line["n"])] for line in lines if line["system"] == OURS]
    return table(["quotation", "reason", "number"], rows)


def _time(lines: Sequence[Line]) -> str:
    head = ["characters of sources", "of the answer", "a pass, ms", "index, ms", "answer, ms", "both, in passes"]
    names = ("context", "answer", "pass_ms", "index_ms", "answer_ms", "passes")
    return table(head, [[f"{line[name]:,g}" for name in names] for line in lines])
