"""From which length of the passages on compressing pays on this machine: measured, and read off a straight line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions
from lingua_shared.savings.saving import Costs, Saving
from lingua_shared.text.token_counting import make_counter

LENGTHS = (1000, 2000, 4000, 8000)
"""Tokens of passages that are measured where nothing else is asked for."""

_QUESTION = "Who built the lighthouse on the island of Orrisay, and when was it lit for the first time?"
_PLACES = ("harbour", "chapel", "market", "quarry", "school", "bridge", "orchard", "station", "mill", "library", "pier")
_DEEDS = (
    "was opened by",
    "was repaired by",
    "belongs to",
    "was described by",
    "is let to",
    "was drawn by",
    "was sold to",
)
_PEOPLE = ("Nora Birkett", "Alban Pryce", "Edmund Colquitt", "Isla Corbett", "Percival Rudge", "Tessa Quayle")
_SENTENCES_PER_PASSAGE = 8


@dataclass(frozen=True)
class Timing:
    """A compression that was timed.

    Attributes:
        original_tokens: before.
        compressed_tokens: after.
        seconds: that it took, with models already loaded.
    """

    original_tokens: int
    compressed_tokens: int
    seconds: float

    def saving(self, costs: Costs) -> Saving:
        """Return what it saved."""
        return costs.saving(self.original_tokens, self.compressed_tokens, self.seconds)

    @property
    def slow_enough(self) -> float:
        """Tokens per second: an LLM that reads its prompt more slowly answers sooner with compression."""
        return (self.original_tokens - self.compressed_tokens) / self.seconds if self.seconds else float("inf")


@dataclass(frozen=True)
class BreakEven:
    """The straight line through the timings, and where it crosses the costs.

    Attributes:
        fixed_seconds: of each compression, whatever its length.
        seconds_per_thousand: tokens before compression.
        money_tokens: length from which on money is saved; 0 is always, None never, or there is no price.
        time_tokens: length from which on time is saved; None never, or the reading speed is not known.
    """

    fixed_seconds: float
    seconds_per_thousand: float
    money_tokens: int | None
    time_tokens: int | None


def timings(
    compressor: PromptCompressor, options: CompressionOptions, lengths: Sequence[int] = LENGTHS
) -> Iterator[Timing]:
    """Yield how long compressing made-up passages takes, one length after the other; models are loaded before.

    Args:
        compressor: the engine.
        options: what to keep.
        lengths: tokens of the passages together, about.
    """
    compressor.compress(made_up(300, options), question=_QUESTION, options=options)
    for number, length in enumerate(lengths):
        passages = made_up(length, options, seed=number)
        started = perf_counter()
        result = compressor.compress(passages, question=_QUESTION, options=options)
        yield Timing(result.original_tokens, result.compressed_tokens, perf_counter() - started)


def break_even(found: Sequence[Timing], costs: Costs) -> BreakEven:
    """Return from which length on compressing pays.

    Args:
        found: timings of at least two lengths.
        costs: of reading and of compressing.
    """
    tokens = np.asarray([one.original_tokens for one in found], dtype=np.float64)
    slope, fixed = np.polyfit(tokens, np.asarray([one.seconds for one in found]), 1)
    slope, fixed = max(float(slope), 0.0), max(float(fixed), 0.0)
    kept = sum(one.compressed_tokens for one in found) / tokens.sum()
    return BreakEven(
        fixed_seconds=fixed,
        seconds_per_thousand=slope * 1000,
        money_tokens=_crossing(_money_per_token(kept, costs), slope, fixed, costs.machine_price / 3600),
        time_tokens=_crossing((1 - kept) / costs.reading_speed, slope, fixed, 1.0) if costs.reading_speed else None,
    )


def _money_per_token(kept: float, costs: Costs) -> float | None:
    if costs.price is None:
        return None
    before = costs.price.of(1_000_000, cached_share=costs.cached_share)
    return (before - kept * costs.price.of(1_000_000)) / 1_000_000


def _crossing(gain: float | None, slope: float, fixed: float, price: float) -> int | None:
    """Return the length at which the gain of each token pays for its seconds and for the fixed ones.

    Args:
        gain: of each token before compression; None where it is not known.
        slope: seconds of each token.
        fixed: seconds of each call.
        price: of a second, in the unit of the gain.
    """
    if gain is None or gain <= slope * price:
        return None
    return round(fixed * price / (gain - slope * price))


def made_up(length: int, options: CompressionOptions, *, seed: int = 0) -> list[str]:
    """Return passages of about so many tokens, of sentences that differ from each other.

    Args:
        length: tokens of all passages together.
        options: with the tokenizer.
        seed: another one gives other sentences.
    """
    count, tokens = make_counter(options.tokenizer), 0
    passages: list[str] = []
    while tokens < length:
        first = seed * 7919 + len(passages) * _SENTENCES_PER_PASSAGE
        passage = " ".join(_sentence(first + i) for i in range(_SENTENCES_PER_PASSAGE))
        passages.append(passage)
        tokens += count(passage)
    return passages


def _sentence(number: int) -> str:
    place, deed = _PLACES[number % len(_PLACES)], _DEEDS[number % len(_DEEDS)]
    return f"The {place} number {number} {deed} {_PEOPLE[number % len(_PEOPLE)]} in {1850 + number % 150}."
