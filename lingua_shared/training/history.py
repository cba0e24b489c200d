"""Joins the logs of one or more training runs into one table.

`python -m lingua_shared.training.history RUN1 RUN2 --out training.csv` writes means of the losses over ten steps, and
the figures on dev sets at each checkpoint. The steps of a run are counted on from those of the run before.
"""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

STEPS_PER_ROW = 10
Row = dict[str, Any]


def history(rounds: Sequence[Path], *, last_steps: Sequence[int | None] = ()) -> list[Row]:
    """Return rows of losses and of dev figures with their steps.

    Args:
        rounds: folders of the runs, in their order.
        last_steps: last step to use of each run; None, or none given, uses all.
    """
    rows: list[Row] = []
    before = 0
    for number, folder in enumerate(rounds):
        last = last_steps[number] if number < len(last_steps) else None
        steps = [line for line in _lines(folder / "steps.jsonl") if last is None or line["step"] <= last]
        dev = [line for line in _lines(folder / "dev.jsonl") if last is None or line["step"] <= last]
        of_round = [*_means(steps), *dev]
        rows += [{**row, "step": before + row["step"], "round": number + 1} for row in of_round]
        before += max((line["step"] for line in steps), default=0)
    return rows


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """Write rows, with a column for each name that occurs in any of them."""
    names = list(dict.fromkeys(["round", "step", *(name for row in rows for name in row)]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _means(steps: Sequence[Row]) -> Iterator[Row]:
    for start in range(0, len(steps), STEPS_PER_ROW):
        some = steps[start : start + STEPS_PER_ROW]
        losses = sorted(name for name in some[0] if name not in ("step", "rate", "seconds"))
        means = {name: round(sum(line[name] for line in some) / len(some), 4) for name in losses}
        yield {"step": some[-1]["step"], **means}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.history",
        description="Join the logs of training runs into one CSV file of losses and dev figures.",
    )
    parser.add_argument("rounds", type=Path, nargs="+", metavar="RUN", help="folders of the runs, in their order")
    parser.add_argument("--last-steps", type=int, nargs="+", default=[], help="last step to use of each run")
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    options = parser.parse_args(arguments)
    write_csv(history(options.rounds, last_steps=options.last_steps), options.out)


if __name__ == "__main__":
    main()
