"""Aggregates: means, differences to Lingua, and which lines a file holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.aggregates import aggregate, write_aggregates
from benchmarks.records import read_lines
from benchmarks.systems import find_systems, make_variant


def record(question: str, **measures: float | None) -> dict[str, Any]:
    head = {"set": "s", "id": question, "rate": 0.25, "seed": 0, "code": "c", "language": None}
    return {**head, "measures": measures, "seconds": 1.0, "peak_bytes": 10}


def test_ours_minus_theirs_on_common_questions() -> None:
    """Common are b and c; Lingua is better by 1 and 0; c has no second measure, and ranks are not compared."""
    system = find_systems()["random_sentences"]
    theirs = [
        record("a", survival=1.0, evidence_kept=0.5),
        record("b", survival=0.0, evidence_kept=0.5),
        record("c", survival=1.0),
    ]
    ours = [
        record("b", survival=1.0, evidence_kept=0.25),
        record("c", survival=1.0, evidence_kept=1.0),
        record("d", survival=0.0),
    ]
    line = aggregate("s", system, theirs, ours)
    assert line["paired"]["survival"] == {"difference": 0.5, "low": 0.0, "high": 1.0, "n": 2}
    assert line["paired"]["evidence_kept"] == {"difference": -0.25, "low": -0.25, "high": -0.25, "n": 1}
    assert line["measures"]["survival"]["n"] == 3
    assert line["measures"]["evidence_kept"]["n"] == 2
    assert (line["seconds_median"], line["peak_bytes_max"]) == (1.0, 10)


def test_languages_have_figures_of_their_own() -> None:
    """Of two Chinese questions one survives, of one German question none; ranks are left out."""
    system = find_systems()["lingua"]
    records = [record(name, survival=value) for name, value in (("a", 1.0), ("b", 0.0), ("c", 0.0))]
    for one, language in zip(records, ("zh", "zh", "de"), strict=True):
        one["language"] = language
        one["measures"]["recall@1"] = 1.0
    languages = aggregate("s", system, records, records)["languages"]
    means = {
        language: {name: (m["mean"], m["n"]) for name, m in found.items()} for language, found in languages.items()
    }
    assert means == {"de": {"survival": (0.0, 1)}, "zh": {"survival": (0.5, 2)}}


def test_we_are_not_compared_with_ourselves() -> None:
    """Our own line has no differences; a variant's has."""
    ours = find_systems()["lingua"]
    records = [record("a", survival=1.0)]
    assert aggregate("s", ours, records, [])["paired"] == {}
    variant = make_variant(ours, "x", {"label": "other"})
    assert aggregate("s", variant, records, records)["paired"]["survival"]["difference"] == 0.0


def test_only_the_same_line_is_replaced(tmp_path: Path) -> None:
    """Lines of other sets, systems and rates stay, and all are in order."""
    path = tmp_path / "quality.jsonl"

    def line(set_name: str, rate: float, n: int) -> Mapping[str, Any]:
        return {"set": set_name, "system": "x", "rate": rate, "n": n, "engine": "e", "split": "test"}

    write_aggregates(path, [dict(line("t", 0.5, 1)), dict(line("s", 0.5, 1))])
    write_aggregates(path, [dict(line("s", 0.25, 2)), dict(line("t", 0.5, 2))])
    assert list(read_lines(path)) == [line("s", 0.25, 2), line("s", 0.5, 1), line("t", 0.5, 2)]
    write_aggregates(path, [])
    assert len(list(read_lines(path))) == 3


@pytest.mark.parametrize("change", [{"engine": "new"}, {"split": "dev"}])
def test_lines_of_another_engine_or_split_are_dropped(tmp_path: Path, change: dict[str, str]) -> None:
    """The file holds the figures of one engine on one split, so that no table mixes them."""
    path = tmp_path / "quality.jsonl"
    old = {"set": "s", "system": "x", "rate": 0.5, "engine": "old", "split": "test"}
    write_aggregates(path, [old])
    write_aggregates(path, [{**old, "set": "t", **change}])
    assert [line["set"] for line in read_lines(path)] == ["t"]
