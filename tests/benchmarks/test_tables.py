"""Tables, sentences and the report: what is shown of the results, and that nothing bad for Lingua is left out."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison import behind_table, count_sentence, deficits, main_table, readme_part
from benchmarks.generated import write_parts
from benchmarks.report import cost_panels, parts_of, plots_of, quality_panels, write_plots
from benchmarks.speed_tables import ablation_table, cost_table, time_sentences, time_tables
from benchmarks.systems import find_systems
from benchmarks.tables import (
    NOTHING,
    language_table,
    main_measure,
    measured_with,
    not_run_table,
    quality_tables,
    rate_table,
    sets_of,
    systems_table,
    table,
)

ROOT = Path(__file__).parents[2]


AROUND = {"engine": "abc", "split": "test", "date": "2026-01-01"}


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
        **AROUND,
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
    **AROUND,
}  # fmt: skip
COST = {
    "axis": "passage_tokens",
    "system": "lingua",
    "points": [
        {"x": 200, "seconds": 2.0, "peak_bytes": 2 * 2**20},
        {"x": 100, "seconds": 1.0, "peak_bytes": 2**20},
    ],
    "exponent": 1.0,
    "machine": "x86_64, 2 cores, 2 threads",
    "command": "python -m benchmarks cost",
    **AROUND,
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
    """Higher rates come first; at each rate the systems are sorted by the main measure."""
    head, _, *body = rows(quality_tables([item for item in QUALITY if item["set"] == "nq20"]))
    assert [row[head.index("system")] for row in body] == [
        "full_prompt",
        "lingua:sentences",
        "bm25, then cut",
        "embedding, then cut",
        "lingua",
        "llmlingua",
    ]
    assert dict(zip(head, body[-1], strict=True)) == {
        "asked": "0.25",
        "system": "llmlingua",
        "questions": "50",
        "answer survives": "0.50 [0.40, 0.60]",
        "rate reached": "0.240",
        "Lingua's lead": "+0.20 [+0.10, +0.30] of 40",
        "seconds": "1.25",
        "MiB": "3",
        "errors": "1",
    }


def test_rates_stand_beside_each_other() -> None:
    """One row per set with Lingua's main measure, the highest rate first; a rate that was not run stays empty."""
    head, _, *body = rows(rate_table([*QUALITY, line("lingua", rate=0.5, survival=0.9)]))
    assert head == ["set", "measure", "questions", "at 0.5", "at 0.25"]
    assert body == [
        ["nq20", "answer survives", "50", "0.90 [0.80, 1.00]", "0.70 [0.60, 0.80]"],
        ["qmsum", "evidence kept", "50", "", "0.40 [0.30, 0.50]"],
    ]
    assert rate_table([]) == NOTHING


def test_languages_have_rows_of_their_own() -> None:
    """Sets whose questions name no language are left out."""
    survival = {"mean": 0.8, "low": 0.6, "high": 1.0, "n": 20}
    spoken = {**line("lingua", set_name="multilingual", survival=0.7), "languages": {"zh": {"survival": survival}}}
    head, _, *body = rows(language_table([*QUALITY, spoken]))
    assert head == ["set", "language", "questions", "at 0.25"]
    assert body == [["multilingual", "zh", "20", "0.80 [0.60, 1.00]"]]


def test_lines_of_two_engines_make_no_table() -> None:
    """A table has one code fingerprint."""
    with pytest.raises(ValueError, match="lines of engines abc, def in one table"):
        quality_tables([QUALITY[0], {**QUALITY[1], "engine": "def"}])


def test_commands_and_machines_are_named_once() -> None:
    """What made the lines stands below the tables."""
    text = quality_tables(QUALITY)
    assert text.count("$ python -m benchmarks quality") == 1
    assert text.count("Measured on the test files with engine `abc` on x86_64, 2 cores, 1 threads, 2026-01-01, by") == 1


def test_dev_figures_are_called_so() -> None:
    """A reader sees on which files a figure was measured."""
    assert measured_with([{**QUALITY[0], "split": "dev"}]).startswith("Measured on the development files with")


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


def test_the_table_of_deficits_names_all_of_them() -> None:
    """Each with how sure it is, below the number of comparisons."""
    sentence, _, *lines = behind_table(QUALITY).splitlines()
    assert sentence == (
        "Lingua is behind in 2 of 4 comparisons with an interval that leaves out 0, and in 1 more by the mean alone."
    )
    found = [(row[3], row[-1]) for row in rows("\n".join(lines))[2:]]
    assert found == [("llmlingua", "yes"), ("bm25, then cut", "yes"), ("embedding, then cut", "no")]
    assert count_sentence([]) == behind_table([]) == "There is no comparison yet."


def test_the_readme_table_names_the_best_that_only_ranks_and_cuts() -> None:
    """One row per set at rate 0.25, by its main measure, with the paired difference to llmlingua."""
    head, _, *body = rows(main_table([*QUALITY, line("bm25_truncate", rate=0.5, survival=0.99)]))
    assert dict(zip(head, body[0], strict=True)) == {
        "set": "nq20",
        "measure": "answer survives",
        "questions": "50",
        "Lingua": "0.70 [0.60, 0.80]",
        "llmlingua 0.2.2": "0.50 [0.40, 0.60]",
        "Lingua minus llmlingua": "+0.20 [+0.10, +0.30] of 40",
        "best of rank and cut": "0.80 [0.70, 0.90] (bm25, then cut)",
    }
    assert body[1][-1] == ""


