"""What a compression gives back."""

import pytest
from pydantic import BaseModel, ValidationError

from lingua_shared import CompressionResult, DroppedPassage, KeptPassage, Span

KEPT = KeptPassage(
    index=1,
    text="one three",
    source="one two three",
    spans=(Span(0, 4, 0.5), Span(8, 13)),
    relevance=1.25,
    signals={"bm25": 2.0, "embedding": None},
    original_tokens=3,
    compressed_tokens=2,
)
DROPPED = DroppedPassage(index=0, source=None, relevance=-1.25, signals={"bm25": 0.0}, original_tokens=7)


def result(*, original_tokens: int = 10, compressed_tokens: int = 2) -> CompressionResult:
    return CompressionResult(
        text="one three",
        question="Which? \x00 👩🏽‍🚀",
        passages=(KEPT,),
        dropped=(DROPPED,),
        original_tokens=original_tokens,
        compressed_tokens=compressed_tokens,
        seconds={"count": 0.25},
        model="smollm2-135m",
        method="longllmlingua",
        device="cpu",
        notes=("a note",),
    )


@pytest.mark.parametrize(
    ("original", "compressed", "expected"), [(10, 2, 0.2), (10, 10, 1.0), (10, 0, 0.0), (0, 0, 1.0)]
)
def test_rate(original: int, compressed: int, expected: float) -> None:
    """The rate is the share of tokens kept; where there was nothing, all was kept."""
    assert result(original_tokens=original, compressed_tokens=compressed).rate == expected


def test_a_result_survives_json() -> None:
    """A result written as JSON and read back is the same."""
    assert CompressionResult.model_validate_json(result().model_dump_json()) == result()


def test_spans_survive_json_as_spans() -> None:
    """A span that was read back still has names for its parts."""
    read = CompressionResult.model_validate_json(result().model_dump_json())
    span = read.passages[0].spans[0]
    assert isinstance(span, Span)
    assert (span.start, span.end, span.importance) == (0, 4, 0.5)
    assert read.passages[0].spans[1].importance is None


@pytest.mark.parametrize(
    ("model", "field"), [(result(), "text"), (KEPT, "spans"), (DROPPED, "relevance"), (result(), "passages")]
)
def test_results_are_frozen(model: BaseModel, field: str) -> None:
    """Nothing in a result can be assigned."""
    with pytest.raises(ValidationError, match="frozen"):
        setattr(model, field, getattr(model, field))


def test_a_span_is_frozen() -> None:
    """Nor in a span."""
    with pytest.raises(AttributeError):
        KEPT.spans[0].start = 3  # type: ignore[misc]


def test_spans_cut_the_source() -> None:
    """Start and end are characters of the source."""
    source = KEPT.source or ""
    assert [source[span.start : span.end] for span in KEPT.spans] == ["one ", "three"]
