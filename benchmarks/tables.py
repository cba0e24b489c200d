"""Tables in Markdown, from the lines of `results/quality.jsonl` and from the descriptions of the systems."""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.measures import COMPARED
from benchmarks.systems import OURS, System

PEER = "llmlingua"
FRAME = ("full_prompt", "gold_only")
"""Upper bounds: nothing is cut, or the gold passages are known."""

SETS = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "multilingual", "qmsum", "qmsum-general")
"""Order of the sets in tables."""

MAIN_RATE = 0.25

WORDS = {
    "recall@1": "a gold passage first",
    "recall@5": "a gold passage among 5",
    "all_gold@5": "all gold passages among 5",
    "survival": "answer survives",
    "answers_kept": "answers kept",
    "evidence_kept": "evidence kept",
    "summary_words": "summary words kept",
    "rate": "rate reached",
    "words_cut": "words cut",
    "well_formed": "well formed",
}
_QUALITY = ("recall@1", "recall@5", "all_gold@5", *COMPARED, "well_formed")
_SPLITS = {"test": "test files", "dev": "development files"}
NOTHING = "Nothing has been measured yet."

Line = Mapping[str, Any]


def is_variant(line: Line) -> bool:
    """Tell whether a line is of Lingua with other options."""
    return str(line["system"]).startswith(f"{OURS}:")


def is_rival(line: Line) -> bool:
    """Tell whether a line is of a system of others: neither Lingua nor an upper bound."""
    return line["system"] != OURS and line["system"] not in FRAME and not is_variant(line)


def sets_of(lines: Iterable[Line]) -> list[str]:
    """Return the names of the sets in the order of `SETS`, others after them."""
    places = {name: place for place, name in enumerate(SETS)}
    return sorted({line["set"] for line in lines}, key=lambda name: (places.get(name, len(places)), name))


def main_measure(lines: Iterable[Line], name: str) -> str | None:
    """Return the measure by which systems are compared on a set; None if it has none of them."""
    present = {m for line in lines if line["set"] == name for m in COMPARED if mean(line, m) is not None}
    return next((measure for measure in COMPARED if measure in present), None)


def mean(line: Line, measure: str) -> float | None:
    """Return the mean of a measure; None if the line has none."""
    value: float | None = (line["measures"].get(measure) or {}).get("mean")
    return value


def rate_table(lines: Sequence[Line]) -> str:
    """Return Lingua's main measure by set and rate, highest rate first."""
    ours = [line for line in lines if line["system"] == OURS]
    rates = sorted({line["rate"] for line in ours}, reverse=True)
    rows = []
    for name in sets_of(ours):
        measure = main_measure(ours, name)
        found = {line["rate"]: line for line in ours if line["set"] == name}
        if measure:
            cells = [figure(found[rate]["measures"].get(measure)) if rate in found else "" for rate in rates]
            rows.append([name, WORDS[measure], _numbers(found.values(), measure), *cells])
    return table(["set", "measure", "questions", *(f"at {rate:g}" for rate in rates)], rows) if rows else NOTHING


def _numbers(lines: Iterable[Line], measure: str) -> str:
    """Return the number of questions that have a measure; a range where it differs."""
    numbers = sorted({line["measures"][measure]["n"] for line in lines if measure in line["measures"]})
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def language_table(lines: Sequence[Line]) -> str:
    """Return Lingua's survival by language and rate, for the sets that name the language of their questions."""
    ours = [line for line in lines if line["system"] == OURS and line.get("languages")]
    rates = sorted({line["rate"] for line in ours}, reverse=True)
    rows = []
    for name in sets_of(ours):
        found = {line["rate"]: line["languages"] for line in ours if line["set"] == name}
        for language in sorted({language for languages in found.values() for language in languages}):
            cells = [found.get(rate, {}).get(language, {}).get("survival") for rate in rates]
            number = next((str(cell["n"]) for cell in cells if cell), "")
            rows.append([name, language, number, *map(figure, cells)])
    return table(["set", "language", "questions", *(f"at {rate:g}" for rate in rates)], rows) if rows else NOTHING


def quality_tables(lines: Sequence[Line]) -> str:
    """Return one table per set with all systems at all rates, the best by the set's main measure first."""
    parts = [part for name in sets_of(lines) for part in (f"### {name}", _set_table(lines, name))]
    return "\n\n".join([*parts, measured_with(lines)]) if lines else NOTHING


