"""The tables of recovery, from the lines of `results/recovery.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, circumstances, table

OURS = "lingua"
GROUPS = ("all", "rate", "kept words", "made by", "set")
"""By what damaged quotations are sorted, in the order of the table."""


def recovery_table(lines: Sequence[Line]) -> str:
    """Right answers changed, damaged quotations restored, why others were not, a reader's answers, and time."""
    if not lines:
        return NOTHING
    parts = [
        "Right answers changed:",
        _changed(_of(lines, "right answers")),
        "Damaged quotations restored, by where the quotation stands in the answer:",
        _restored(_of(lines, "damaged quotations")),
        "Why Lingua left the others:",
        _left(_of(lines, "not restored")),
        "Answers of a small reader before and after:",
        _read([line for line in lines if line["measure"].startswith("reader_")]),
        "Time; a pass is one look for sentences and words over the text:",
        _time(_of(lines, "time")),
        "\n".join(circumstances(lines)),
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
            shares = [f"{cell['restored']:.3f}" if cell else "" for cell in cells]
            rows.append([value if group == "all" else f"{group}: {value}", number, *shares])
    return table(["quotations", "number", *(f"{system}, {form}" for system in systems for form in forms)], rows)


def _left(lines: Sequence[Line]) -> str:
    rows = [[line["form"], line["reason"], str(line["n"])] for line in lines if line["system"] == OURS]
    return table(["quotation", "reason", "number"], rows)


def _read(lines: Sequence[Line]) -> str:
    rows = [
        [
            line["set"],
            line["measure"].removeprefix("reader_"),
            str(line["n"]),
            str(line["changed"]),
            f"{line['before']:.3f}",
            f"{line['after']:.3f}",
        ]
        for line in lines
    ]
    return table(["set", "measure", "answers", "changed", "before", "after"], rows)


def _time(lines: Sequence[Line]) -> str:
    head = ["characters of sources", "of the answer", "a pass, ms", "index, ms", "answer, ms", "both, in passes"]
    names = ("context", "answer", "pass_ms", "index_ms", "answer_ms", "passes")
    return table(head, [[f"{line[name]:,g}" for name in names] for line in lines])
