"""What the rows of a trial say: means, paired differences with 95 % intervals, and plain sentences."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lingua_shared.evaluation.arms import AGAIN, BASELINES, FULL, LABELS, OURS
from lingua_shared.evaluation.statistics import Interval, mean_interval, paired_difference
from lingua_shared.evaluation.trial import Row, values

MEASURES = ("survived", "tokens", "seconds")


@dataclass(frozen=True)
class ArmSummary:
    """The measures of an arm over all questions.

    Attributes:
        name: of the arm.
        label: for people.
        means: of each measure, by its name.
        differences: mean of Lingua minus the arm on the same questions, by the name of the measure; empty for Lingua.
    """

    name: str
    label: str
    means: dict[str, Interval]
    differences: dict[str, Interval]


@dataclass(frozen=True)
class Verdict:
    """What an evaluation found.

    Attributes:
        questions: number of questions that counted.
        left_out: questions whose passages hold none of the accepted answers, or whose answer is yes or no.
        arms: what was compared.
        sentences: the findings in words.
    """

    questions: int
    left_out: int
    arms: tuple[ArmSummary, ...]
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def verdict(rows: Sequence[Row], *, acceptable_loss: float) -> Verdict:
    """Return what the rows say.

    Args:
        rows: of the trial.
        acceptable_loss: share of answers that may be lost against all passages, in [0, 1].
    """
    counted = [row for row in rows if row.outcomes]
    if not counted:
        sentence = "No question could be used: no passages hold an accepted answer other than yes or no."
        return Verdict(0, len(rows), (), (sentence,))
    arms = tuple(_summary(counted, name) for name in LABELS)
    by_name = {arm.name: arm for arm in arms}
    sentences = (
        _against_full(by_name[FULL], by_name[OURS], acceptable_loss),
        *(_against_baseline(by_name[name]) for name in BASELINES),
        _again(by_name[AGAIN]),
    )
    return Verdict(len(counted), len(rows) - len(counted), arms, sentences)


def _summary(rows: Sequence[Row], name: str) -> ArmSummary:
    of_arm = {measure: values(rows, name, measure) for measure in MEASURES}
    means = {measure: mean_interval(list(found.values())) for measure, found in of_arm.items()}
    differences = {}
    if name != OURS:
        for measure, found in of_arm.items():
            difference = paired_difference(values(rows, OURS, measure), found)
            if difference is not None:
                differences[measure] = difference
    return ArmSummary(name, LABELS[name], means, differences)


def _against_full(full: ArmSummary, ours: ArmSummary, acceptable: float) -> str:
    kept, tokens = full.differences["survived"], ours.means["tokens"].estimate / full.means["tokens"].estimate
    lost, least, most = (0.0 - value for value in (kept.estimate, kept.high, kept.low))  # 0.0 - 0.0 is no "-0.0"
    head = (
        f"With {tokens:.0%} of the tokens, the answer is lost in {lost:.1%} of {kept.n} questions "
        f"[{least:.1%}, {most:.1%}]."
    )
    if kept.n < 2:
        return f"{head} One question says nothing."
    if kept.high < -acceptable:
        return f"{head} That is more than {acceptable:.0%}: do not compress here with this budget."
    if kept.low >= -acceptable and kept.n >= questions_needed(acceptable):
        return f"{head} That is at most {acceptable:.0%}: compressing pays here."
    return f"{head} Whether it is more than {acceptable:.0%} cannot be seen with {kept.n} questions."


def questions_needed(acceptable: float) -> float:
    """Return how many questions without a loss show that at most this share is lost (95 %; the rule of three)."""
    return 3 / acceptable if acceptable else float("inf")


def _against_baseline(arm: ArmSummary) -> str:
    difference = arm.differences["survived"]
    ends = f"[{difference.low:+.1%}, {difference.high:+.1%}]"
    if difference.low > 0 or difference.high < 0:
        more = "more" if difference.estimate > 0 else "fewer"
        return f"Lingua keeps {abs(difference.estimate):.1%} {more} of the answers than {_in_text(arm)} {ends}."
    return f"No difference in kept answers to {_in_text(arm)} can be seen with {difference.n} questions {ends}."


def _again(arm: ArmSummary) -> str:
    answers, seconds = arm.differences["survived"], arm.differences["seconds"]
    same = "kept the same answers" if answers.low == answers.high == 0 else "DIFFERED in kept answers"
    return (
        f"Run twice, Lingua {same}; its time differed by {seconds.estimate:+.3f} s [{seconds.low:+.3f}, "
        f"{seconds.high:+.3f}] on average, so smaller differences of time mean nothing."
    )


def _in_text(arm: ArmSummary) -> str:
    return f'"{arm.label}"'
