"""Finds how much to keep for a wanted share of kept answers: chosen on some questions, checked on the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from lingua_shared.compressor import PromptCompressor
from lingua_shared.evaluation.arms import Arm
from lingua_shared.evaluation.statistics import Interval, mean_interval
from lingua_shared.evaluation.trial import Case, Row, trial, values
from lingua_shared.evaluation.verdict import questions_needed
from lingua_shared.options import CompressionOptions
from lingua_shared.text.token_counting import make_counter

RATES = (0.7, 0.5, 0.35, 0.25, 0.15, 0.1)
"""Shares of the tokens that are tried where nothing else is asked for."""


@dataclass(frozen=True)
class RateArms:
    """Lingua at several rates, for a trial.

    Attributes:
        compressor: the engine.
        options: everything but the rate.
        rates: shares of the tokens to keep.
    """

    compressor: PromptCompressor
    options: CompressionOptions
    rates: Sequence[float]

    def all(self) -> dict[str, Arm]:
        """Return one for each rate, by its name."""
        return {name_of(rate): self._arm(rate) for rate in self.rates}

    def count(self, text: str) -> int:
        """Return the tokens of a text in the target LLM."""
        return make_counter(self.options.tokenizer)(text)

    def _arm(self, rate: float) -> Arm:
        said = {name: getattr(self.options, name) for name in self.options.model_fields_set}
        options = CompressionOptions(**{**said, "rate": rate})
        return lambda question, passages: self.compressor.compress(passages, question=question, options=options).text


def name_of(rate: float) -> str:
    """Return how a rate is called."""
    return f"{rate:g}"


@dataclass(frozen=True)
class Tried:
    """A rate on some questions.

    Attributes:
        rate: share of the tokens to keep.
        kept: share of the questions whose answer was kept.
        tokens: mean of what is left.
        seconds: mean of a compression.
    """

    rate: float
    kept: Interval
    tokens: float
    seconds: float


@dataclass(frozen=True)
class Tuning:
    """What was found.

    Attributes:
        wanted: share of answers that shall be kept.
        tried: each rate on the questions for choosing, mildest first.
        recommended: smallest rate that, like all milder ones, keeps the wanted share on them; None where none does.
        mild: smallest rate whose whole interval lies at or above the wanted share; None where the questions are too
            few, or no rate does.
        checked: the chosen rates on the other questions.
        sentences: the findings in words.
    """

    wanted: float
    tried: tuple[Tried, ...]
    recommended: float | None
    mild: float | None
    checked: tuple[Tried, ...]
    sentences: tuple[str, ...]


def tune(cases: Sequence[Case], arms: RateArms, *, wanted: float) -> Tuning:
    """Try each rate on every second question, choose, and check the choice on the questions between.

    Args:
        cases: the questions.
        arms: what is tried.
        wanted: share of answers that shall be kept, in (0, 1).
    """
    rates = sorted(arms.rates, reverse=True)
    tried = _tried(list(trial(cases[::2], arms)), rates)
    recommended = _smallest(tried, [one.kept.estimate >= wanted for one in tried])
    needed = _needed(wanted)
    mild = _smallest(tried, [one.kept.low >= wanted and one.kept.n >= needed for one in tried])
    chosen = sorted({rate for rate in (recommended, mild) if rate is not None}, reverse=True)
    others = RateArms(arms.compressor, arms.options, chosen)
    checked = _tried(list(trial(cases[1::2], others)), chosen) if chosen else ()
    said = tuple(_sentences(tried, recommended, mild, checked, wanted=wanted))
    return Tuning(wanted, tried, recommended, mild, checked, said)


def _tried(rows: Sequence[Row], rates: Sequence[float]) -> tuple[Tried, ...]:
    counted = [row for row in rows if row.outcomes]
    if not counted:
        return ()
    return tuple(
        Tried(
            rate,
            mean_interval(list(values(counted, name_of(rate), "survived").values())),
            _mean(counted, rate, "tokens"),
            _mean(counted, rate, "seconds"),
        )
        for rate in rates
    )


def _mean(rows: Sequence[Row], rate: float, measure: str) -> float:
    found = values(rows, name_of(rate), measure)
    return sum(found.values()) / len(found)


def _smallest(tried: Sequence[Tried], is_good: Sequence[bool]) -> float | None:
    """Return the last rate before the first that is not good; the mildest comes first."""
    best = None
    for one, good in zip(tried, is_good, strict=True):
        if not good:
            break
        best = one.rate
    return best


def _sentences(
    tried: Sequence[Tried], recommended: float | None, mild: float | None, checked: Sequence[Tried], *, wanted: float
) -> list[str]:
    if not tried:
        return ["No question could be used: no passages hold an accepted answer other than yes or no."]
    n = tried[0].kept.n
    if recommended is None:
        return [
            f"Do not compress here: rate {tried[0].rate:g} keeps less than {wanted:.0%} of the answers of {n} "
            "questions."
        ]
    said = [f"Recommended: rate {recommended:g}, the smallest that keeps {wanted:.0%} of the answers of {n} questions."]
    if mild is not None:
        said.append(f"Mild: rate {mild:g}, the smallest whose whole interval lies at or above {wanted:.0%}.")
    elif n < (needed := _needed(wanted)):
        said.append(
            f"No rate is sure to keep {wanted:.0%}: that takes {needed:.0f} questions for choosing, so "
            f"{2 * needed:.0f} in all."
        )
    else:
        said.append(f"No rate is sure to keep {wanted:.0%}.")
    return (
        said + [_check(one, wanted) for one in checked] if checked else [*said, "There are no questions for a check."]
    )


def _needed(wanted: float) -> float:
    return questions_needed(round(1 - wanted, 9))


def _check(one: Tried, wanted: float) -> str:
    found = f"On the {one.kept.n} other questions rate {one.rate:g} keeps {one.kept.estimate:.1%} "
    found += f"[{one.kept.low:.1%}, {one.kept.high:.1%}]"
    if one.kept.high < wanted:
        return f"{found}: that is less than {wanted:.0%}, so do not rely on it."
    if one.kept.estimate < wanted:
        return f"{found}: a little less than {wanted:.0%}, which can be chance; more questions would tell."
    return f"{found}, as wanted."
