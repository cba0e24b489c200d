"""The plot of the encoder's training, from a table that the training tools wrote."""

import json
from pathlib import Path

from benchmarks.training_plot import training_panels
from lingua_shared.training.history import history, write_csv


def a_round(folder: Path, steps: int, dev: dict[int, float]) -> Path:
    """Logs as a trainer writes them: a ranking loss of 1 at odd steps and of 0 at even ones."""
    folder.mkdir()
    losses = [{"step": i, "ranking": float(i % 2), "rate": 0.1, "seconds": 2.0} for i in range(1, steps + 1)]
    figures = [{"step": step, "r1": r1, "nq20 r1": r1} for step, r1 in dev.items()]
    for name, lines in (("steps.jsonl", losses), ("dev.jsonl", figures)):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def test_rounds_follow_each_other(tmp_path: Path) -> None:
    """The second round counts on from where the first was ended, and losses are means over ten steps."""
    rounds = [a_round(tmp_path / "one", 40, {20: 0.5, 40: 0.9}), a_round(tmp_path / "two", 10, {10: 0.6})]
    rows = history(rounds, last_steps=[20])
    assert [(row["round"], row["step"]) for row in rows] == [(1, 10), (1, 20), (1, 20), (2, 30), (2, 30)]
    assert [row["ranking"] for row in rows if "ranking" in row] == [0.5, 0.5, 0.5]
    assert [row["r1"] for row in rows if "r1" in row] == [0.5, 0.6]


def test_panels_of_a_table(tmp_path: Path) -> None:
    """Losses in one panel, dev figures in the other, each at its step."""
    write_csv(history([a_round(tmp_path / "one", 20, {20: 0.5})]), tmp_path / "training.csv")
    losses, dev = training_panels(tmp_path / "training.csv")
    assert [(line.name, [(p.x, p.y) for p in line.points]) for line in losses.lines] == [
        ("ranking", [(10.0, 0.5), (20.0, 0.5)])
    ]
    assert [(line.name, [(p.x, p.y) for p in line.points]) for line in dev.lines] == [("r1", [(20.0, 0.5)])]


def test_no_table_no_panels(tmp_path: Path) -> None:
    """A package without a training table has no plot."""
    assert training_panels(tmp_path / "training.csv") == []
