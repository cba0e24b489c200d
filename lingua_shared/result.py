"""What a compression returns: the text, what was kept of each passage, what was dropped, and why.

Results are frozen, and stay the same through JSON (`model_dump_json`, `model_validate_json`).
"""

from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from lingua_shared.recipe import Recipe
from lingua_shared.report.protocol import ReportedAnswer

_LONGEST_SHOWN = 60  # characters of a text in a repr


class Span(NamedTuple):
    """Characters of a source that were kept: source[start:end].

    The importance is the mean score of the sentences that the span touches; None where sentences have no scores.
    """

    start: int
    end: int
    importance: float | None = None


class Passage(BaseModel):
    """A passage that was handed in, kept or dropped.

    Attributes:
        index: its index in the request, from 0.
        source: the text handed in; None where `include_source` is False.
        relevance: in [0, 1]. With the method "encoder", and "longllmlingua" with its default models, the calibrated
            probability that the passage answers the question or leads to the answer, on the same scale in every
            request. With other rankers or models it compares passages of one request only. None where nothing was
            scored.
        signals: the value of each ranker; None for a passage that a ranker did not score.
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

    `text` is the slices source[start:end] of the spans, in order, with gaps[i] between slices i and i + 1, and ends[0]
    and ends[1] around them.

    Attributes:
        text: what is kept.
        spans: where it is in the source.
        gaps: what stands between two spans: nothing, a space, a line break, or the option `gap_marker`.
        ends: what stands before the first span and behind the last one: nothing, or a `gap_marker` that counts lines.
        compressed_tokens: tokens of `text`.
    """

    text: str
    spans: tuple[Span, ...]
    gaps: tuple[str, ...] = ()
    ends: tuple[str, str] = ("", "")
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
    """A passage that is not in the text.

    Attributes:
        copy_of: index of the passage that says exactly the same and counts for both; None where it was dropped for
            another reason.
    """

    copy_of: int | None = None


class CompressionResult(BaseModel):
    """The compressed text and the record of how it was made.

    Attributes:
        text: texts of the passages (with their headers, if any were given), joined by the separator.
        question: the question that decided what was kept.
        passages: kept passages, in the order of the text.
        dropped: the others, most relevant first, and then copies.
        original_tokens: tokens of all passages joined, counted with the target tokenizer.
        compressed_tokens: tokens of `text`, counted in the same way.
        answerability: probability, in [0, 1], that the passages answer the question: the highest calibrated relevance.
            None where no relevance is calibrated.
        answer_kept: with `keep_answer`, the estimate, in [0, 1], that the text has the answer if the passages have it.
            None without it, and where `max_passages` left passages out.
        seconds: wall time of each step.
        model: largest model that computed scores; None where nothing was scored, or no model was needed.
        method: the method that the recipe comes from.
        device: where the models ran; None where nothing was scored.
        recipe: the options of the request with every default filled in.
        notes: what was not done as asked, and why.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    question: str | None
    passages: tuple[KeptPassage, ...]
    dropped: tuple[DroppedPassage, ...]
    original_tokens: int
    compressed_tokens: int
    answerability: float | None = None
    answer_kept: float | None = None
    seconds: dict[str, float]
    model: str | None
    method: str
    device: str | None
    recipe: Recipe | None = None
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of the tokens that is left, in [0, 1]; 1 where there was nothing to compress."""
        return self.compressed_tokens / self.original_tokens if self.original_tokens else 1.0

    def __repr__(self) -> str:
        """Return the counts, the method and the beginning of the text, on one line."""
        text = repr(self.text if len(self.text) <= _LONGEST_SHOWN else f"{self.text[:_LONGEST_SHOWN]}...")
        return (
            f"CompressionResult({self.compressed_tokens} of {self.original_tokens} tokens, {len(self.passages)} "
            f"passages kept, {len(self.dropped)} dropped, method={self.method!r}, text={text})"
        )

    __str__ = __repr__

    def to_html(self, path: str | Path | None = None, *, answer: ReportedAnswer | None = None) -> str:
        """Return the report: one page that shows what was kept of each passage, what was dropped, and why.

        Args:
            path: file to write it to; None writes none.
            answer: what `recover` returned for this result: the page shows which parts were restored, each with a link
                to its passage.

        Raises:
            OSError: the file cannot be written.
        """
        from lingua_shared.report.html import page  # noqa: PLC0415 - late, so that importing this package stays fast
        from lingua_shared.report.showing import encoded  # noqa: PLC0415

        html = page(self, answer=answer)
        if path is not None:
            Path(path).write_bytes(encoded(html))
        return html

    def render(self, *, width: int | None = None, color: bool | None = None) -> str:
        """Return the report for a terminal; without colours, dropped text is left out and marked by […].

        Args:
            width: characters per line; None is the width of the terminal.
            color: whether to use colours; None uses them where standard output is a terminal.
        """
        from lingua_shared.report.terminal import render  # noqa: PLC0415

        return render(self, width=width, color=color)

    def show(self) -> None:
        """Show the report: under the cell of a notebook, else in a browser, else in the terminal."""
        from lingua_shared.report.showing import show  # noqa: PLC0415

        show(self)

    def _repr_html_(self) -> str:
        """Return the report as notebooks show it."""
        from lingua_shared.report.html import frame  # noqa: PLC0415

        return frame(self)
