"""The entry points of recovery: restores in an answer the words that compression dropped from what the answer quotes.

Pure and deterministic: needs the result of a compression, but no model and no framework.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ConfigDict, ValidationError, field_validator

from lingua_shared.errors import InvalidInputError, InvalidTypeError, short
from lingua_shared.inputs import CheckedModel, as_question, check_text
from lingua_shared.recovery.gap_index import GapIndex, Source
from lingua_shared.recovery.names import Names
from lingua_shared.recovery.options import RecoveryOptions
from lingua_shared.recovery.result import RecoveredAnswer
from lingua_shared.recovery.stream import RecoveringStream
from lingua_shared.result import CompressionResult, KeptPassage
from lingua_shared.telemetry.spans import traced
from lingua_shared.text.spans import Interval, merge

SOURCE_TEXT_KEY = "source_text"
"""Key in the provenance of a document: its text before compression, where that differs from its text now."""

SOURCE_LENGTH_KEY = "source_characters"
"""Key in the provenance of a document: the length of that text, which is there even where the text is not."""

AnyResult = CompressionResult | str | Sequence[CompressionResult | str]


@dataclass(frozen=True)
class _Material:
    """What recovery knows of one or more compressions."""

    sources: tuple[Source, ...]
    questions: tuple[str, ...]


class SourcePassage(CheckedModel):
    """A passage and what was kept of it, for callers that have no `CompressionResult`.

    Attributes:
        index: position in the request; replacements refer to it.
        source: the text before compression.
        spans: what was kept, as [start, end) in characters of the source, in order; empty if nothing was. Empty spans
            are ignored.
    """

    model_config = ConfigDict(frozen=True)

    index: int
    source: str
    spans: tuple[tuple[int, int], ...]

    @field_validator("source")
    @classmethod
    def _is_text(cls, source: str) -> str:
        check_text(source, "the source")
        return source


class Recoverer:
    """Restores any number of answers to one compression; reads the sources once. Threads can share it.

    Example:
        >>> source = "The light at Gull Point was first lit on a clear night in March 1884."
        >>> passage = SourcePassage(index=0, source=source, spans=((0, 28), (54, 69)))
        >>> recoverer = Recoverer.from_sources([passage])
        >>> recoverer.recover("The light at Gull Point was in March 1884.").text
        'The light at Gull Point was first lit on a clear night in March 1884.'
        >>> stream = recoverer.stream()
        >>> [stream.feed(chunk) for chunk in ("The light at Gull Po", "int was in Ma", "rch 1884. ")]
        ['The light at Gull ', 'Point ', 'was first lit on a clear night in March 1884. ']
    """

    def __init__(self, result: AnyResult | _Material, *, options: RecoveryOptions | None = None) -> None:
        """Build the index over the sources.

        Args:
            result: what `compress` returned, its JSON, or a list of these.
            options: what may be restored.

        Raises:
            InvalidInputError: a passage has no source (compress with include_source=True), its spans do not fit it, or
                the JSON is not that of a result.
            InvalidTypeError: the result or the options are of another type.
        """
        _check_options(options)
        material = result if isinstance(result, _Material) else _material_of(_as_results(result))
        sources = [_checked(source) for source in material.sources]
        self._options = (options or RecoveryOptions()).model_copy()
        self._index = GapIndex(sources, material.questions)
        self._names = Names(sources) if self._options.complete_names else None

    @classmethod
    def from_sources(
        cls,
        passages: Sequence[SourcePassage],
        *,
        question: str | None = None,
        options: RecoveryOptions | None = None,
    ) -> Self:
        """Build the index over passages, best first, and the spans that were kept of them.

        Args:
            passages: the passages, each with its source.
            question: what was asked.
            options: what may be restored.

        Raises:
            InvalidInputError: spans do not fit their source, or the question is not valid text.
            InvalidTypeError: an argument is of another type.
        """
        question = as_question(question)
        return cls(_Material(_as_sources(passages), (question,) if question else ()), options=options)

    @classmethod
    def from_provenance(
        cls,
        documents: Sequence[tuple[str, object]],
        *,
        question: str | None = None,
        options: RecoveryOptions | None = None,
    ) -> Self:
        """Build the index from documents and what an adapter wrote into their metadata.

        Args:
            documents: the current text of each document, and its provenance. A document whose provenance is None or
                anything else counts as not compressed. Replacements refer to the position in this list.
            question: what was asked.
            options: what may be restored.

        Raises:
            InvalidInputError: no document that has text has provenance, or that of one is damaged.
            InvalidTypeError: an argument is of another type.
        """
        return cls.from_sources(_passages_of(documents), question=question, options=options)

    def recover(self, answer: str) -> RecoveredAnswer:
        """Return the answer with what was damaged restored.

        Raises:
            InvalidTypeError: the answer is not a string.
        """
        if not isinstance(answer, str):
            msg = f"the answer is of type {type(answer).__name__}; give a string"
            raise InvalidTypeError(msg)
        with traced("lingua.recover") as note:
            stream = self.stream()
            text = stream.feed(answer) + stream.finish()
            note(replacements=len(stream.replacements), ambiguous=len(stream.ambiguous))
        return RecoveredAnswer(text=text, answer=answer, replacements=stream.replacements, ambiguous=stream.ambiguous)

    def stream(self) -> RecoveringStream:
        """Return a stream for one answer: `feed` it chunks as they arrive, then `finish` it."""
        return RecoveringStream(self._index, self._options, self._names)


def check_provenance(documents: Sequence[tuple[str, object]]) -> None:
    """Raise the errors that `Recoverer.from_provenance` would raise for these documents, without building an index.

    Raises:
        InvalidInputError: no document that has text has provenance, or that of one is damaged.
        InvalidTypeError: a document is not a pair of its text and its provenance.
    """
    for source in _as_sources(_passages_of(documents)):
        _checked(source)


def recover(answer: str, result: AnyResult, *, options: RecoveryOptions | None = None) -> RecoveredAnswer:
    """Return an answer with what compression damaged restored, and a record of each change.

    For several answers to one result use `Recoverer`, which reads the sources only once.

    Args:
        answer: what a language model answered from the compressed text.
        result: what `compress` returned, its JSON, or a list of these.
        options: what may be restored.

    Raises:
        InvalidInputError: a passage has no source (compress with include_source=True), its spans do not fit it, or the
            JSON is not that of a result.
        InvalidTypeError: the answer, the result or the options are of another type.
    """
    return Recoverer(result, options=options).recover(answer)


def _check_options(options: object) -> None:
    if options is not None and not isinstance(options, RecoveryOptions):
        msg = f"options is of type {type(options).__name__}; give RecoveryOptions(...) or None"
        raise InvalidTypeError(msg)


def _check_is_list(values: object, name: str, allowed: str) -> None:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        msg = f"{name} is of type {type(values).__name__}; give {allowed}"
        raise InvalidTypeError(msg)


def _as_results(result: object) -> list[CompressionResult]:
    if isinstance(result, Sequence) and not isinstance(result, str | bytes | bytearray | memoryview):
        return [_as_result(one) for one in result]
    return [_as_result(result)]


def _as_result(result: object) -> CompressionResult:
    if isinstance(result, CompressionResult):
        return result
    if isinstance(result, str):
        return _read_json(result)
    msg = f"the result is of type {type(result).__name__}; give a CompressionResult, its JSON, or a list of these"
    raise InvalidTypeError(msg)


def _read_json(text: str) -> CompressionResult:
    try:
        return CompressionResult.model_validate_json(text)
    except (ValidationError, UnicodeEncodeError) as error:
        msg = f"{short(text)} is not the JSON of a result; give what CompressionResult.model_dump_json() wrote"
        raise InvalidInputError(msg) from error


def _as_sources(passages: Sequence[SourcePassage]) -> tuple[Source, ...]:
    _check_is_list(passages, "passages", "a list of SourcePassage")
    for passage in passages:
        if not isinstance(passage, SourcePassage):
            msg = f"a passage is of type {type(passage).__name__}; give SourcePassage(index=..., source=..., spans=...)"
            raise InvalidTypeError(msg)
    return tuple(Source(p.index, p.source, p.spans, rank, result=0) for rank, p in enumerate(passages))


def _material_of(results: Sequence[CompressionResult]) -> _Material:
    sources = (source for number, result in enumerate(results) for source in _sources_of(result, number))
    return _Material(tuple(sources), tuple(result.question for result in results if result.question))


def _sources_of(result: CompressionResult, number: int) -> list[Source]:
    kept = sorted(result.passages, key=lambda passage: -(passage.relevance or 0.0))
    sources = []
    for rank, passage in enumerate([*kept, *result.dropped]):
        if passage.source is None:
            msg = (
                f"passage {passage.index} of the result has no source, and recovery takes what was dropped from there; "
                "compress with include_source=True"
            )
            raise InvalidInputError(msg)
        spans = tuple((s.start, s.end) for s in passage.spans) if isinstance(passage, KeptPassage) else ()
        sources.append(Source(passage.index, passage.source, spans, rank, number))
    return sources


def _passages_of(documents: Sequence[tuple[str, object]]) -> list[SourcePassage]:
    """Read the documents that have text, best first."""
    _check_is_list(documents, "documents", "a list of pairs of a text and its provenance")
    pairs = [_as_pair(number, document) for number, document in enumerate(documents)]
    known = [(number, text, _provenance(record)) for number, (text, record) in enumerate(pairs) if text.strip()]
    if known and not any(record for _, _, record in known):
        msg = (
            f"none of the {len(known)} documents says what was kept of it, and recovery needs to know; set "
            "add_provenance=True where they are compressed, and pass their metadata on"
        )
        raise InvalidInputError(msg)
    ranked = sorted(known, key=lambda one: -_relevance(one[0], one[2]) if one[2] else math.inf)
    return [_passage_of(*one) for one in ranked]


def _as_pair(number: int, document: object) -> tuple[str, object]:
    if isinstance(document, tuple | list) and len(document) == 2:
        check_text(document[0], f"the text of document {number}")
        return document[0], document[1]
    msg = f"document {number} is of type {type(document).__name__}; give a pair of its text and its provenance"
    raise InvalidTypeError(msg)


def _provenance(record: object) -> Mapping[str, Any]:
    """Return what an adapter wrote; an empty mapping where the key was used for something else."""
    return record if isinstance(record, Mapping) and "spans" in record else {}


def _relevance(index: int, record: Mapping[str, Any]) -> float:
    """Return the relevance in a provenance; 0.0 where there is none."""
    value = record.get("relevance")
    if value is None:
        return 0.0
    try:
        relevance = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        relevance = math.nan
    if math.isfinite(relevance):
        return relevance
    msg = (
        f"the provenance of document {index} has the relevance {short(value)}; it is a finite number or None: pass "
        "metadata on as it was written where the document was compressed"
    )
    raise InvalidInputError(msg)


def _passage_of(index: int, text: str, record: Mapping[str, Any]) -> SourcePassage:
    source = _source_text(index, record)
    if source is None:
        return SourcePassage(index=index, source=text, spans=((0, len(text)),))
    try:
        return SourcePassage(index=index, source=source, spans=record["spans"])
    except (InvalidInputError, InvalidTypeError) as error:
        msg = (
            f"the provenance of document {index} cannot be read: {error}; pass metadata on as it was written where "
            "the document was compressed"
        )
        raise InvalidInputError(msg) from error


def _source_text(index: int, record: Mapping[str, Any]) -> object:
    """Return the text before compression; None where nothing was dropped."""
    try:
        return record[SOURCE_TEXT_KEY]  # not `get`: an adapter's record holds the text back from its items
    except KeyError as error:
        if SOURCE_LENGTH_KEY not in record:
            return None
        msg = (
            f"the provenance of document {index} has lost its source text, probably because it went through JSON; set "
            "serialize_source=True where documents are compressed, or pass the metadata on as objects"
        )
        raise InvalidInputError(msg) from error


def _checked(source: Source) -> Source:
    """Return a source with its spans merged.

    Raises:
        InvalidInputError: a span does not lie in the source, or spans overlap or are out of order.
    """
    previous = 0
    for span in source.spans:
        if not previous <= span[0] <= span[1] <= len(source.text):
            msg = (
                f"the spans of passage {source.index} have {short(span)}, but its source has {len(source.text)} "
                "characters; spans are [start, end] within it, in order, and do not overlap"
            )
            raise InvalidInputError(msg)
        previous = span[1]
    return Source(source.index, source.text, _merged(source.spans), source.rank, source.result)


def _merged(spans: Sequence[Interval]) -> tuple[Interval, ...]:
    return tuple(merge(span for span in spans if span[0] < span[1]))
