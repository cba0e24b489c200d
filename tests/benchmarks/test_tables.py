"""Tables, sentences and the report: what is shown of the results, and that nothing bad for Lingua is left out."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison import behind_list, behind_table, count_sentence, deficits, main_table, readme_part
from benchmarks.report import cost_panels, page_parts, plots_of, quality_panels, write_report
from benchmarks.speed_tables import cost_table, time_sentences, time_tables
from benchmarks.systems import find_systems
from benchmarks.tables import (
    NOTHING,
    ablation_table,
    main_measure,
    not_run_table,
    quality_tables,
    reader_table,
    sets_of,
    systems_table,
    table,
)

ROOT = Path(__file__).parents[2]


def line(system: str, *, set_name: str = "nq20", rate: float = 0.25, **values: Any) -> dict[str, Any]:
    """A line of quality.jsonl; a measure is its mean, or its mean and Lingua's lead with the ends of its interval."""
    measures, paired = {}, {}
    for name, value in values.items():
        mean, *lead = value if isinstance(value, tuple) else (value,)
        measures[name] = {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 50}
        if lead:
            paired[name] = {"difference": lead[0], "low": lead[1], "high": lead[2], "n": 40}
    return {
        "set": set_name,
        "system": system,
        "label": system.replace("_truncate", ", then cut"),
        "rate": rate,
        "n": 50,
        "errors": 1,
        "measures": {"rate": {"mean": rate - 0.01, "low": rate - 0.02, "high": rate, "n": 50}, **measures},
        "paired": paired,
        "seconds_median": 1.25,
        "peak_bytes_max": 3 * 2**20,
        "machine": "x86_64, 2 cores, 1 threads",
        "command": "python -m benchmarks quality",
    }


QUALITY = [
    line("lingua", survival=0.7),
    line("llmlingua", survival=(0.5, 0.2, 0.1, 0.3)),
    line("bm25_truncate", survival=(0.8, -0.1, -0.15, -0.05)),
    line("embedding_truncate", survival=(0.75, -0.05, -0.1, 0.02)),
    line("full_prompt", rate=1.0, survival=(1.0, -0.3, -0.4, -0.2)),
    line("lingua:sentences", survival=(0.9, -0.2, -0.3, -0.1)),
    line("lingua", set_name="qmsum", evidence_kept=0.4),
    line("llmlingua", set_name="qmsum", evidence_kept=(0.6, -0.2, -0.3, -0.1)),
]
TIME = {
    "set": "nq20",
    "rate": 0.25,
    "n": 20,
    "threads": 2,
    "reference": "llmlingua",
    "systems": {
        "lingua": {"median_seconds": 4.0, "low": 3.5, "high": 4.5, "peak_bytes": 2**30, "errors": 0},
        "llmlingua": {"median_seconds": 18.0, "low": 17.0, "high": 19.0, "peak_bytes": 2**30, "errors": 2},
        "bm25_truncate": {"median_seconds": 0.1, "low": 0.1, "high": 0.2, "peak_bytes": None, "errors": 0},
        "broken": {"median_seconds": None, "low": None, "high": None, "peak_bytes": 0, "errors": 20},
    },
    "ratios": {
        "lingua": {"median": 4.5, "smallest": 4.0, "largest": 5.0},
        "bm25_truncate": {"median": 180.0, "smallest": 150.0, "largest": 200.0},
    },
    "second_question": {
        "system": "lingua", "median_seconds": 2.0, "low": 1.9, "high": 2.1, "peak_bytes": 2**30, "errors": 0,
        "ratio": {"median": 2.0, "smallest": 1.5, "largest": 2.5},
    },
    "machine": "x86_64, 2 cores, 2 threads",
    "command": "python -m benchmarks time",
}  # fmt: skip
COST = {
    "kind": "cost",
    "axis": "passage_tokens",
    "system": "lingua",
    "points": [
        {"x": 200, "seconds": 2.0, "peak_bytes": 2 * 2**20, "floor_multiple": 1.6},
        {"x": 100, "seconds": 1.0, "peak_bytes": 2**20, "floor_multiple": 1.5},
    ],
    "exponent": 1.0,
    "machine": "x86_64, 2 cores, 2 threads",
    "command": "python -m benchmarks cost",
}
READER = {
    **line("llmlingua"),
    "reader": "some-reader",
    "missing": 7,
    "measures": {"reader_match": {"mean": 0.3, "low": 0.2, "high": 0.4, "n": 50}},
    "paired": {"reader_match": {"difference": 0.1, "low": 0.0, "high": 0.2, "n": 50}},
}


