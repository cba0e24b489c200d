"""What one compression saves: tokens, money and seconds, each less what compressing costs."""

from dataclasses import dataclass

from lingua_shared.errors import InvalidInputError, short
from lingua_shared.savings.prices import LlmPrice, is_amount

_HOUR = 3600


@dataclass(frozen=True)
class Costs:
    """What reading a prompt costs, and what compressing it costs.

    Attributes:
        price: of the LLM; None where money does not matter.
        cached_share: share of the full prompt that the provider would read from its cache, in [0, 1]: 0 where each
            question has other passages. A compressed prompt differs with each question, so nothing of it is cached.
        machine_price: of an hour of the machine that compresses, in the same currency; 0 where it is there anyway.
        reading_speed: tokens of a prompt that the LLM reads in a second; None where it is not known.
    """

    price: LlmPrice | None = None
    cached_share: float = 0.0
    machine_price: float = 0.0
    reading_speed: float | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InvalidInputError: one is outside of its range.
        """
        if self.price is not None and not isinstance(self.price, LlmPrice):
            msg = f"price is {short(self.price)}; give an LlmPrice, such as price_of('gpt-5-mini')"
            raise InvalidInputError(msg)
        if not (is_amount(self.cached_share) and self.cached_share <= 1):
            msg = f"cached_share is {short(self.cached_share)}; give a share from 0 to 1"
            raise InvalidInputError(msg)
        if not is_amount(self.machine_price):
            msg = f"machine_price is {short(self.machine_price)}; give a price of at least 0"
            raise InvalidInputError(msg)
        if self.reading_speed is not None and not (is_amount(self.reading_speed) and self.reading_speed > 0):
            msg = f"reading_speed is {short(self.reading_speed)}; give tokens per second, more than 0"
            raise InvalidInputError(msg)

    def saving(self, original_tokens: int, compressed_tokens: int, seconds: float) -> "Saving":
        """Return what a compression saved.

        Args:
            original_tokens: before.
            compressed_tokens: after.
            seconds: that it took.
        """
        tokens = original_tokens - compressed_tokens
        read = tokens / self.reading_speed - seconds if self.reading_speed else None
        return Saving(tokens, self._money(original_tokens, compressed_tokens, seconds), read)

    def _money(self, original_tokens: int, compressed_tokens: int, seconds: float) -> float | None:
        if self.price is None:
            return None
        before = self.price.of(original_tokens, cached_share=self.cached_share)
        after = self.price.of(compressed_tokens) if compressed_tokens < original_tokens else before
        return before - after - seconds * self.machine_price / _HOUR


@dataclass(frozen=True)
class Saving:
    """What was saved; less than 0 where compressing cost more than it saved.

    Attributes:
        tokens: that the LLM need not read.
        money: in the currency of the price; None where there is no price.
        seconds: None where the reading speed is not known.
    """

    tokens: int
    money: float | None
    seconds: float | None
