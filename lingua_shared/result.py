"""What a compression gives back: the text, each passage with the characters it kept, what was dropped, and why.

Frozen, and the same after a round trip through JSON (`model_dump_json`, `model_validate_json`).
"""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict


class Span(NamedTuple):
    """Characters of a source that were kept: source[start:end], and how much they matter.

    The importance is the mean, over the span, of the scores by which sentences were compared; None where nothing was
    scored.
    """

    start: int
    end: int
    importance: float | None = None


class Passage(BaseModel):
    """A passage that was handed in, kept or dropped.

    Attributes:
        index: its place in the request, from 0.
        source: the text handed in; None where `include_source` is off.
        relevance: what ranked it, comparable within the request; None where nothing had to be scored.
        signals: the value of each ranker; None for a passage that a ranker cannot score, such as an empty one.
        original_tokens: tokens of the source.
    """

    model_config = ConfigDict(frozen=True)

    index: int
    source: str | None
    relevance: float | None
    signals: dict[str, float | None]
    original_tokens: int


class KeptPassage(Passage):
    """A passage that is in the text.

    `text` is the slices source[start:end] of the spans, put one behind the other; a single space parts two slices
    where the words at the cut would otherwise run together.
    """

    text: str
    spans: tuple[Span, ...]
    compressed_tokens: int

    def provenance(self, *, shift: int = 0) -> dict[str, Any]:
        """Return what was kept as plain values: spans are [start, end] in characters of the source plus a shift."""
        return {
            "relevance": self.relevance,
            "original_tokens": self.original_tokens,
            "compressed_tokens": self.compressed_tokens,
            "spans": [[shift + span.start, shift + span.end] for span in self.spans],
        }


class DroppedPassage(Passage):
    """A passage that is not in the text."""


class CompressionResult(BaseModel):
    """The compressed text and the record of how it came to be.

    Attributes:
        text: texts of the passages (with their headers, if any were given), joined by the separator.
        question: the question that decided what was kept.
        passages: kept passages, in the order of the text.
        dropped: the others, most relevant first.
        original_tokens: tokens of all passages joined, counted with the target tokenizer.
        compressed_tokens: tokens of `text`, counted in the same way.
        evidence: probability, in [0, 1], that the passages hold an answer, by the encoder; None where it did not read.
        seconds: wall time of each stage.
        model, method, device: what scored, the largest model of the method among them; model and device are None where
            nothing had to be scored, or no model did.
        notes: anything that was not done as asked, and why.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    question: str | None
    passages: tuple[KeptPassage, ...]
    dropped: tuple[DroppedPassage, ...]
    original_tokens: int
    compressed_tokens: int
    evidence: float | None = None
    seconds: dict[str, float]
    model: str | None
    method: str
    device: str | None
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of the tokens that is left, in [0, 1]; 1 where there was nothing to compress."""
        return self.compressed_tokens / self.original_tokens if self.original_tokens else 1.0
