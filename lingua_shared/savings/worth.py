"""Says before a compression whether it pays: its time here against what the LLM need not read. Knows no text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import InvalidInputError, short
from lingua_shared.options import CompressionOptions
from lingua_shared.savings.break_even import break_even, timings
from lingua_shared.savings.prices import LlmPrice, is_amount
from lingua_shared.savings.saving import Costs

MEASURED = (500, 2000)
"""Tokens of the passages that are compressed to see how fast this machine is."""


@dataclass(frozen=True)
class SkipIfNotWorth:
    """Leaves passages as they are where compressing them would cost more than it saves: hand it to an engine.

    Time counts where `reading_speed` is set, money where `price` is; where either would be lost, nothing is compressed.
    The seconds of a compression are taken to be `fixed_seconds`, and `seconds_per_thousand` more for each 1,000 tokens;
    what is left, to be the whole budget. With `keep_answer`, which has no budget to go by, everything is compressed.

    Attributes:
        price: of the LLM, such as `price_of("gpt-5-mini")`; None counts no money.
        reading_speed: tokens of a prompt that the LLM reads in a second; None counts no time.
        fixed_seconds: of each compression, whatever its length.
        seconds_per_thousand: of each 1,000 tokens before compression.
        cached_share: share of the full prompts that the provider would read from its cache, in [0, 1].
        machine_price: of an hour of the machine that compresses, in the same currency.

    Example:
        >>> from lingua_shared import CompressionOptions, PromptCompressor
        >>> rule = SkipIfNotWorth(reading_speed=5000, fixed_seconds=0.1, seconds_per_thousand=0.3)
        >>> engine = PromptCompressor(skip_if_not_worth=rule)
        >>> result = engine.compress("It is short. It is sweet.", options=CompressionOptions(rate=0.5))
        >>> result.text
        'It is short. It is sweet.'
    """

    price: LlmPrice | None = None
    reading_speed: float | None = None
    fixed_seconds: float = 0.0
    seconds_per_thousand: float = 0.0
    cached_share: float = 0.0
    machine_price: float = 0.0

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InvalidInputError: one is outside of its range, or there is nothing to go by.
        """
        if self.price is None and self.reading_speed is None:
            msg = "there is nothing to go by; give the price of the LLM, its reading_speed, or both"
            raise InvalidInputError(msg)
        if self.reading_speed is None and not self.machine_price and not self.cached_share:
            msg = (
                "with a price alone compression never costs more than it saves, so this rule would skip nothing; give "
                "reading_speed, machine_price or cached_share, too"
            )
            raise InvalidInputError(msg)
        for name in ("fixed_seconds", "seconds_per_thousand"):
            value = getattr(self, name)
            if not is_amount(value):
                msg = f"{name} is {short(value)}; give a number of at least 0, as `lingua savings --json` measures it"
                raise InvalidInputError(msg)
        self._costs()

    @classmethod
    def measured(
        cls,
        compressor: PromptCompressor,
        *,
        options: CompressionOptions | None = None,
        price: LlmPrice | None = None,
        reading_speed: float | None = None,
        cached_share: float = 0.0,
        machine_price: float = 0.0,
        lengths: Sequence[int] = MEASURED,
    ) -> Self:
        """Return a rule for this machine, with seconds measured on made-up passages.

        Args:
            compressor: an engine with the models that will be used.
            options: those that will be used; None is `CompressionOptions()`.
            price: see the class, as for the other values.
            reading_speed: see there.
            cached_share: see there.
            machine_price: see there.
            lengths: tokens of the passages to measure, two or more.
        """
        found = list(timings(compressor, options or CompressionOptions(), lengths))
        line = break_even(found, Costs())
        seconds = (line.fixed_seconds, line.seconds_per_thousand)
        return cls(price, reading_speed, *seconds, cached_share=cached_share, machine_price=machine_price)

    def __call__(self, original_tokens: int, budget: int) -> str | None:
        """Return why compressing does not pay; None where it does.

        Args:
            original_tokens: before.
            budget: tokens that would be left at most.
        """
        seconds = self.fixed_seconds + self.seconds_per_thousand * original_tokens / 1000
        costs = self._costs()
        saving = costs.saving(original_tokens, min(budget, original_tokens), seconds)
        if saving.seconds is not None and saving.seconds < 0:
            return (
                f"compressing {original_tokens:,} tokens takes about {seconds:.2f} s here, and spares the LLM "
                f"{saving.seconds + seconds:.2f} s of reading"
            )
        if saving.money is not None and saving.money < 0 and costs.price is not None:
            return (
                f"compressing {original_tokens:,} tokens costs {-saving.money:.2g} {costs.price.currency} more than "
                "it saves"
            )
        return None

    def _costs(self) -> Costs:
        return Costs(self.price, self.cached_share, self.machine_price, self.reading_speed)
