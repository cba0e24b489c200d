"""A prompt as texts that may be shortened, with literal text between them that stays byte for byte."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lingua_shared.errors import BudgetError
from lingua_shared.methods import DEFAULT_RATE
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.prompts.shortening import Shortener
from lingua_shared.selection.budgets import PassageBudgets


@dataclass(frozen=True)
class Slot:
    """A text that may be shortened.

    Attributes:
        text: the text itself, such as the value of a string in JSON.
        place: where it is, for the record and for errors.
        rate: share of its tokens to keep, in [0, 1]; None leaves it to the options.
        source: how the prompt shows it, such as the string in JSON with its quotation marks; None is `text`.
        write: gives what the prompt shows for a shorter text.
    """

    text: str
    place: str
    rate: float | None = None
    source: str | None = None
    write: Callable[[str], str] = str

    def shown(self, text: str) -> str:
        """Return what the prompt shows where the slot has this text; its very source where nothing changed."""
        return (self.text if self.source is None else self.source) if text == self.text else self.write(text)


_Text = TypeVar("_Text")

Piece = str | Slot
"""Literal text, or a text that may be shortened."""


@dataclass
class Template:
    """A prompt that is being compressed.

    Attributes:
        pieces: make up the prompt, in order.
        shortener: shortens texts; the rate of its options is that of slots without one, its target_tokens is the
            budget of the whole prompt.
        question: what is asked.
    """

    pieces: Sequence[Piece]
    shortener: Shortener
    question: str | None = None

    def __post_init__(self) -> None:
        """Find the slots."""
        self.slots = [piece for piece in self.pieces if isinstance(piece, Slot)]

    def text(self, texts: Iterable[str]) -> str:
        """Return the prompt with these texts in its slots."""
        rest = iter(texts)
        return "".join(piece if isinstance(piece, str) else piece.shown(next(rest)) for piece in self.pieces)

    def compress(self) -> tuple[str, list[ShortenedText]]:
        """Return the compressed prompt and what stands in each slot.

        Raises:
            BudgetError: what must stay is larger than the budget of the whole prompt.
        """
        budget, count = self.shortener.options.target_tokens, self.shortener.count
        least = count(self.text("" for _ in self.slots))
        if budget is not None and least > budget:
            msg = (
                f"what must stay has {least} tokens and target_tokens is {budget}; raise it, or allow more of the "
                "prompt to be shortened"
            )
            raise BudgetError(msg)
        rates = self._rates()
        open_slots = [slot for slot, rate in zip(self.slots, rates, strict=True) if rate > 0]

        def filled(texts: Iterable[_Text], left_out: Callable[[Slot], _Text]) -> list[_Text]:
            """Return a text for each slot from those of the open ones."""
            rest = iter(texts)
            return [next(rest) if rate > 0 else left_out(slot) for slot, rate in zip(self.slots, rates, strict=True)]

        shortened = self.shortener.shorten(
            [slot.text for slot in open_slots],
            PassageBudgets(rates=[rate for rate in rates if rate > 0]),
            places=[slot.place for slot in open_slots],
            question=self.question,
            write=lambda texts: self.text(filled(texts, lambda _: "")),
            target_tokens=budget,
        )
        texts = filled(shortened, self._left_out)
        return self.text(text.text for text in texts), texts

    def _left_out(self, slot: Slot) -> ShortenedText:
        size = self.shortener.count(slot.text)
        return ShortenedText(place=slot.place, source=slot.text, text="", original_tokens=size, compressed_tokens=0)

    def _rates(self) -> list[float]:
        """Return the share of its tokens that each slot keeps at most."""
        options = self.shortener.options
        rate = options.rate if options.target_tokens is None else 1.0
        default = DEFAULT_RATE if rate is None else rate
        return [default if slot.rate is None else slot.rate for slot in self.slots]