def _set_table(lines: Sequence[Line], name: str) -> str:
    chosen = [line for line in lines if line["set"] == name]
    leading = main_measure(chosen, name)
    quality = [m for m in _QUALITY if any(mean(line, m) is not None for line in chosen)]
    form = [m for m in ("rate", "words_cut") if any(mean(line, m) is not None for line in chosen)]
    titles = [WORDS[measure] for measure in (*quality, *form)]
    head = ["asked", "system", "questions", *titles, "Lingua's lead", "seconds", "MiB", "errors"]
    rows = [
        [
            f"{line['rate']:g}",
            line["label"],
            str(line["n"]),
            *(figure(line["measures"].get(m)) for m in quality),
            *(plain(mean(line, m), 3) for m in form),
            lead(line, leading),
            plain(line.get("seconds_median"), 2),
            mebibytes(line.get("peak_bytes_max")),
            str(line["errors"] or ""),
        ]
        for line in sorted(chosen, key=lambda line: _order(line, leading))
    ]
    return table(head, rows)


def _order(line: Line, measure: str | None) -> tuple[float, float, str]:
    value = mean(line, measure) if measure else None
    return -line["rate"], -1.0 if value is None else -value, line["system"]


def systems_table(systems: Iterable[System]) -> str:
    """Return what each system is, by the docstring of its script; a variant by its options."""
    head = ["system", "`--systems`", "what it is", "needs a question", "environment"]
    rows = [
        [
            system.label,
            f"`{system.name}`",
            f"Lingua with `{json.dumps(dict(system.options))}`" if system.options else _description(system),
            "yes" if system.needs_question else "no",
            "its own" if system.requirements else "the project's",
        ]
        for system in systems
    ]
    return table(head, rows)


def _description(system: System) -> str:
    module = ast.parse(system.script.read_text(encoding="utf-8"))
    return " ".join((ast.get_docstring(module) or "").split())


def not_run_table(reasons: Mapping[str, str]) -> str:
    """Return the systems that were tried and did not run, and why."""
    if not reasons:
        return "None."
    return table(["system", "why it did not run"], [[name, why] for name, why in sorted(reasons.items())])


def lead(line: Line, measure: str | None) -> str:
    """Return Lingua's mean minus the line's on the questions that both answered, with its interval."""
    paired = (line.get("paired") or {}).get(measure)
    if not paired or paired.get("difference") is None:
        return ""
    return "{difference:+.2f} [{low:+.2f}, {high:+.2f}] of {n}".format(**paired)


def measured_with(lines: Sequence[Line]) -> str:
    """Say on which files, with which code, on which machines, when and by which commands lines were measured.

    Raises:
        ValueError: The lines were measured with different code, and do not belong in one table.
    """
    engines = sorted({line["engine"] for line in lines})
    if len(engines) > 1:
        msg = f"lines of engines {', '.join(engines)} in one table; measure them again with one"
        raise ValueError(msg)
    files = " and ".join(_SPLITS[split] for split in sorted({line.get("split", "dev") for line in lines}))
    machines, commands = (dict.fromkeys(line[key] for line in lines) for key in ("machine", "command"))
    dates = sorted({line["date"] for line in lines})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    said = f"Measured on the {files} with engine `{engines[0]}` on {'; '.join(machines)}, {when}, by"
    return "\n".join([said, "", "```console", *(f"$ {command}" for command in commands), "```"])


def figure(measure: Mapping[str, Any] | None) -> str:
    """Return mean and interval of a measure; empty if there is none."""
    if not measure or measure.get("mean") is None:
        return ""
    return "{mean:.2f} [{low:.2f}, {high:.2f}]".format(**measure)


def plain(value: float | None, digits: int) -> str:
    """Return a number with that many digits after the point; empty if there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def mebibytes(value: float | None) -> str:
    """Return bytes as whole MiB; empty if there are none."""
    return "" if value is None else f"{value / 2**20:,.0f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; columns without any content are left out."""
    rows = [list(row) for row in rows]
    kept = [i for i in range(len(head)) if any(row[i] for row in rows)]
    lines = [[head[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
