"""The tables of recovery, from lines as the benchmark writes them."""

from typing import Any

from benchmarks.recovery_table import recovery_table


def test_nothing_measured() -> None:
    """Without lines the page says so."""
    assert recovery_table([]) == "Nothing has been measured yet."


def test_each_measure_has_its_table() -> None:
    """Systems beside each other, a row for each sort, group, reason, set and size."""
    around: dict[str, Any] = {"machine": "a machine", "command": "python -m benchmarks recovery", "engine": "e"}
    around |= {"date": "2026-01-01", "split": "test"}

    def share(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 7}

    quotes = {"measure": "damaged quotations", "group": "rate", "value": "0.5", "n": 7}
    lines: list[dict[str, Any]] = [
        {"measure": "right answers", "system": "lingua", "sort": "gold answer", "n": 9, "changed": 0},
        {"measure": "right answers", "system": "other", "sort": "gold answer", "n": 9, "changed": 4},
        {**quotes, "system": "lingua", "form": "alone", "restored": share(0.9)},
        {**quotes, "system": "lingua", "form": "within", "restored": share(0.5)},
        {**quotes, "system": "other", "form": "alone", "restored": share(0.1)},
        {"measure": "not restored", "system": "lingua", "form": "alone", "reason": "too short", "n": 3},
        {
            "measure": "time", "context": 13108, "answer": 2000, "pass_ms": 14.9, "index_ms": 25.9, "answer_ms": 8,
            "passes": 2.3,
        },
    ]  # fmt: skip
    page = recovery_table([{**line, **around} for line in lines])
    assert "| gold answer | 9 | 0 | 4 |" in page
    assert "| quotations | number | lingua, alone | lingua, within | other, alone |" in page
    assert "| rate: 0.5 | 7 | 0.90 [0.80, 1.00] | 0.50 [0.40, 0.60] | 0.10 [0.00, 0.20] |" in page
    assert "| alone | too short | 3 |" in page
    assert "| 13,108 | 2,000 | 14.9 | 25.9 | 8 | 2.3 |" in page
    assert page.endswith("```console\n$ python -m benchmarks recovery\n```")
