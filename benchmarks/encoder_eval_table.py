"""The tables of the encoders' evaluation, from the lines of `results/encoder_eval.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, figure, measured_with, table

_COLUMNS = {
    "recall@1": "a gold passage first",
    "recall@5": "a gold passage among 5",
    "all_gold@5": "all gold passages among 5",
    "ece": "calibration error",
    "auc_unanswerable": "AUC, answerable or not",
}
_QUARTERS = ("first quarter", "second", "third", "last")


def encoder_eval_table(lines: Sequence[Line]) -> str:
    """Return ranks and calibration by set, recall@1 by the gold passage's position, and the attacks."""
    if not lines:
        return NOTHING
    ranks = [[*_where(line), str(line["n"]), *(figure(line[name]) for name in _COLUMNS)] for line in lines]
    places = [[*_where(line), *map(figure, line["recall@1_by_quarter"])] for line in lines]
    kinds = list(lines[0]["displaced"])
    attacks = [[*_where(line), *(figure(line["displaced"][kind]) for kind in kinds)] for line in lines]
    parts = [
        table(["encoder", "set", "questions", *_COLUMNS.values()], ranks),
        "Share of questions whose first-ranked passage is gold, by the gold passage's position in the input:",
        table(["encoder", "set", *_QUARTERS], places),
        "Of the questions with a gold passage first, the share in which one added hostile passage takes its place:",
        table(["encoder", "set", *kinds], attacks),
        measured_with(lines),
    ]
    return "\n\n".join(parts)


def _where(line: Line) -> list[str]:
    return [line["encoder"], line["set"]]
