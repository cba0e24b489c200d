"""From records to the lines of `results/quality.jsonl`: means over questions, and differences to our own system.

A line stands for a set, a system and a rate, and is replaced only by a newer one of the same three.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.asking import measured
from benchmarks.records import Record, Store, key_of, read_lines, write_lines
from benchmarks.sets import Question
from benchmarks.statistics import Interval, mean_interval, paired_difference
from benchmarks.systems import OURS, System

_DIGITS = 4
Line = dict[str, Any]


def collect(
    store: Store, code: str, set_name: str, questions: Sequence[Question], rate: float, seed: int
) -> list[Record]:
    """Return what is on record of a system's answers to these questions, measured anew where their texts are there."""
    found = []
    for question in questions:
        key = (set_name, question.id, rate, seed)
        text = store.texts.get(key, code)
        record = measured(question, text) if text else store.questions.get(key, code)
        if record:
            found.append(record)
    return found


def update(store: Store, records: Iterable[Record]) -> None:
    """Put records in the place of those of their keys, and write the system's file in order."""
    merged = {key_of(record): record for record in [*store.questions.all(), *records]}
    store.questions.replace_all(merged.values())


def aggregate(set_name: str, system: System, records: Sequence[Record], ours: Sequence[Record]) -> Line:
    """Return the line of a system on a set at a rate, but for the circumstances.

    Args:
        set_name: the set.
        system: the system.
        records: its records, at least one, all at one rate.
        ours: records of our own system at the same rate.
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
        "measures": {name: _named(mean_interval(v), "mean") for name, v in _values(answered).items()},
        "paired": _paired(answered, ours) if system.name != OURS else {},
        "seconds_median": round(statistics.median(seconds), _DIGITS) if seconds else None,
        "peak_bytes_max": max(peaks, default=None),
        "code": records[0]["code"],
    }


def _paired(answered: Sequence[Record], ours: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Ours minus the system's, for each measure, on the questions that both answered."""
    paired = {}
    for name in _values(answered):
        difference = paired_difference(_by_question(ours, name), _by_question(answered, name))
        if difference:
            paired[name] = _named(difference, "difference")
    return paired


def _values(records: Sequence[Record]) -> dict[str, list[float]]:
    """The values of each measure that any of the records has."""
    values: dict[str, list[float]] = {}
    for record in records:
        for name, value in record["measures"].items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return values


def _by_question(records: Iterable[Record], name: str) -> dict[str, float]:
    values = {record["id"]: record["measures"].get(name) for record in records}
    return {question: value for question, value in values.items() if value is not None}


def _named(interval: Interval, name: str) -> dict[str, float]:
    return {
        name: round(interval.estimate, _DIGITS),
        "low": round(interval.low, _DIGITS),
        "high": round(interval.high, _DIGITS),
        "n": interval.n,
    }


def read_aggregates(path: Path) -> dict[tuple[str, str, float], Line]:
    """Read the lines by set, system and rate."""
    return {_place(line): line for line in read_lines(path)}


def write_aggregates(path: Path, lines: Iterable[Line]) -> None:
    """Put lines in the place of those of their set, system and rate, and write all in order."""
    merged = read_aggregates(path) | {_place(line): line for line in lines}
    write_lines(path, [merged[place] for place in sorted(merged)])


def _place(line: Mapping[str, Any]) -> tuple[str, str, float]:
    return line["set"], line["system"], line["rate"]
