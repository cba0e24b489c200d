"""What the rows of a trial say: means, paired differences with 95 % intervals, and plain sentences."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lingua_shared.evaluation.arms import AGAIN, BASELINES, FULL, LABELS, OURS
from lingua_shared.evaluation.measures import MEASURES, RIGHT, SAME, SURVIVED
from lingua_shared.evaluation.statistics import Interval, mean_interval, paired_difference
from lingua_shared.evaluation.trial import Row, values

_COSTS = ("tokens", "seconds")


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
        left_out: questions whose passages hold none of the accepted answers, or whose answer is yes or no; with a
            reader, those that it did not answer.
        arms: what was compared.
        sentences: the findings in words.
        measure: what was counted: "survived", "right" or "same".
        faults: how often the reader gave no answer, by the reason.
    """

    questions: int
    left_out: int
    arms: tuple[ArmSummary, ...]
    sentences: tuple[str, ...]
    measure: str = SURVIVED
    faults: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def verdict(rows: Sequence[Row], *, acceptable_loss: float, measure: str = SURVIVED) -> Verdict:
    """Return what the rows say.

    Args:
        rows: of the trial.
        acceptable_loss: share of answers that may be lost against all passages, in [0, 1].
        measure: what is counted; see `measure_of`.
    """
    counted = [row for row in rows if row.outcomes]
    faults = dict(Counter(row.fault for row in rows if row.fault))
    if not counted:
        sentence = "No question could be used: no passages hold an accepted answer other than yes or no."
        if faults:
            sentence = "No question could be used: the reader answered none."
        return Verdict(0, len(rows), (), (sentence, *_faults(faults)), measure, faults)
    arms = tuple(_summary(counted, name, measure) for name in LABELS)
    by_name = {arm.name: arm for arm in arms}
    sentences = (
        _against_full(by_name[FULL], by_name[OURS], acceptable_loss, measure),
        *(_against_baseline(by_name[name], measure) for name in BASELINES),
        _again(by_name[AGAIN], measure),
        *_faults(faults),
    )
    return Verdict(len(counted), len(rows) - len(counted), arms, sentences, measure, faults)


def _faults(faults: dict[str, int]) -> Iterator[str]:
    for reason, number in faults.items():
        yield f"{number} question{'s do' if number > 1 else ' does'} not count, for the reader gave no answer: {reason}"


def _summary(rows: Sequence[Row], name: str, counted: str) -> ArmSummary:
    of_arm = {measure: values(rows, name, measure) for measure in (counted, *_COSTS)}
    means = {measure: mean_interval(list(found.values())) for measure, found in of_arm.items()}
    differences = {}
    if name != OURS:
        for measure, found in of_arm.items():
            difference = paired_difference(values(rows, OURS, measure), found)
            if difference is not None:
                differences[measure] = difference
    return ArmSummary(name, LABELS[name], means, differences)


def _against_full(full: ArmSummary, ours: ArmSummary, acceptable: float, measure: str) -> str:
    kept, tokens = full.differences[measure], ours.means["tokens"].estimate / full.means["tokens"].estimate
    lost, least, most = (0.0 - value for value in (kept.estimate, kept.high, kept.low))  # 0.0 - 0.0 is no "-0.0"
    shares = f"{full.means[measure].estimate:.1%}", f"{ours.means[measure].estimate:.1%}"
    ends = f"of {kept.n} questions [{least:.1%}, {most:.1%}]."
    heads = {
        SURVIVED: f"the answer is lost in {lost:.1%} {ends}",
        RIGHT: f"the reader answers {shares[1]} right instead of {shares[0]}, so {lost:.1%} are lost {ends}",
        SAME: (
            f"the reader gives the same answer as from all passages to {shares[1]}; asked twice with all passages, it "
            f"does so to {shares[0]}. So {lost:.1%} are lost {ends}"
        ),
    }
    head = f"With {tokens:.0%} of the tokens, {heads[measure]}"
    if measure == RIGHT and full.means[measure].estimate <= acceptable:
        return f"{head} The reader cannot answer these questions from all passages either, so this says nothing."
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


def _against_baseline(arm: ArmSummary, measure: str) -> str:
    words, difference = MEASURES[measure], arm.differences[measure]
    ends = f"[{difference.low:+.1%}, {difference.high:+.1%}]"
    if difference.low > 0 or difference.high < 0:
        more = "more" if difference.estimate > 0 else "fewer" if measure == SURVIVED else "less"
        return f"{words.share.format(f'{abs(difference.estimate):.1%} {more}', _in_text(arm))} {ends}."
    return f"No difference in {words.things} to {_in_text(arm)} can be seen with {difference.n} questions {ends}."


def _again(arm: ArmSummary, measure: str) -> str:
    answers, seconds = arm.differences[measure], arm.differences["seconds"]
    things = MEASURES[measure].things
    same = f"has the same {things}" if measure != SURVIVED else "kept the same answers"
    if not answers.low == answers.high == 0:
        same = f"DIFFERED in {things} by {answers.estimate:+.1%} [{answers.low:+.1%}, {answers.high:+.1%}]"
    twice = "Run twice" if measure == SURVIVED else "Run and read twice"
    return (
        f"{twice}, Lingua {same}; its time differed by {seconds.estimate:+.3f} s [{seconds.low:+.3f}, "
        f"{seconds.high:+.3f}] on average, so smaller differences of time mean nothing."
    )


def _in_text(arm: ArmSummary) -> str:
    return f'"{arm.label}"'
