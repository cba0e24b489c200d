"""Shortens the texts of a structured prompt, each within its own budget, through the one engine."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lingua_shared.errors import OptionsError
from lingua_shared.methods import methods_without_question
from lingua_shared.options import CompressionOptions
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.result import CompressionResult
from lingua_shared.selection.budgets import PassageBudgets
from lingua_shared.text.spans import Layout
from lingua_shared.text.token_counting import Counter

METHOD_WITHOUT_QUESTION = "surprisal"

_ROOM_FOR_ALL = 2**40
"""Tokens with which texts are ranked and none is chosen."""

_OF_PASSAGES = ("keep_passages", "max_passages", "keep_answer")


class Engine(ABC):
    """Compresses texts; `PromptCompressor` does."""

    @abstractmethod
    def compress(
        self, passages: str | Sequence[str], *, question: str | None = None, options: CompressionOptions | None = None
    ) -> CompressionResult:
        """Keep what answers the question, within the budget."""

    @abstractmethod
    def compress_within(
        self,
        texts: Sequence[str],
        budgets: PassageBudgets,
        *,
        question: str | None = None,
        options: CompressionOptions | None = None,
        layout: Layout | None = None,
    ) -> CompressionResult:
        """Shorten texts that have a budget each."""


@dataclass(frozen=True)
class _Whole(Layout):
    """The whole prompt around its texts, so that its tokens are counted as they will be.

    Attributes:
        write: gives the prompt from one text for each place, "" where nothing is kept.
        places: number of texts.
    """

    write: Callable[[Sequence[str]], str]
    places: int

    def text(self, passages: Iterable[tuple[int, str]]) -> str:
        """Return the prompt with these texts in their places."""
        kept = dict(passages)
        return self.write([kept.get(index, "") for index in range(self.places)])


@dataclass
class Shortener:
    """Shortens the texts of one request.

    Attributes:
        engine: does the work.
        options: how; rate and target_tokens are set anew.
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

    def shorten(
        self,
        texts: Sequence[str],
        budgets: PassageBudgets,
        *,
        places: Sequence[str],
        question: str | None,
        write: Callable[[Sequence[str]], str] | None = None,
        target_tokens: int | None = None,
    ) -> list[ShortenedText]:
        """Return the texts, each within its budget; one of which nothing is kept is "".

        Args:
            texts: what to shorten.
            budgets: what each may have.
            places: where each text is, for the record.
            question: what is asked; without one, the method is "surprisal" unless the one that is set needs none.
            write: gives the whole prompt from one text for each place; None joins them.
            target_tokens: budget of the whole prompt; None is no such budget.
        """
        if not texts:
            return []
        options = self._options(question, rate=1.0 if target_tokens is None else None, target_tokens=target_tokens)
        renders = (str,) * len(texts)
        layout = _Whole(options.separator, renders, write or options.separator.join, len(texts))
        result = self.engine.compress_within(texts, budgets, question=question, options=options, layout=layout)
        self.notes += [note for note in result.notes if note not in self.notes]
        kept = {passage.index: passage for passage in result.passages}
        sizes = {passage.index: passage.original_tokens for passage in (*result.passages, *result.dropped)}
        return [
            ShortenedText(
                place=place,
                source=text,
                text=kept[index].text if index in kept else "",
                spans=kept[index].spans if index in kept else (),
                original_tokens=sizes[index],
                compressed_tokens=kept[index].compressed_tokens if index in kept else 0,
            )
            for index, (place, text) in enumerate(zip(places, texts, strict=True))
        ]

    def relevances(self, texts: Sequence[str], *, question: str | None) -> list[float]:
        """Return the relevance of each text to the question; of equal texts, the same. Without one, its surprisal."""
        distinct = list(dict.fromkeys(texts))
        options = self._options(
            question, rate=None, target_tokens=_ROOM_FOR_ALL, unit="passage", score_when_fitting=True
        )
        result = self.engine.compress(distinct, question=question, options=options)
        relevances = {one.index: one.relevance or 0.0 for one in (*result.passages, *result.dropped)}
        by_text = {text: relevances[index] for index, text in enumerate(distinct)}
        return [by_text[text] for text in texts]

    def _options(self, question: str | None, **changed: Any) -> CompressionOptions:
        settings = {"target_tokens": None, "score_when_fitting": False, "order": "original", **changed}
        if not (question or "").strip() and self.options.method not in methods_without_question():
            settings["method"] = METHOD_WITHOUT_QUESTION
        return self.options.model_copy(update=settings)
