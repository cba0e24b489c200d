"""A prompt as texts that may be shortened, with literal text between them that stays byte for byte."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lingua_shared.errors import BudgetError
from lingua_shared.methods import DEFAULT_RATE
from lingua_shared.prompts.allocation import allocate
from lingua_shared.prompts.result import ShortenedText
from lingua_shared.prompts.shortening import Shortener


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
        """Count the slots."""
        self.slots = [piece for piece in self.pieces if isinstance(piece, Slot)]
        self._sizes = [self.shortener.count(slot.text) for slot in self.slots]
        self._done: dict[tuple[int, int], ShortenedText] = {}

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
        most = self._most()
        if budget is None:
            texts = self._fill(most)
            return self.text(text.text for text in texts), texts
        room = budget - (count(self.text(slot.text for slot in self.slots)) - sum(self._sizes))
        while True:
            texts = self._fill(allocate(most, [1.0] * len(most), room) if room > 0 else [0] * len(most))
            text = self.text(one.text for one in texts)
            over = count(text) - budget
            if over <= 0:
                return text, texts
            if room <= 0:
                msg = (
                    f"what must stay has {count(text)} tokens and target_tokens is {budget}; raise it, or allow more "
                    "of the prompt to be shortened"
                )
                raise BudgetError(msg)
            room = min(room, sum(one.compressed_tokens for one in texts)) - over

    def _most(self) -> list[int]:
        """Return how many tokens each slot may have at most."""
        options = self.shortener.options
        rate = options.rate if options.target_tokens is None else 1.0
        default = DEFAULT_RATE if rate is None else rate
        rates = [default if slot.rate is None else slot.rate for slot in self.slots]
        # A hair above the product, or 0.29 * 100 would be 28.
        return [int(rate * size + 1e-9) for rate, size in zip(rates, self._sizes, strict=True)]

    def _fill(self, budgets: Sequence[int]) -> list[ShortenedText]:
        """Shorten each slot; what one cannot use goes to the next one that was cut for the whole's sake."""
        left, most, texts = 0, self._most(), []
        for index, budget in enumerate(budgets):
            given = min(budget + left, most[index])
            texts.append(self._shortened(index, given))
            left += budget - texts[-1].compressed_tokens
            left = max(left, 0)
        return texts

    def _shortened(self, index: int, budget: int) -> ShortenedText:
        slot, key = self.slots[index], (index, budget)
        if key not in self._done:
            self._done[key] = self.shortener.shorten(slot.text, budget, question=self.question, place=slot.place)
        return self._done[key]