def rows(text: str) -> list[list[str]]:
    """Cells of all rows of the Markdown tables in a text."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("|")]


def test_empty_columns_are_left_out() -> None:
    """A column that no row fills is not shown, and a bar in a cell does not end it."""
    assert (
        table(["a", "b", "c"], [["1", "", "x|y"], ["2", "", ""]]) == "| a | c |\n| --- | --- |\n| 1 | x\\|y |\n| 2 |  |"
    )


def test_sets_are_in_a_fixed_order_and_new_ones_follow() -> None:
    """The order does not depend on that of the lines."""
    lines = [line("lingua", set_name=name) for name in ("zulu", "musique", "alpha", "nq20")]
    assert sets_of(lines) == sets_of(lines[::-1]) == ["nq20", "musique", "alpha", "zulu"]


def test_the_main_measure_is_the_first_that_a_set_has() -> None:
    """Survival before evidence before the summary's words; None without any of them."""
    lines = [line("lingua", survival=0.5, evidence_kept=0.5), line("lingua", set_name="s", summary_words=0.5)]
    assert [main_measure(lines, name) for name in ("nq20", "s", "none")] == ["survival", "summary_words", None]


def test_all_systems_are_shown_best_first() -> None:
    """At each rate the systems are sorted by the main measure; variants have a table of their own."""
    head, _, *body = rows(quality_tables([item for item in QUALITY if item["set"] == "nq20"]))
    assert [row[head.index("system")] for row in body] == [
        "bm25, then cut",
        "embedding, then cut",
        "lingua",
        "llmlingua",
        "full_prompt",
    ]
    assert dict(zip(head, body[3], strict=True)) == {
        "asked": "0.25",
        "system": "llmlingua",
        "questions": "50",
        "answer survives": "0.50 [0.40, 0.60]",
        "rate": "0.240",
        "Lingua's lead": "+0.20 [+0.10, +0.30] of 40",
        "seconds": "1.2",
        "MiB": "3",
        "errors": "1",
    }


def test_the_ablation_shows_variants_beside_lingua() -> None:
    """Only sets with variants, and no other system."""
    head, _, *body = rows(ablation_table(QUALITY))
    assert [row[head.index("system")] for row in body] == ["lingua:sentences", "lingua"]
    assert ablation_table(QUALITY[:2]) == NOTHING


def test_commands_and_machines_are_named_once() -> None:
    """What made the lines stands below the tables."""
    text = quality_tables(QUALITY)
    assert text.count("$ python -m benchmarks quality") == 1
    assert text.count("Measured on x86_64, 2 cores, 1 threads by") == 1


def test_every_deficit_against_a_rival_is_found() -> None:
    """Settled ones first; the frame and Lingua's own variants are no rivals; where Lingua leads there is none."""
    found = [(d.set_name, d.label, d.measure, d.difference, d.settled) for d in deficits(QUALITY)]
    assert found == [
        ("qmsum", "llmlingua", "evidence_kept", -0.2, True),
        ("nq20", "bm25, then cut", "survival", -0.1, True),
        ("nq20", "embedding, then cut", "survival", -0.05, False),
    ]


def test_an_interval_that_ends_at_zero_is_not_settled() -> None:
    """Only an interval that leaves out 0 settles it, and no difference is no deficit."""
    lines = [line("a", survival=(0.5, -0.1, -0.2, 0.0)), line("b", survival=(0.5, 0.0, -0.1, 0.1))]
    assert [(d.label, d.settled) for d in deficits(lines)] == [("a", False)]


