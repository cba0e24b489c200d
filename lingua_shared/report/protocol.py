"""What the report reads of a result. Results fulfil this; the report imports none of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class ReportedSpan(Protocol):
    """Characters of a source that were kept."""

    @property
    def start(self) -> int:
        """Return the offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """Return the offset behind the last character."""
        ...

    @property
    def importance(self) -> float | None:
        """Return the mean score of the sentences; None where they have none."""
        ...


class ReportedPassage(Protocol):
    """A passage that was handed in; see `lingua_shared.result.Passage` for the attributes."""

    @property
    def index(self) -> int:
        """Return its place in the request, from 0."""
        ...

    @property
    def source(self) -> str | None:
        """Return the text handed in, where the result holds it."""
        ...

    @property
    def relevance(self) -> float | None:
        """Return the relevance in [0, 1]."""
        ...

    @property
    def signals(self) -> Mapping[str, float | None]:
        """Return the value of each ranker."""
        ...

    @property
    def original_tokens(self) -> int:
        """Return the tokens of the source."""
        ...


class ReportedKept(ReportedPassage, Protocol):
    """A passage that is in the text."""

    @property
    def text(self) -> str:
        """Return what is kept."""
        ...

    @property
    def spans(self) -> Sequence[ReportedSpan]:
        """Return where it is in the source."""
        ...

    @property
    def compressed_tokens(self) -> int:
        """Return the tokens of what is kept."""
        ...


class ReportedDropped(ReportedPassage, Protocol):
    """A passage that is not in the text."""

    @property
    def copy_of(self) -> int | None:
        """Return the passage that counts for both."""
        ...


class ReportedRecipe(Protocol):
    """The options of a request with every default filled in."""

    def model_dump(self) -> dict[str, Any]:
        """Return them by name."""
        ...


class ReportedReplacement(Protocol):
    """A part of an answer that was restored; see `lingua_shared.recovery.result.Replacement` for the attributes."""

    @property
    def start(self) -> int:
        """Return where it begins in the original answer."""
        ...

    @property
    def end(self) -> int:
        """Return where it ends in the original answer."""
        ...

    @property
    def before(self) -> str:
        """Return the part in the original answer."""
        ...

    @property
    def after(self) -> str:
        """Return the part now."""
        ...

    @property
    def passage(self) -> int:
        """Return the index of the passage that it was restored from."""
        ...

    @property
    def reason(self) -> str:
        """Return why it was restored."""
        ...


class ReportedAnswer(Protocol):
    """An answer of which parts were restored."""

    @property
    def answer(self) -> str:
        """Return the original answer."""
        ...

    @property
    def replacements(self) -> Sequence[ReportedReplacement]:
        """Return what was restored, in the order of the answer."""
        ...


class ReportedResult(Protocol):
    """What a compression returned; see `lingua_shared.result.CompressionResult` for the attributes."""

    @property
    def text(self) -> str:
        """Return what the model reads."""
        ...

    @property
    def question(self) -> str | None:
        """Return what was asked."""
        ...

    @property
    def passages(self) -> Sequence[ReportedKept]:
        """Return the kept passages, in the order of the text."""
        ...

    @property
    def dropped(self) -> Sequence[ReportedDropped]:
        """Return the others."""
        ...

    @property
    def original_tokens(self) -> int:
        """Return the tokens before."""
        ...

    @property
    def compressed_tokens(self) -> int:
        """Return the tokens after."""
        ...

    @property
    def rate(self) -> float:
        """Return the share that is left."""
        ...

    @property
    def answerability(self) -> float | None:
        """Return the probability that the passages answer."""
        ...

    @property
    def seconds(self) -> Mapping[str, float]:
        """Return the wall time of each step."""
        ...

    @property
    def model(self) -> str | None:
        """Return the largest model used."""
        ...

    @property
    def method(self) -> str:
        """Return the method."""
        ...

    @property
    def device(self) -> str | None:
        """Return where the models ran."""
        ...

    @property
    def recipe(self) -> ReportedRecipe | None:
        """Return the options with every default filled in."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """Return what was not done as asked."""
        ...