@pytest.mark.parametrize("lines", [[], QUALITY[:1], QUALITY[1:2], QUALITY[6:7]])
def test_few_results_make_a_short_part(lines: list[dict[str, Any]]) -> None:
    """Nothing, Lingua alone, a peer alone, a set without survival: the README's part is made of what is there."""
    assert (readme_part(lines, []) == NOTHING) == (not main_table(lines))


def test_the_readme_part_has_deficits_and_times() -> None:
    """What is bad for Lingua stands in the README, too."""
    part = readme_part(QUALITY, [TIME])
    assert count_sentence(QUALITY) in part
    assert "Lingua 4.00 s a question, llmlingua 18.0 s, **4 times** as long (4 to 5)." in part
    assert "Faster than Lingua: bm25_truncate (0.10 s)." in part


def test_times_are_shown_fastest_first() -> None:
    """A system without a time comes last, then Lingua's second question."""
    text = time_tables([TIME])
    assert rows(text)[2:] == [
        ["bm25_truncate", "0.10 [0.10, 0.20]", "180.0 (150.0 to 200.0)", "", ""],
        ["lingua", "4.00 [3.50, 4.50]", "4.5 (4.0 to 5.0)", "1,024", ""],
        ["llmlingua", "18.00 [17.00, 19.00]", "", "1,024", "2"],
        ["broken", "", "", "0", "20"],
        ["lingua, a second question", "2.00 [1.90, 2.10]", "", "1,024", ""],
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
    assert rows(cost_table([COST]))[2:] == [["passage tokens", "lingua", "100, 200", "1.00, 2.00", "1.00", "1, 2"]]


def test_ablations_have_a_row_each() -> None:
    """Seconds with and without the optimisation, and their ratio."""
    one = {"ablation": "a cache", "with": 0.5, "without": 1.0, "ratio": 2.0, "machine": "m", "command": "c", **AROUND}
    assert rows(ablation_table([one]))[2:] == [["a cache", "0.500", "1.000", "2.00"]]
    assert ablation_table([]) == NOTHING


def test_peers_that_did_not_run_are_named() -> None:
    """Each with its reason, in alphabetical order."""
    assert rows(not_run_table({"b": "no weights", "a": "no licence"}))[2:] == [["a", "no licence"], ["b", "no weights"]]


def test_systems_are_described_by_their_own_files() -> None:
    """By the docstring of the script; a variant by its options."""
    systems = find_systems()
    described = {row[1]: row[2] for row in rows(systems_table(systems.values()))[2:]}
    assert described["`full_prompt`"].startswith("Return everything unchanged")
    assert described["`lingua:sentences`"] == 'Lingua with `{"compression_options": {"unit": "sentence"}}`'
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
    """The repository's documents, with results of their own."""
    (tmp_path / "docs").mkdir()
    results = tmp_path / "benchmarks" / "results"
    results.mkdir(parents=True)
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        shutil.copy(page, tmp_path / page.relative_to(ROOT))
    peers = [{"peer": "a", "built": True, "reason": None}, {"peer": "b", "built": False, "reason": "no wheel"}]
    for name, lines in {"quality": QUALITY, "time": [TIME], "cost": [COST], "peers": peers}.items():
        text = "".join(json.dumps(item) + "\n" for item in lines)
        (results / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of all files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_documents(folder: Path) -> None:
    """What `report` does, without the demo."""
    write_plots(folder)
    write_parts(folder, parts_of(folder))


def test_the_report_fills_every_part_and_a_second_one_changes_nothing(copy: Path) -> None:
    """Every part stands between its markers, every plot is drawn and linked."""
    write_documents(copy)
    page = copy / "docs" / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    parts = parts_of(copy)
    names = re.findall(r"<!-- /([\w.-]+) -->", text)
    assert len(names) > 10
    for name in names:
        assert f"<!-- {name} -->\n{parts[name](page).strip()}\n<!-- /{name} -->" in text
    plots = {path.stem for path in (copy / "benchmarks" / "results" / "plots").glob("*.svg")}
    assert plots == {"quality", "cost-seconds", "cost-memory"}
    assert all(f"](../benchmarks/results/plots/{name}.svg)" in text for name in plots)
    assert rows(parts["not-run"](page))[2:] == [["b", "no wheel"]]
    assert readme_part(QUALITY, [TIME]) in (copy / "README.md").read_text(encoding="utf-8")
    before = files_of(copy)
    write_documents(copy)
    assert files_of(copy) == before


def test_a_report_without_results_says_so(copy: Path) -> None:
    """No file of results, no plot, and no part is missing; plots of earlier results go away."""
    write_documents(copy)
    for path in (copy / "benchmarks" / "results").glob("*.jsonl"):
        path.unlink()
    write_documents(copy)
    assert list((copy / "benchmarks" / "results" / "plots").iterdir()) == []
    page = copy / "docs" / "benchmarks.md"
    assert parts_of(copy)["quality"](page) == NOTHING
    assert NOTHING in (copy / "README.md").read_text(encoding="utf-8")
