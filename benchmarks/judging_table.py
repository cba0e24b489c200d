"""The tables of the encoder's judgement, from the lines of `results/judging.jsonl`."""

from collections.abc import Sequence

from benchmarks.tables import NOTHING, Line, circumstances, table

_WHERE = ("encoder", "set")
_RANKS = ("recall@1", "recall@5", "all_gold@5", "ece", "auc_unanswerable")
_HEADS = (
    "first gold first", "first gold among 5", "all gold among 5", "calibration error", "AUC, answered or not",
)  # fmt: skip


def judging_table(lines: Sequence[Line]) -> str:
    """Ranks and calibration by set; then recall@1 by the gold passage's place; then attacks."""
    if not lines:
        return NOTHING
    ranks = table([*_WHERE, "questions", *_HEADS], [[*_where(line), str(line["n"]), *_figures(line)] for line in lines])
    places = table([*_WHERE, "first quarter", "second", "third", "last"], [_places(line) for line in lines])
    kinds = list(lines[0]["displaced"])
    attacks = table(
        [*_WHERE, *kinds], [[*_where(line), *(f"{line['displaced'][k]:.2f}" for k in kinds)] for line in lines]
    )
    return "\n".join(
        [
            ranks,
            "",
            "Share of questions whose gold passage is ranked first, by where it stood among the passages:",
            "",
            places,
            "",
            "Share of questions with a gold passage first in which one hostile passage more takes its place:",
            "",
            attacks,
            "",
            *circumstances(lines),
        ]
    )


def _where(line: Line) -> list[str]:
    return [line["encoder"], line["set"]]


def _figures(line: Line) -> list[str]:
    return [f"{line[name]:.3f}" if "ece" in name or "auc" in name else f"{line[name]:.2f}" for name in _RANKS]


def _places(line: Line) -> list[str]:
    return [*_where(line), *("" if share is None else f"{share:.2f}" for share in line["recall@1_by_place"])]
