"""Lingua against the others, for the README: the short tables, the times, and where Lingua is behind.

Pure functions over the lines of `results/*.jsonl`. What is bad for Lingua is found by rule, not chosen by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed_tables import time_sentences
from benchmarks.systems import OURS
from benchmarks.tables import (
    MAIN_MEASURES,
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
"""Systems of this ending rank whole passages by one signal and cut."""


PAPER = f"{OURS}:longllmlingua"
"""Lingua with the paper's way of ranking instead of the encoder."""


@dataclass(frozen=True)
class Deficit:
    """One comparison that Lingua does not win: the mean of Lingua minus the other's, on the same questions.

    `settled` says that the interval of the difference lies below 0; else the sample does not tell.
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
    """Every set, rate and measure where a rival's mean is above Lingua's; the largest differences first."""
    found = [
        _deficit(line, measure) for line, measure in _comparisons(lines) if _paired(line, measure)["difference"] < 0
    ]
    return sorted(found, key=lambda d: (not d.settled, d.difference, d.set_name, d.rate, d.measure, d.label))


def comparisons(lines: Sequence[Line]) -> int:
    """Return how many comparisons there are."""
    return len(_comparisons(lines))


def _comparisons(lines: Sequence[Line]) -> list[tuple[Line, str]]:
    return [
        (line, measure)
        for line in lines
        if is_rival(line)
        for measure in MAIN_MEASURES
        if (line.get("paired") or {}).get(measure, {}).get("difference") is not None
    ]


def _paired(line: Line, measure: str) -> Line:
    paired: Line = line["paired"][measure]
    return paired


def _deficit(line: Line, measure: str) -> Deficit:
    paired = _paired(line, measure)
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
    """All deficits, with how sure they are and which rate the rival really had."""
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
    total, found = comparisons(lines), deficits(lines)
    if not total:
        return "There is no comparison yet."
    settled = sum(d.settled for d in found)
    return (
        f"Lingua is behind in {settled} of {total} comparisons with an interval that leaves out 0, and in "
        f"{len(found) - settled} more on the mean alone, where the sample does not tell."
    )


def behind_list(lines: Sequence[Line]) -> str:
    """The settled deficits, one line per system and measure, and for the others how many there are per system."""
    found = deficits(lines)
    settled, open_ones = ([d for d in found if d.settled is wanted] for wanted in (True, False))
    rows = [count_sentence(lines), ""]
    for label, measure in sorted({(d.label, d.measure) for d in settled}):
        places = "; ".join(_place(d) for d in settled if (d.label, d.measure) == (label, measure))
        rows.append(f"- **{label}**, {WORDS[measure]}: {places}.")
    for label in sorted({d.label for d in open_ones}):
        named = sorted(f"{d.set_name} at {d.rate:g} ({WORDS[d.measure]})" for d in open_ones if d.label == label)
        rows.append(f"- On the mean alone, **{label}**: {'; '.join(named)}.")
    return "\n".join(rows).rstrip()


def _place(deficit: Deficit) -> str:
    interval = f"{deficit.difference:+.2f} [{deficit.low:+.2f}, {deficit.high:+.2f}]"
    return f"{deficit.set_name} at {deficit.rate:g} ({interval})"


def main_table(lines: Sequence[Line]) -> str:
    """Lingua, llmlingua and the best of the systems that rank and cut, by each set's main measure at the main rate."""
    at_rate = [line for line in lines if line["rate"] == MAIN_RATE]
    head = [
        "set",
        "measure",
        "questions",
        "Lingua",
        "llmlingua",
        "Lingua minus llmlingua",
        "their rates",
        "our LongLLMLingua",
        "best of rank and cut",
    ]
    rows = []
    for name in sets_of(at_rate):
        measure = main_measure(at_rate, name)
        systems = {line["system"]: line for line in at_rate if line["set"] == name}
        if measure is None or OURS not in systems:
            continue
        ours, peer = systems[OURS], systems.get(PEER)
        own = [name, WORDS[measure], str(ours["n"]), figure(ours["measures"].get(measure))]
        rates = " and ".join(plain(mean(line, "rate"), 3) for line in (ours, peer) if line)
        theirs = [figure(peer["measures"].get(measure)), lead(peer, measure), rates] if peer else ["", "", rates]
        paper = systems.get(PAPER)
        rows.append(
            [
                *own,
                *theirs,
                figure(paper["measures"].get(measure) if paper else None),
                _best_cutter(list(systems.values()), measure),
            ]
        )
    return table(head, rows) if rows else ""


def _best_cutter(lines: Sequence[Line], measure: str) -> str:
    """The one with the highest mean, which favours it: it is chosen after the fact."""
    cutters = [line for line in lines if line["system"].endswith(CUTTER) and mean(line, measure) is not None]
    if not cutters:
        return ""
    best = max(cutters, key=lambda line: (line["measures"][measure]["mean"], line["system"]))
    return f"{figure(best['measures'][measure])} ({best['label']})"


def readme_part(quality: Sequence[Line], times: Sequence[Line]) -> str:
    """The README's measured figures; what has not been measured is left out."""
    page = "[docs/benchmarks.md](docs/benchmarks.md)"
    table_of_all, sentences = main_table(quality), time_sentences(times)
    parts = [f"How this is measured, all systems, all rates and what it does not show: {page}."]
    if not table_of_all and not sentences:
        return "\n".join([*parts, "", NOTHING])
    if table_of_all:
        peer = next((line["label"] for line in quality if line["system"] == PEER), PEER)
        parts += [
            "",
            f"At a rate of {MAIN_RATE:g}, with 95 % bootstrap intervals. {peer} runs with the LongLLMLingua settings "
            "of its own notebook; our LongLLMLingua ranks with the same small model. The last column is the best of "
            "those that only rank whole "
            "passages and cut, chosen after the fact.",
            "",
            table_of_all,
        ]
    if sentences:
        parts += ["", "Time, systems in turn in one run on one machine; the median over questions, and the range:", ""]
        parts += sentences
    if table_of_all:
        parts += ["", "### Where Lingua is behind", "", "Generated, at all rates, from paired differences.", ""]
        parts.append(behind_list(quality))
    parts += ["", "```console", "$ make bench DATA=FOLDER", "```"]
    return "\n".join(parts)
