"""Shortens single texts of a structured prompt, each within its own budget, through the one engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lingua_shared.errors import OptionsError
from lingua_shared.methods import methods_without_question
from lingua_shared.options import CompressionOptions
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.result import CompressionResult
from lingua_shared.text.token_counting import Counter

METHOD_WITHOUT_QUESTION = "surprisal"

_OF_PASSAGES = ("keep_passages", "max_passages")


class Engine(Protocol):
    """Compresses passages; `PromptCompressor` does."""

    def compress(
        self, passages: str | Sequence[str], *, question: str | None = None, options: CompressionOptions | None = None
    ) -> CompressionResult:
        """Keep what answers the question, within the budget."""
        ...


@dataclass
class Shortener:
    """Shortens the texts of one request.

    Attributes:
        engine: does the work.
        options: how; rate and target_tokens are set for each text.
        count: number of tokens of a text in the target LLM.
        notes: what was not done as asked, each once.
    """

    engine: Engine
    options: CompressionOptions
    count: Counter
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse options that only make sense for a list of passages.

        Raises:
            OptionsError: names the option.
        """
        for name in _OF_PASSAGES:
            if getattr(self.options, name):
                msg = f"{name} is set, but a structured prompt has no passages; leave it out"
                raise OptionsError(msg)

    def shorten(self, text: str, budget: int, *, question: str | None, place: str) -> ShortenedText:
        """Return a text within a budget.

        Args:
            text: what to shorten.
            budget: largest number of tokens of the result.
            question: what is asked; without one, the method is "surprisal" unless the one that is set needs none.
            place: where the text is, for the record.
        """
        size = self.count(text)
        if size <= budget:
            return ShortenedText(
                place=place,
                source=text,
                text=text,
                spans=((0, len(text)),),
                original_tokens=size,
                compressed_tokens=size,
            )
        if budget <= 0 or not text.strip():
            return ShortenedText(place=place, source=text, text="", original_tokens=size, compressed_tokens=0)
        result = self.engine.compress(text, question=question, options=self._options(budget, question))
        self._remember(result.notes)
        spans = result.passages[0].spans if result.passages else ()
        return ShortenedText(
            place=place,
            source=text,
            text=result.text,
            spans=spans,
            original_tokens=size,
            compressed_tokens=result.compressed_tokens,
        )

    def _options(self, budget: int, question: str | None) -> CompressionOptions:
        changed: dict[str, Any] = {"rate": None, "target_tokens": budget, "score_when_fitting": False}
        if not (question or "").strip() and self.options.method not in methods_without_question():
            changed["method"] = METHOD_WITHOUT_QUESTION
        return self.options.model_copy(update=changed)

    def _remember(self, notes: Sequence[str]) -> None:
        self.notes += [note for note in notes if note not in self.notes]
