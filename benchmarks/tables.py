"""Tables in Markdown from the lines of `results/*.jsonl` and the descriptions of systems: they measure nothing."""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.systems import OURS, System

PEER = "llmlingua"
FRAME = ("full_prompt", "gold_only")
"""Systems that bound the others from above: nothing is cut, or the gold passages are known."""

SETS = ("nq20", "nq20-bm25", "hotpotqa", "2wikimultihopqa", "musique", "squad", "covidqa", "qmsum")
"""Sets that tables show first, in this order."""

MAIN_RATE = 0.25
MAIN_MEASURES = ("survival", "evidence_kept", "summary_words")
"""What is compared; the first of them that a set has is its main measure."""

WORDS = {
    "survival": "answer survives",
    "evidence_kept": "evidence kept",
    "summary_words": "summary's words kept",
    "reader_match": "reader's answer holds an accepted one",
    "reader_exact": "reader's answer is an accepted one",
    "reader_f1": "words shared with an accepted answer (F1)",
    "rate": "rate",
    "over": "over the rate",
    "words_cut": "words cut",
    "broken_characters": "broken characters",
}
_QUALITY = ("recall@1", "recall@5", "all_gold@5", *MAIN_MEASURES)
_FORM = ("rate", "over", "words_cut", "broken_characters")
_READER = ("reader_match", "reader_exact", "reader_f1")
NOTHING = "Nothing has been measured yet."

Line = Mapping[str, Any]


def is_variant(line: Line) -> bool:
    """Whether the line is of Lingua with one part changed."""
    return str(line["system"]).startswith(f"{OURS}:")


def is_rival(line: Line) -> bool:
    """Whether the line is of a system that Lingua is to be compared with: neither itself, nor a part of the frame."""
    return line["system"] != OURS and line["system"] not in FRAME and not is_variant(line)


def sets_of(lines: Iterable[Line]) -> list[str]:
    """Names of the sets in the order of `SETS`, others behind them."""
    places = {name: place for place, name in enumerate(SETS)}
    return sorted({line["set"] for line in lines}, key=lambda name: (places.get(name, len(places)), name))


def main_measure(lines: Iterable[Line], name: str) -> str | None:
    """Return the measure by which systems are compared on a set; None if it has none of them."""
    present = {m for line in lines if line["set"] == name for m in MAIN_MEASURES if mean(line, m) is not None}
    return next((measure for measure in MAIN_MEASURES if measure in present), None)


def mean(line: Line, measure: str) -> float | None:
    """Return the mean of a measure; None if the line has none."""
    value: float | None = (line["measures"].get(measure) or {}).get("mean")
    return value


def quality_tables(lines: Sequence[Line]) -> str:
    """One table per set with all systems at all rates, Lingua's variants left out; the best by main measure first."""
    shown = [line for line in lines if not is_variant(line)]
    parts = [part for name in sets_of(shown) for part in ("", f"### {name}", "", _set_table(shown, name))]
    return "\n".join([*parts, "", *circumstances(shown)]) if shown else NOTHING


def ablation_table(lines: Sequence[Line]) -> str:
    """Lingua and its variants, one table per set."""
    with_variants = {line["set"] for line in lines if is_variant(line)}
    shown = [line for line in lines if line["set"] in with_variants and (is_variant(line) or line["system"] == OURS)]
    parts = [part for name in sets_of(shown) for part in ("", f"**{name}**", "", _set_table(shown, name))]
    return "\n".join(parts) if shown else NOTHING


def _set_table(lines: Sequence[Line], name: str) -> str:
    chosen = [line for line in lines if line["set"] == name]
    leading = main_measure(chosen, name)
    quality, form = (
        [m for m in measures if any(mean(line, m) is not None for line in chosen)] for measures in (_QUALITY, _FORM)
    )
    titles = [WORDS.get(measure, measure) for measure in (*quality, *form)]
    head = ["asked", "system", "questions", *titles, "Lingua's lead", "seconds", "MiB", "errors"]
    rows = [
        [
            f"{line['rate']:g}",
            line["label"],
            str(line["n"]),
            *(figure(line["measures"].get(m)) for m in quality),
            *(plain(mean(line, m), 3) for m in form),
            lead(line, leading),
            plain(line.get("seconds_median"), 1),
            mebibytes(line.get("peak_bytes_max")),
            str(line["errors"]),
        ]
        for line in sorted(chosen, key=lambda line: _order(line, leading))
    ]
    return table(head, rows)


def _order(line: Line, measure: str | None) -> tuple[float, float, str]:
    value = mean(line, measure) if measure else None
    return line["rate"], -1.0 if value is None else -value, line["system"]


def reader_table(lines: Sequence[Line]) -> str:
    """What a reader makes of the texts, one table per reader."""
    parts = []
    for reader in sorted({line["reader"] for line in lines}):
        chosen = [line for line in lines if line["reader"] == reader]
        head = [
            "set",
            "asked",
            "system",
            "questions",
            *(WORDS[m] for m in _READER),
            "Lingua's lead",
            "errors",
            "missing",
        ]
        rows = []
        for line in sorted(chosen, key=lambda line: (line["set"], *_order(line, _reader_measure(line)))):
            figures = [figure(line["measures"].get(measure)) for measure in _READER]
            ends = [lead(line, _reader_measure(line)), str(line["errors"]), str(line["missing"])]
            rows.append([line["set"], f"{line['rate']:g}", line["label"], str(line["n"]), *figures, *ends])
        parts += ["", f"Reader: `{reader}`.", "", table(head, rows)]
    return "\n".join([*parts, "", *circumstances(lines)]) if parts else NOTHING


def _reader_measure(line: Line) -> str:
    return next((measure for measure in _READER if mean(line, measure) is not None), _READER[0])


def systems_table(systems: Iterable[System]) -> str:
    """What each system is, in its own file's words; a variant by its options."""
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
    """Peers that were tried and did not run, and why."""
    if not reasons:
        return "None."
    return table(["peer", "why it did not run"], [[name, why] for name, why in sorted(reasons.items())])


def lead(line: Line, measure: str | None) -> str:
    """Lingua's mean minus the line's on the questions that both answered, with its interval."""
    paired = (line.get("paired") or {}).get(measure)
    if not paired or paired.get("difference") is None:
        return ""
    return "{difference:+.2f} [{low:+.2f}, {high:+.2f}] of {n}".format(**paired)


def circumstances(lines: Sequence[Line]) -> list[str]:
    """Say on which machines and by which commands lines were made, each once."""
    machines, commands = (dict.fromkeys(line[key] for line in lines if line.get(key)) for key in ("machine", "command"))
    where = f" on {'; '.join(machines)}" if machines else ""
    return [f"Measured{where} by", "", "```console", *(f"$ {command}" for command in commands), "```"]


def figure(measure: Mapping[str, Any] | None) -> str:
    """Mean and interval of a measure; empty if there is none."""
    if not measure or measure.get("mean") is None:
        return ""
    return "{mean:.2f} [{low:.2f}, {high:.2f}]".format(**measure)


def plain(value: float | None, digits: int) -> str:
    """A number with that many digits behind the point; empty if there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def mebibytes(value: float | None) -> str:
    """Bytes as whole MiB; empty if there are none."""
    return "" if value is None else f"{value / 2**20:,.0f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns without any content are left out."""
    rows = [list(row) for row in rows]
    kept = [i for i in range(len(head)) if any(row[i] for row in rows)]
    lines = [[head[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