def test_the_list_of_deficits_names_all_of_them() -> None:
    """Each settled one with set, rate and interval, the others by name, and how many comparisons there were."""
    assert behind_list(QUALITY).splitlines() == [
        "Lingua is behind in 2 of 4 comparisons with an interval that leaves out 0, and in 1 more on the mean alone, "
        "where the sample does not tell.",
        "",
        "- **bm25, then cut**, answer survives: nq20 at 0.25 (-0.10 [-0.15, -0.05]).",
        "- **llmlingua**, evidence kept: qmsum at 0.25 (-0.20 [-0.30, -0.10]).",
        "- On the mean alone, **embedding, then cut**: nq20 at 0.25 (answer survives).",
    ]
    assert [row[3] for row in rows(behind_table(QUALITY))[2:]] == ["llmlingua", "bm25, then cut", "embedding, then cut"]
    assert count_sentence([]) == behind_table([]) == "There is no comparison yet."


def test_the_readme_table_names_the_best_that_only_ranks_and_cuts() -> None:
    """One row per set at rate 0.25, by its main measure, with the paired difference to llmlingua."""
    head, _, *body = rows(main_table([*QUALITY, line("bm25_truncate", rate=0.5, survival=0.99)]))
    assert dict(zip(head, body[0], strict=True)) == {
        "set": "nq20",
        "measure": "answer survives",
        "questions": "50",
        "Lingua": "0.70 [0.60, 0.80]",
        "llmlingua": "0.50 [0.40, 0.60]",
        "Lingua minus llmlingua": "+0.20 [+0.10, +0.30] of 40",
        "their rates": "0.240 and 0.240",
        "best of rank and cut": "0.80 [0.70, 0.90] (bm25, then cut)",
    }
    assert body[1][-1] == ""


@pytest.mark.parametrize("lines", [[], QUALITY[:1], QUALITY[1:2], QUALITY[6:7]])
def test_few_results_make_a_short_part(lines: list[dict[str, Any]]) -> None:
    """Nothing, Lingua alone, a peer alone, a set without survival: the README's part is made of what is there."""
    part = readme_part(lines, [])
    assert "docs/benchmarks.md" in part
    assert (NOTHING in part) == (not main_table(lines))


def test_the_readme_part_has_deficits_and_times() -> None:
    """What is bad for Lingua stands in the README, too."""
    part = readme_part(QUALITY, [TIME])
    assert behind_list(QUALITY) in part
    assert "llmlingua takes **4.5 times** as long as Lingua (4.0 to 5.0), 18.0 s against 4.0 s." in part
    assert "Faster than Lingua: bm25_truncate (0.1 s)." in part


def test_times_are_shown_fastest_first() -> None:
    """A system without a time comes last, then Lingua's second question."""
    text = time_tables([TIME])
    assert rows(text)[2:] == [
        ["bm25_truncate", "0.10 [0.10, 0.20]", "180.0 (150.0 to 200.0)", "", "0"],
        ["lingua", "4.00 [3.50, 4.50]", "4.5 (4.0 to 5.0)", "1,024", "0"],
        ["llmlingua", "18.00 [17.00, 19.00]", "", "1,024", "2"],
        ["broken", "", "", "0", "20"],
        ["lingua, a second question", "2.00 [1.90, 2.10]", "", "1,024", "0"],
    ]
    assert "takes 2.0 (1.5 to 2.5) times as long" in text


def test_times_without_lingua_or_reference_make_no_sentence() -> None:
    """Nothing is compared with what was not measured, and a run without a second question has no row for it."""
    bare = {**TIME, "ratios": {}, "second_question": None}
    assert time_sentences([bare]) == []
    assert "second question" not in time_tables([bare])
    assert time_tables([]) == NOTHING


def test_costs_are_shown_in_the_order_of_growth() -> None:
    """Points are sorted by what grows."""
    assert rows(cost_table([COST]))[2:] == [
        ["passage tokens", "lingua", "100, 200", "1.00, 2.00", "1.00", "1.5, 1.6", "1, 2"]
    ]


def test_the_reader_has_a_table_of_its_own() -> None:
    """With the texts that were missing."""
    text = reader_table([READER])
    head, _, row = rows(text)
    assert "Reader: `some-reader`." in text
    assert (row[head.index("missing")], row[head.index("Lingua's lead")]) == ("7", "+0.10 [+0.00, +0.20] of 50")


