"""The table of what `keep_answer` keeps on questions that nothing was fitted on, from `results/amount.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, measured_with, table

_SHOWN = (0.9, 0.95)
_ALL = "all"


def amount_table(lines: Sequence[Line]) -> str:
    """Return coverage and share of the tokens for each set at two levels, and what a fixed rate needs for the same."""
    if not lines:
        return NOTHING
    by_level = {(line["level"], line["by_kind"]): line for line in lines}
    plain = [by_level[level, False] for level in _SHOWN]
    kinds = [by_level[level, True] for level in _SHOWN]
    head = ["set", "questions", *(f"{level:g}" for level in _SHOWN), *(f"{level:g}, kind told" for level in _SHOWN)]
    counts = plain[0]["questions"]
    rows = [
        [name, str(counts[name]), *(_cell(line["sets"][name]) for line in (*plain, *kinds))]
        for name in sorted(plain[0]["sets"], key=lambda name: (name == _ALL, name))
    ]
    return "\n\n".join([table(head, rows), *map(_against_fixed, plain), measured_with(lines)])


def _cell(found: Line) -> str:
    return f"{found['coverage']:.3f} ± {found['coverage_sd']:.3f}, keeps {found['share']:.3f}"


def _against_fixed(line: Line) -> str:
    ours = line["sets"][_ALL]
    said = [
        f"At {line['level']:g}, all sets together keep {ours['share']:.3f} of the tokens for {ours['coverage']:.3f} of "
        f"the answers; the mean of `answer_kept` is {ours['estimate']:.3f}.",
        _compared("A fixed share of the same units in the same order", ours["share"], line["fixed_head_share"]),
    ]
    if line["fixed_share"] is not None:
        said.append(_compared("The option `rate`", ours["share"], line["fixed_share"]))
    return " ".join(said)


def _compared(what: str, ours: float, fixed: float) -> str:
    changed = ours / fixed - 1
    than = f"{abs(changed):.0%} {'fewer' if changed < 0 else 'more'}"
    return f"{what} needs {fixed:.3f} for as many, so `keep_answer` keeps {than}."
