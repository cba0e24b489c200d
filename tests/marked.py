"""Sources written with marks: what stands between [[ and ]] was dropped."""

import re

from lingua_shared import (
    CompressionResult,
    DroppedPassage,
    KeptPassage,
    Recoverer,
    RecoveryOptions,
    SourcePassage,
    Span,
)
from lingua_shared.text.spans import join


def spans_of(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without the marks, and the spans that were kept."""
    text, spans = "", []
    for number, part in enumerate(re.split(r"\[\[|\]\]", marked)):
        if number % 2 == 0 and part:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return text, tuple(spans)


def passage(marked: str, index: int = 0) -> SourcePassage:
    source, spans = spans_of(marked)
    return SourcePassage(index=index, source=source, spans=spans)


def recoverer(*marked: str, question: str | None = None, options: RecoveryOptions | None = None) -> Recoverer:
    """A recoverer for these passages, best first."""
    passages = [passage(text, index) for index, text in enumerate(marked)]
    return Recoverer.from_sources(passages, question=question, options=options)


def compressed(marked: str, *more: str) -> str:
    """What the compressed text has of a passage."""
    texts = []
    for text in (marked, *more):
        source, spans = spans_of(text)
        texts.append(join(source, spans))
    return "\n\n".join(texts)


def result(
    *marked: str, dropped: tuple[str, ...] = (), question: str | None = None, include_source: bool = True
) -> CompressionResult:
    """A result that kept of the passages what is not marked, and nothing of those dropped."""
    kept = []
    for index, text in enumerate(marked):
        source, spans = spans_of(text)
        kept.append(
            KeptPassage(
                index=index,
                source=source if include_source else None,
                relevance=float(-index),
                signals={},
                original_tokens=1,
                text=join(source, spans),
                spans=tuple(Span(*span) for span in spans),
                compressed_tokens=1,
            )
        )
    gone = [
        DroppedPassage(index=len(kept) + n, source=text, relevance=None, signals={}, original_tokens=1)
        for n, text in enumerate(dropped)
    ]
    return CompressionResult(
        text="\n\n".join(one.text for one in kept),
        question=question,
        passages=tuple(kept),
        dropped=tuple(gone),
        original_tokens=1,
        compressed_tokens=1,
        seconds={},
        model=None,
        method="made up",
        device=None,
    )
