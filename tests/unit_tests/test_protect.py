"""The options `protect`, `protect_units` and `gap_marker`, and words that are forced, in whole requests."""

from itertools import pairwise
from typing import Any

import pytest

from lingua_shared import CompressionOptions, CompressionResult, OptionsError, PromptCompressor
from tests.fakes import OverlapScoring

LONG = (
    "The lighthouse was painted white in spring, repaired by the council in autumn after long storms, and renamed "
    "RX-200 by the board, which met every week."
)
SHORT = "The lighthouse is white. A ferry runs daily. Model RX-200 is sold out. Bread is baked at dawn."


def compress(text: str, **options: Any) -> CompressionResult:
    """Compress with words as tokens, for a question of which the first clause or sentence has most words."""
    chosen = CompressionOptions(**{"tokenizer": str.split, "whole_share": 0, **options})
    asked = "Is the lighthouse painted white?"
    return PromptCompressor(scoring=OverlapScoring()).compress([text], question=asked, options=chosen)


@pytest.mark.parametrize("tokens", range(5, 26))
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"protect": (r"RX-\d+",)}, ["RX-200"]),
        ({"protect": ("every week", "board")}, ["board,", "every week."]),
        ({"protect": ("(?i)THE COUNCIL",)}, ["the council"]),
        ({"force_words": ("week", "RX-200")}, ["RX-200", "week."]),
        ({"keep_digits": True}, ["RX-200"]),
    ],
    ids=repr,
)
def test_a_cut_keeps_what_is_named(options: dict[str, Any], kept: list[str], tokens: int) -> None:
    """A sentence that does not fit is cut; what the user names stays in every cut, within the budget."""
    result = compress(LONG, target_tokens=tokens, **options)
    assert result.compressed_tokens <= tokens
    assert result.text != LONG
    for words in kept:
        assert words in result.text
    assert "lighthouse" in result.text or "painted" in result.text


def test_without_protection_the_best_clause_stays() -> None:
    """That the tests above keep more is due to the options."""
    for tokens in range(5, 12):
        assert "RX-200" not in compress(LONG, target_tokens=tokens).text


def test_what_is_named_does_not_keep_its_unit() -> None:
    """A sentence that is not chosen is dropped with what is named in it; with `protect_units` it is kept."""
    alone = compress(SHORT, target_tokens=9, protect=(r"RX-\d+",))
    assert alone.text == "The lighthouse is white. Bread is baked at dawn."
    both = compress(SHORT, target_tokens=9, protect=(r"RX-\d+",), protect_units=True)
    assert both.text == "The lighthouse is white. Model RX-200 is sold out."


def test_protect_units_without_protect() -> None:
    """It says nothing by itself."""
    assert compress(SHORT, target_tokens=9, protect_units=True).text == compress(SHORT, target_tokens=9).text


TABLE = "| model | seats |\n|---|---|\n| RX-200 | 4 |\n| QT-10 | 6 |\n| lighthouse | 2 |\n"


def test_protected_units_come_with_what_they_need() -> None:
    """A row comes with its header."""
    result = compress(TABLE, target_tokens=11, protect=(r"RX-\d+",), protect_units=True)
    assert result.text == "| model | seats |\n|---|---|\n| RX-200 | 4 |"


@pytest.mark.parametrize(
    ("protect", "message"),
    [
        (("(",), r"protect names '\(', which is no regular expression: missing \)"),
        (("fine", "[a-"), r"protect names '\[a-', which is no regular expression"),
        (("*",), "no regular expression"),
        (("",), "protect names '', which matches an empty text"),
        (("x*",), r"protect names 'x\*', which matches an empty text"),
        (("a\ud800",), "lone surrogate"),
        ((7,), "protect"),
        ("RX", "protect"),
    ],
    ids=repr,
)
def test_patterns_that_are_refused(protect: Any, message: str) -> None:
    """The error names the pattern and says why, at construction and at assignment."""
    with pytest.raises(ValueError, match=message):
        CompressionOptions(protect=protect)
    options = CompressionOptions(protect=("a",))
    with pytest.raises(ValueError, match=message):
        options.protect = protect
    assert options.protect == ("a",)


