"""Lingua against the other systems: the README's table, and where Lingua is behind.

What is bad for Lingua is found by rule, not chosen by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measures import COMPARED
from benchmarks.speed_tables import time_sentences
from benchmarks.systems import OURS
from benchmarks.tables import (
    MAIN_RATE,
    NOTHING,
    PEER,
    WORDS,
    Line,
    figure,
    is_rival,
    lead,
    main_measure,
    mean,
    plain,
    sets_of,
    table,
)

CUTTER = "_truncate"
"""Systems whose names end so rank whole passages by one signal and cut."""

_FEWEST = 30
"""Questions of a set in the README's table, at least."""


@dataclass(frozen=True)
class Deficit:
    """One comparison in which Lingua's mean is below another system's on the same questions.

    Attributes:
        set_name: Name of the set.
        rate: The rate that was asked for.
        measure: Name of the measure.
        label: The other system.
        difference: Lingua's mean minus the other's.
        low: Lower end of its interval.
        high: Upper end of its interval.
        questions: Number of questions that both answered.
        settled: Whether the whole interval lies below 0.
        rival_rate: The rate that the other system reached.
    """

    set_name: str
    rate: float
    measure: str
    label: str
    difference: float
    low: float
    high: float
    questions: int
    settled: bool
    rival_rate: float | None


def deficits(lines: Sequence[Line]) -> list[Deficit]:
    """Return every set, rate and measure where another system's mean is above Lingua's, the largest first."""
    found = [_deficit(line, measure) for line, measure in _comparisons(lines)]
    behind = [deficit for deficit in found if deficit.difference < 0]
    return sorted(behind, key=lambda d: (not d.settled, d.difference, d.set_name, d.rate, d.measure, d.label))


def _comparisons(lines: Sequence[Line]) -> list[tuple[Line, str]]:
    return [
        (line, measure)
        for line in lines
        if is_rival(line)
        for measure in COMPARED
        if (line.get("paired") or {}).get(measure, {}).get("difference") is not None
    ]


def _deficit(line: Line, measure: str) -> Deficit:
    paired = line["paired"][measure]
    return Deficit(
        set_name=line["set"],
        rate=line["rate"],
        measure=measure,
        label=line["label"],
        difference=paired["difference"],
        low=paired["low"],
        high=paired["high"],
        questions=paired["n"],
        settled=paired["high"] < 0,
        rival_rate=mean(line, "rate"),
    )


def behind_table(lines: Sequence[Line]) -> str:
    """Return all deficits, with how sure they are and which rate the other system reached."""
    found = deficits(lines)
    if not found:
        return count_sentence(lines)
    head = ["set", "asked", "measure", "system", "Lingua minus it", "questions", "its rate", "interval below 0"]
    rows = [
        [
            d.set_name,
            f"{d.rate:g}",
            WORDS[d.measure],
            d.label,
            f"{d.difference:+.3f} [{d.low:+.3f}, {d.high:+.3f}]",
            str(d.questions),
            plain(d.rival_rate, 3),
            "yes" if d.settled else "no",
        ]
        for d in found
    ]
    return "\n".join([count_sentence(lines), "", table(head, rows)])


def count_sentence(lines: Sequence[Line]) -> str:
    """Say in how many of how many comparisons Lingua is behind."""
    total, found = len(_comparisons(lines)), deficits(lines)
    if not total:
        return "There is no comparison yet."
    settled = sum(d.settled for d in found)
    return (
        f"Lingua is behind in {settled} of {total} comparisons with an interval that leaves out 0, and in "
        f"{len(found) - settled} more by the mean alone."
    )


def main_table(lines: Sequence[Line]) -> str:
    """Return Lingua, llmlingua and the best system that ranks and cuts, by each set's main measure at the main rate.

    Sets of too few questions are left out; the full tables have them.
    """
    at_rate = [line for line in lines if line["rate"] == MAIN_RATE]
    head = [
        "set",
        "measure",
        "questions",
        "Lingua",
        "llmlingua 0.2.2",
        "Lingua minus llmlingua",
        "best of rank and cut",
    ]
    rows = []
    for name in sets_of(at_rate):
        measure = main_measure(at_rate, name)
        systems = {line["system"]: line for line in at_rate if line["set"] == name}
        if measure is None or OURS not in systems or systems[OURS]["n"] < _FEWEST:
            continue
        ours, peer = systems[OURS]["measures"].get(measure), systems.get(PEER)
        theirs = [figure(peer["measures"].get(measure)), lead(peer, measure)] if peer else ["", ""]
        number = str(ours["n"]) if ours else ""
        rows.append([name, WORDS[measure], number, figure(ours), *theirs, _best_cutter(at_rate, name, measure)])
    return table(head, rows) if rows else ""


def _best_cutter(lines: Sequence[Line], name: str, measure: str) -> str:
    """Return the one with the highest mean, which favours it: it is chosen after the fact."""
    cutters = [line for line in lines if line["set"] == name and line["system"].endswith(CUTTER)]
    measured = [line for line in cutters if mean(line, measure) is not None]
    if not measured:
        return ""
    best = max(measured, key=lambda line: (line["measures"][measure]["mean"], line["system"]))
    return f"{figure(best['measures'][measure])} ({best['label']})"


def readme_part(quality: Sequence[Line], times: Sequence[Line]) -> str:
    """Return the measured part of the README; what has not been measured is left out."""
    table_of_all, sentences = main_table(quality), time_sentences(times)
    if not table_of_all and not sentences:
        return NOTHING
    caption = f"At `rate={MAIN_RATE:g}`, with 95 % intervals:" if table_of_all else ""
    parts = [caption, table_of_all, *sentences]
    if table_of_all:
        parts.append(count_sentence(quality))
    return "\n\n".join(part for part in parts if part)
