"""What is measured of a compression: whether gold passages rank first, whether an answer is still there.

A pure module: it knows questions, texts and rankings, not the systems that made them.
"""

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sets import Question

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_RESAMPLES = 2000


@dataclass(frozen=True)
class Answered:
    """A system's work on one question, as far as it is measured; the text itself is not kept.

    Attributes:
        question: the question.
        ranking: its passages, best first.
        survives: whether an accepted answer occurs in the text.
        rate: tokens of the text over tokens of all passages, counted with cl100k_base.
    """

    question: Question
    ranking: Sequence[int]
    survives: bool
    rate: float


def normalise(text: str) -> str:
    """Lower case, without punctuation, articles and extra white space, as in the evaluation of "Lost in the Middle"."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(_ARTICLES.sub(" ", bare).split())


def survives(text: str, answers: Sequence[str]) -> bool:
    """Whether an accepted answer occurs in a text."""
    found = normalise(text)
    return any(normalise(answer) in found for answer in answers if normalise(answer))


def first_gold(item: Answered) -> int:
    """Rank of the first gold passage, from 0."""
    return min(item.ranking.index(gold) for gold in item.question.gold)


def summarise(items: Sequence[Answered]) -> dict[str, Any]:
    """Return each measure with its 95 % bootstrap interval; yes/no questions are left out of survival."""
    spanning = [i for i in items if normalise(i.question.answers[0]) not in ("yes", "no")]
    return {
        "questions": len(items),
        "recall@1": _mean(items, lambda i: first_gold(i) < 1),
        "recall@5": _mean(items, lambda i: first_gold(i) < 5),
        "mrr": _mean(items, lambda i: 1 / (first_gold(i) + 1)),
        "all_gold@5": _mean(items, lambda i: max(i.ranking.index(gold) for gold in i.question.gold) < 5),
        "survival": _mean(spanning, lambda i: i.survives),
        "mean_rate": round(fmean(i.rate for i in items), 4),
        "largest_rate": round(max(i.rate for i in items), 4),
    }


def _mean(items: Sequence[Answered], measure: Callable[[Answered], float]) -> list[float]:
    """Mean and the ends of its interval, resampling questions with a fixed seed."""
    values = [float(measure(item)) for item in items]
    generator = random.Random(0)
    means = sorted(fmean(generator.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    ends = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES) - 1]
    return [round(value, 3) for value in (fmean(values), *ends)]
