"""Budgets of single passages: how many tokens each may have. Knows sizes and numbers; no text, no model."""

from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.errors import InvalidInputError, short


def tokens_of_rate(rate: float, tokens: float) -> int:
    """Return a share of some tokens, rounded down."""
    return int(rate * tokens + 1e-9)  # a hair above the product, or 0.29 * 100 would be 28


@dataclass(frozen=True)
class PassageBudgets:
    """What each passage may have, said by code that knows more of the passages than their relevance.

    Parts of a prompt, turns of a chat and values of JSON have a rate or a number of tokens each. Where a passage has
    both, the smaller one counts; where it has neither, only the budget of the whole text limits it.

    Attributes:
        tokens: largest number of tokens of each passage as the prompt shows it, with its header, at least 0; None for
            no number. Empty: none has one.
        rates: share of its tokens that each passage may keep, in [0, 1]; None for no rate. Empty: none has one.
        carries: what one passage leaves over goes to the next most relevant one, and what all of them leave over to
            the first ones again, so that only the budget of the whole text is a ceiling. False: each passage's own
            budget is a ceiling, too.
    """

    tokens: Sequence[int | None] = ()
    rates: Sequence[float | None] = ()
    carries: bool = False

    def in_tokens(self, sizes: Sequence[int]) -> list[int]:
        """Return the tokens that each passage may have: at most its size, unless it can pass on what it leaves over.

        Args:
            sizes: tokens of each passage as the prompt shows it.

        Raises:
            InvalidInputError: not one number per passage, or a number that is not allowed.
        """
        tokens = _one_each(self.tokens, len(sizes), "tokens", highest=float("inf"))
        rates = _one_each(self.rates, len(sizes), "rates", highest=1)
        pairs = zip(rates, sizes, strict=True)
        by_rate = [None if rate is None else tokens_of_rate(rate, size) for rate, size in pairs]
        of_each = zip(sizes, tokens, by_rate, strict=True)
        return [self._least(*numbers) for numbers in of_each]

    def _least(self, size: int, *numbers: float | None) -> int:
        said = [int(number) for number in numbers if number is not None]
        return min(said) if said and self.carries else min([size, *said])


def _one_each(values: Sequence[float | None], count: int, what: str, *, highest: float) -> Sequence[float | None]:
    """Return one value per passage, all None where none was said."""
    if not values:
        return (None,) * count
    if len(values) != count:
        msg = f"budgets have {len(values)} {what} for {count} passages; give one per passage"
        raise InvalidInputError(msg)
    for index, value in enumerate(values):
        if value is not None and not 0 <= value <= highest:
            msg = f"budgets give passage {index} {what} of {short(value)}; allowed is 0 to {highest:g}, or None"
            raise InvalidInputError(msg)
    return values
