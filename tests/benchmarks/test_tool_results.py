"""The benchmark of tool results: what they are, and what is counted."""

import argparse

import pytest

from benchmarks import tool_results
from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.agents.once import OnceCompressor
from tests.fakes import OverlapScoring


def test_results_are_what_their_names_say() -> None:
    """Each has its answer, and as many rows, lines or hunks as it says; they are the same each time."""
    made = tool_results.made_up_results()
    assert made == tool_results.made_up_results()
    assert all(any(answer in one.text for answer in one.answers) for one in made)
    lines = {one.name: one.text.rstrip("\n").count("\n") + 1 for one in made}
    assert lines["log, 400 lines"] == 400
    assert lines["traceback, 86 lines"] == 86
    assert lines["CSV, 120 rows"] == 121
    assert lines["source code, 238 lines"] == 238
    assert [one.text.count("@@ -") for one in made if one.name == "diff, 18 hunks"] == [18]


def test_a_line_of_the_table() -> None:
    """Tokens before and after, what is left out, and whether the answer is left."""
    engine = PromptCompressor(scoring=OverlapScoring())
    once = OnceCompressor(engine, options=CompressionOptions(rate=0.2))
    *_, diff, _, _ = tool_results.made_up_results()
    line = tool_results.line_of(diff, once)
    assert line.startswith("| diff, 18 hunks | 1,501 |  | ")
    assert line.endswith(" hunks | left |")


def test_the_rate_can_be_set() -> None:
    """The default is that of agents."""
    parser = argparse.ArgumentParser()
    tool_results.add_arguments(parser)
    assert parser.parse_args([]).rate == pytest.approx(0.35)