def test_peers_that_did_not_run_are_named() -> None:
    """Each with its reason, in alphabetical order."""
    assert rows(not_run_table({"b": "no weights", "a": "no licence"}))[2:] == [["a", "no licence"], ["b", "no weights"]]


def test_systems_are_described_by_their_own_files() -> None:
    """The frame says of itself what it is; a variant is described by its options."""
    systems = find_systems()
    described = {row[1]: row[2] for row in rows(systems_table(systems.values()))[2:]}
    assert described["`full_prompt`"].startswith("Everything, unchanged")
    assert described["`lingua:encoder-sentences`"] == 'Lingua with `{"compression_options": {"unit": "sentence"}}`'
    assert len(described) == len(systems)


def test_plots_show_the_rate_that_was_reached() -> None:
    """Lingua comes first; its points stand at the reached rate with their intervals; the frame is left out."""
    nq20, qmsum = quality_panels([*QUALITY, line("lingua", rate=0.5, survival=0.9)])
    assert [curve.name for curve in nq20.lines] == ["lingua", "bm25, then cut", "embedding, then cut", "llmlingua"]
    assert [(p.x, p.y) for p in nq20.lines[0].points] == [(0.24, 0.7), (0.49, 0.9)]
    assert (nq20.lines[0].points[0].low, nq20.lines[0].points[0].high) == pytest.approx((0.6, 0.8))
    assert (nq20.y_label, qmsum.y_label) == ("answer survives", "evidence kept")


def test_cost_plots_have_one_panel_per_axis() -> None:
    """In order of x, in the unit of the label."""
    (panel,) = cost_panels([COST], "peak_bytes", 2.0**20)
    assert (panel.title, panel.log) == ("passage tokens", True)
    assert [(p.x, p.y) for p in panel.lines[0].points] == [(100, 1.0), (200, 2.0)]
    assert plots_of([], [], Path("nowhere")) == {}


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """The repository's README and page, with results of their own."""
    (tmp_path / "docs").mkdir()
    results = tmp_path / "benchmarks" / "results"
    results.mkdir(parents=True)
    for name in ("README.md", "docs/benchmarks.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    peers = [{"peer": "a", "built": True, "reason": None}, {"peer": "b", "built": False, "reason": "no wheel"}]
    every = {"quality": QUALITY, "time": [TIME], "cost": [COST], "reader": [READER], "peers": peers}
    for name, lines in every.items():
        text = "".join(json.dumps(item) + "\n" for item in lines)
        (results / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_report_fills_every_part(copy: Path) -> None:
    """Every part stands between its markers, every plot is drawn and linked, and a second report changes no byte."""
    write_report(copy)
    page = (copy / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    plots = {path.stem: path.read_bytes() for path in (copy / "benchmarks" / "results" / "plots").glob("*.svg")}
    for name, part in page_parts(copy, shown=plots).items():
        assert f"<!-- {name} -->\n{part}\n<!-- /{name} -->" in page
    assert set(plots) == {"quality", "cost-seconds", "cost-memory"}
    assert all(f"results/plots/{name}.svg" in page for name in plots)
    assert rows(page_parts(copy, shown=[])["not-run"])[2:] == [["b", "no wheel"]]
    assert readme_part(QUALITY, [TIME]) in (copy / "README.md").read_text(encoding="utf-8")
    write_report(copy)
    assert (copy / "docs" / "benchmarks.md").read_text(encoding="utf-8") == page
    assert plots == {path.stem: path.read_bytes() for path in (copy / "benchmarks" / "results" / "plots").glob("*.svg")}


def test_a_report_without_results_says_so(copy: Path) -> None:
    """No file of results, no plot, and no part is missing; plots of earlier results go away."""
    write_report(copy)
    for path in (copy / "benchmarks" / "results").glob("*.jsonl"):
        path.unlink()
    write_report(copy)
    assert list((copy / "benchmarks" / "results" / "plots").iterdir()) == []
    assert page_parts(copy, shown=[])["quality-results"] == NOTHING
    assert NOTHING in (copy / "README.md").read_text(encoding="utf-8")