def test_the_error_of_a_pattern_is_ours() -> None:
    """It can be caught as an error of options."""
    with pytest.raises(OptionsError):
        CompressionOptions(protect=("(",))


def test_patterns_stay_apart() -> None:
    """Each is a pattern of its own: alternatives and groups of one do not leak into the next."""
    for protect in (("council|RX-200", "every week"), ("(RX)-200|(council)", r"(every) (?:week)")):
        text = compress(LONG, target_tokens=12, protect=protect).text
        assert all(words in text for words in ("council", "RX-200", "every week"))


@pytest.mark.parametrize(
    "options", [{"protect": (r"RX-\d+", "ü|\\(c\\)")}, {"protect_units": True}, {"gap_marker": "[…]"}], ids=repr
)
def test_options_survive_json(options: dict[str, Any]) -> None:
    """Also in the recipe of a result."""
    built = CompressionOptions(**options)
    assert CompressionOptions.model_validate_json(built.model_dump_json()) == built
    result = compress(SHORT, target_tokens=9, **{"tokenizer": "cl100k_base", **options})
    again = CompressionResult.model_validate_json(result.model_dump_json())
    assert again.passages == result.passages
    assert again.recipe is not None
    assert {name: getattr(again.recipe, name) for name in options} == options


# Gaps


def test_a_marker_stands_where_something_was_left_out() -> None:
    """Between two units that are no neighbours; not at the ends, and not between neighbours."""
    result = compress(SHORT, target_tokens=10, protect=("Model",), protect_units=True, gap_marker="[...]")
    assert result.text == "The lighthouse is white. [...] Model RX-200 is sold out."
    assert compress(SHORT, target_tokens=9, gap_marker="[...]").text == "The lighthouse is white. A ferry runs daily."


def test_a_marker_is_counted() -> None:
    """A budget that has room for two sentences, but not for the marker between them, holds it all the same."""
    for tokens in range(4, 19):
        result = compress(SHORT, target_tokens=tokens, gap_marker="[ some lines left out ]")
        assert len(result.text.split()) == result.compressed_tokens <= tokens


def test_no_marker_inside_a_unit() -> None:
    """A sentence that is cut has none."""
    result = compress(LONG, target_tokens=14, gap_marker="[...]")
    assert len(result.passages[0].spans) > 1
    assert "[...]" not in result.text


JSON = """{
  "white": 1,
  "bread": "is baked at dawn",
  "lighthouse": "is painted"
}
"""


@pytest.mark.parametrize("text", [TABLE, "a: 1\nlighthouse: 2\nc: 3\nwhite: 4\n", JSON])
def test_no_marker_in_data(text: str) -> None:
    """It would no longer be valid."""
    marked = compress(text, rate=0.8, gap_marker="[...]")
    assert len(marked.passages[0].spans) > 1
    assert marked.text == compress(text, rate=0.8).text


@pytest.mark.parametrize(
    "text", [SHORT, LONG, TABLE, "# White\n\nOne line.\n\nA lighthouse.\n\nBread.\n\nIt is white.\n"]
)
@pytest.mark.parametrize("marker", ["", "…", "[...]"])
def test_gaps_and_slices_make_the_text(text: str, marker: str) -> None:
    """`gaps[i]` stands between the slices of spans i and i + 1; spans are exact and do not touch."""
    for rate in (0.2, 0.4, 0.6, 0.8):
        for passage in compress(text, rate=rate, gap_marker=marker).passages:
            assert len(passage.gaps) == len(passage.spans) - 1
            parts = [text[span.start : span.end] for span in passage.spans]
            assert passage.text == parts[0] + "".join(g + p for g, p in zip(passage.gaps, parts[1:], strict=True))
            assert all(one.end < other.start for one, other in pairwise(passage.spans))


def test_a_passage_that_is_kept_whole_has_no_gaps() -> None:
    """There is one span."""
    [passage] = compress(SHORT, rate=1, gap_marker="[...]").passages
    assert (passage.text, passage.gaps) == (SHORT, ())
