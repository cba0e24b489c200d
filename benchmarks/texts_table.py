"""The table of what stays without a question, from `results/texts.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, WORDS, Line, main_measure, mean, measured_with, table
from benchmarks.texts import CLASSIFIER

_OVER = 0.02
"""How far above the rate a system may be before the table says what it kept."""

_TEXTS = {
    "squad-texts": "SQuAD passages",
    "hotpotqa-texts": "HotpotQA passages",
    "covidqa-texts": "COVID-QA articles",
    "qmsum-texts": "QMSum meetings",
}


def texts_table(lines: Sequence[Line]) -> str:
    """Return for each kind of text and system what it keeps at each rate, and the interval of the classifier's lead."""
    if not lines:
        return NOTHING
    rates = sorted({line["rate"] for line in lines}, reverse=True)
    head = ["texts", "measure", "what chooses", "texts read", *(f"{1 / rate:.2g}x" for rate in rates)]
    rows = [row for name, title in _TEXTS.items() for row in _rows(title, lines, name, rates)]
    return f"{table(head, rows)}\n\n{measured_with(lines)}"


def _rows(title: str, lines: Sequence[Line], name: str, rates: Sequence[float]) -> list[list[str]]:
    of_set = [line for line in lines if line["set"] == name]
    measure = main_measure(of_set, name)
    if measure is None:
        return []
    systems = sorted({line["system"] for line in of_set}, key=lambda system: (system != CLASSIFIER, system))
    rows = []
    for system in systems:
        found = {line["rate"]: line for line in of_set if line["system"] == system}
        first = next(iter(found.values()))
        cells = [_cell(found[rate], measure) if rate in found else "" for rate in rates]
        rows.append([title, WORDS[measure], first["label"], str(first["n"]), *cells])
    return rows


def _cell(line: Line, measure: str) -> str:
    value, reached, lead = mean(line, measure), mean(line, "rate"), line["paired"].get(measure)
    shown = "" if value is None else f"{value:.2f}"
    if lead is not None:
        shown += f" ({lead['low']:+.2f} to {lead['high']:+.2f})"
    if reached is not None and reached > line["rate"] + _OVER:
        shown += f", kept {reached:.2f} of the tokens"
    return shown
