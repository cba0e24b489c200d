"""Adds up over many compressions what was kept, how long it took, and what it saved."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from lingua_shared.result import CompressionResult
from lingua_shared.savings.prices import LlmPrice
from lingua_shared.savings.saving import Costs


@dataclass(frozen=True)
class Totals:
    """What a monitor has seen.

    Attributes:
        calls: compressions.
        unchanged: those that changed nothing, since all fitted.
        original_tokens: before, of all calls.
        compressed_tokens: after.
        passages: handed in.
        dropped: of them, those of which nothing was kept.
        seconds: that compressing took.
        money: saved, in the currency of the price; None where there is no price.
        saved_seconds: less the seconds of compressing; None where the reading speed is not known.
        currency: of the money; None where there is no price.
    """

    calls: int = 0
    unchanged: int = 0
    original_tokens: int = 0
    compressed_tokens: int = 0
    passages: int = 0
    dropped: int = 0
    seconds: float = 0.0
    money: float | None = None
    saved_seconds: float | None = None
    currency: str | None = None

    @property
    def rate(self) -> float:
        """Share of all tokens that is left, in [0, 1]; 1 before the first call."""
        return self.compressed_tokens / self.original_tokens if self.original_tokens else 1.0

    @property
    def dropped_share(self) -> float:
        """Share of all passages that was dropped, in [0, 1]; 0 before the first call."""
        return self.dropped / self.passages if self.passages else 0.0

    def __str__(self) -> str:
        """Return everything on one line."""
        parts = [
            f"{self.calls} calls ({self.unchanged} unchanged)",
            f"{self.compressed_tokens:,} of {self.original_tokens:,} tokens ({self.rate:.1%})",
            f"{self.dropped} of {self.passages} passages dropped",
            f"{self.seconds:.2f} s",
        ]
        if self.money is not None:
            parts.append(f"saved {self.money:.4f} {self.currency}")
        if self.saved_seconds is not None:
            parts.append(f"saved {self.saved_seconds:.2f} s")
        return ", ".join(parts)


class CompressionMonitor:
    """Adds up what compressions did: hand it to an engine as `on_result`. Threads can share one.

    Example:
        >>> from lingua_shared import CompressionOptions, PromptCompressor
        >>> monitor = CompressionMonitor(LlmPrice("my-llm", input=2.0))
        >>> engine = PromptCompressor(on_result=monitor)  # LinguaPostprocessor(compressor=engine) counts, too
        >>> result = engine.compress("Short enough.", options=CompressionOptions(rate=1))
        >>> monitor.totals().calls
        1
    """

    def __init__(
        self,
        price: LlmPrice | None = None,
        *,
        cached_share: float = 0.0,
        machine_price: float = 0.0,
        reading_speed: float | None = None,
        forward: Callable[[CompressionResult], object] | None = None,
    ) -> None:
        """Remember what things cost.

        Args:
            price: of the LLM, such as `price_of("gpt-5-mini")`; None counts no money.
            cached_share: share of the full prompts that the provider would read from its cache, in [0, 1].
            machine_price: of an hour of the machine that compresses.
            reading_speed: tokens of a prompt that the LLM reads in a second; None counts no saved seconds.
            forward: is called with each result, too.

        Raises:
            InvalidInputError: a value is outside of its range.
        """
        self._costs = Costs(price, cached_share, machine_price, reading_speed)
        self._forward = forward
        self._lock = Lock()
        self._totals = self._empty()

    def __call__(self, result: CompressionResult) -> None:
        """Add a result."""
        with self._lock:
            self._totals = self._plus(self._totals, result)
        if self._forward is not None:
            self._forward(result)

    def totals(self) -> Totals:
        """Return what was added so far."""
        with self._lock:
            return self._totals

    def reset(self) -> Totals:
        """Begin anew, and return what was added until now."""
        with self._lock:
            totals, self._totals = self._totals, self._empty()
        return totals

    def __repr__(self) -> str:
        """Return the totals on one line."""
        return f"CompressionMonitor({self.totals()})"

    def _empty(self) -> Totals:
        price, speed = self._costs.price, self._costs.reading_speed
        zero = None if price is None else 0.0
        return Totals(money=zero, saved_seconds=0.0 if speed else None, currency=price.currency if price else None)

    def _plus(self, totals: Totals, result: CompressionResult) -> Totals:
        seconds = sum(result.seconds.values())
        saving = self._costs.saving(result.original_tokens, result.compressed_tokens, seconds)
        return Totals(
            calls=totals.calls + 1,
            unchanged=totals.unchanged + (saving.tokens == 0),
            original_tokens=totals.original_tokens + result.original_tokens,
            compressed_tokens=totals.compressed_tokens + result.compressed_tokens,
            passages=totals.passages + len(result.passages) + len(result.dropped),
            dropped=totals.dropped + len(result.dropped),
            seconds=totals.seconds + seconds,
            money=_sum(totals.money, saving.money),
            saved_seconds=_sum(totals.saved_seconds, saving.seconds),
            currency=totals.currency,
        )


def _sum(total: float | None, more: float | None) -> float | None:
    return None if total is None or more is None else total + more
