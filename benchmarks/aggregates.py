"""From answers to the lines of `results/quality.jsonl`: means over questions, and differences to Lingua.

The file holds the last run only: one line for each system, set and rate, all made by the same engine on one split.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measures import COMPARED, Measures, measure
from benchmarks.records import Answers, Record, read_lines, write_lines
from benchmarks.sets import Question
from benchmarks.systems import System
from lingua_shared.evaluation.statistics import mean_interval, paired_difference

_DIGITS = 4
Line = dict[str, Any]


def collect(
    answers: Answers, code: str, set_name: str, questions: Sequence[Question], rate: float, seed: int
) -> list[Record]:
    """Return a system's answers to these questions, each with its measures and the language of its question."""
    found = []
    for question in questions:
        record = answers.get((set_name, question.id, rate, seed), code)
        if record:
            found.append({**record, "language": question.language, "measures": _measures(question, record)})
    return found


def _measures(question: Question, record: Record) -> Measures:
    return {} if "error" in record else measure(question, record["text"], record["ranking"], record["rate"])


def aggregate(set_name: str, system: System, records: Sequence[Record], ours: Sequence[Record]) -> Line:
    """Return the line of a system on a set at a rate, without the circumstances of the run.

    Args:
        set_name: Name of the set.
        system: The system.
        records: Its answers with their measures, at least one, all at one rate.
        ours: Answers at the same rate of the system that it is compared with; none for that system itself.
    """
    answered = [record for record in records if "error" not in record]
    seconds = [record["seconds"] for record in answered if record["seconds"] is not None]
    peaks = [record["peak_bytes"] for record in answered if record["peak_bytes"] is not None]
    return {
        "set": set_name,
        "system": system.name,
        "label": system.label,
        "rate": records[0]["rate"],
        "n": len(answered),
        "errors": len(records) - len(answered),
        "seed": records[0]["seed"],
        "measures": _means(answered),
        "paired": _paired(answered, ours),
        "languages": _by_language(answered),
        "seconds_median": round(statistics.median(seconds), _DIGITS) if seconds else None,
        "peak_bytes_max": max(peaks, default=None),
        "code": records[0]["code"],
    }


def _means(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    return {name: mean_interval(values).as_line() for name, values in _values(records).items()}


def _paired(answered: Sequence[Record], ours: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Return Lingua's mean minus the system's for each compared measure, on the questions that both answered."""
    paired = {}
    for name in COMPARED:
        difference = paired_difference(_by_question(ours, name), _by_question(answered, name))
        if difference:
            paired[name] = difference.as_line("difference")
    return paired


def _by_language(records: Sequence[Record]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the compared measures for each language, where questions name theirs."""
    languages = sorted({record["language"] for record in records if record["language"]})
    means = {language: _means([r for r in records if r["language"] == language]) for language in languages}
    return {language: {name: found[name] for name in COMPARED if name in found} for language, found in means.items()}


def _values(records: Sequence[Record]) -> dict[str, list[float]]:
    """Return the values of each measure that any of the records has."""
    values: dict[str, list[float]] = {}
    for record in records:
        for name, value in record["measures"].items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return values


def _by_question(records: Iterable[Record], name: str) -> dict[str, float]:
    values = {record["id"]: record["measures"].get(name) for record in records}
    return {question: value for question, value in values.items() if value is not None}


def read_aggregates(path: Path) -> dict[tuple[str, str, float], Line]:
    """Read the lines by set, system and rate."""
    return {_place(line): line for line in read_lines(path)}


def write_aggregates(path: Path, lines: Sequence[Line]) -> None:
    """Add lines to the file. Lines that they replace, and lines of another engine or split, are dropped."""
    if not lines:
        return
    runs = {_run(line) for line in lines}
    kept = {place: line for place, line in read_aggregates(path).items() if _run(line) in runs}
    merged = kept | {_place(line): line for line in lines}
    write_lines(path, [merged[place] for place in sorted(merged)])


def _place(line: Mapping[str, Any]) -> tuple[str, str, float]:
    return line["set"], line["system"], line["rate"]


def _run(line: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return line.get("engine"), line.get("split")
