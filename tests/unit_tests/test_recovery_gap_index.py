"""The index of gaps between kept words."""

import pytest

from lingua_shared.recovery.gap_index import GapIndex, Source
from lingua_shared.recovery.policy import POLICY
from tests.marked import spans_of


def index_of(*marked: str, question: str = "") -> GapIndex:
    return GapIndex([Source(n, *spans_of(text), rank=n, result=0) for n, text in enumerate(marked)], [question])


def test_gaps_lie_between_kept_words_of_a_sentence() -> None:
    """Not at its ends, nor where a word was cut."""
    index = index_of("The [[old ]]lamp burns. [[Then the ]]keeper left [[us.]] A [[new o]]ne came.")
    (gap,) = index.gaps_between(["the", "lamp"])
    assert (gap.text, gap.dropped, gap.length) == (" old ", 1, 12)
    assert index.gaps_between(["burns", "keeper"]) == []
    assert index.gaps_between(["left", "a"]) == []
    assert index.gaps_between(["a", "came"])[0].dropped == 2


def test_what_stands_is_known() -> None:
    """Runs of two to four words of all sources and the question, whether kept or dropped."""
    index = index_of("The [[old ]]lamp burns.", "[[Nobody came.]]", question="Which lamp?")
    assert index.occurs(["the", "old", "lamp", "burns"])
    assert index.occurs(["nobody", "came"])
    assert index.occurs(["which", "lamp"])
    assert not index.occurs(["the", "lamp"])
    assert index.counts["lamp"] == 2
    assert index.total == 8


def test_crowded_gaps_need_more_words() -> None:
    """More gaps between the same words than can be told apart are found by two words on each side only."""
    few = index_of(" ".join(f"See a{n} x [[o ]]y b{n}." for n in range(POLICY.max_equal_gaps)))
    many = index_of(" ".join(f"See a{n} x [[o ]]y b{n}." for n in range(POLICY.max_equal_gaps + 1)))
    assert not few.is_crowded("x", "y")
    assert len(few.gaps_between(["x", "y"])) == POLICY.max_equal_gaps
    assert many.is_crowded("x", "y")
    assert many.gaps_between(["x", "y"]) == []
    assert len(many.gaps_between(["a3", "x", "y", "b3"])) == 1


@pytest.mark.parametrize(("text", "count"), [("灯台[[は]]高い", 1), ("one [[two three, four ]]five", 3)])
def test_dropped_words_are_counted_in_any_script(text: str, count: int) -> None:
    """As the engine cuts words."""
    source, spans = spans_of(text)
    before, after = source[spans[0][1] - 1], source[spans[1][0]]
    keys = ["one", "five"] if source.isascii() else [before, after]
    (gap,) = index_of(text).gaps_between(keys)
    assert gap.dropped == count
