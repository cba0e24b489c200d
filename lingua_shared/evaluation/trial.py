"""Asks every arm each question, and records whether the answer survived, the tokens, and the seconds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from lingua_shared.evaluation.answers import contains_answer, is_written_without_spaces, is_yes_or_no
from lingua_shared.evaluation.arms import FULL, Compared


@dataclass(frozen=True)
class Case:
    """A question with its passages and accepted answers.

    Attributes:
        id: what tells it from others.
        question: what is asked.
        passages: retrieved texts.
        answers: accepted answers; one of them has to stand in the text.
    """

    id: str
    question: str
    passages: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What an arm did with a question.

    Attributes:
        survived: 1 where an accepted answer stands in its text, else 0.
        tokens: of its text.
        seconds: it took.
    """

    survived: float
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Row:
    """A question and what became of it.

    Attributes:
        id: of the case.
        question: what was asked.
        answers: the accepted answers.
        outcomes: by the name of the arm; None where the passages hold no accepted answer, or it is yes or no.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    outcomes: dict[str, Outcome] | None


def trial(cases: Iterable[Case], arms: Compared) -> Iterator[Row]:
    """Yield a row for each question.

    Each question begins with another arm, so that none is always the first or the last. Models are loaded before.

    Args:
        cases: the questions.
        arms: what is compared.
    """
    named = list(arms.all().items())
    is_warm = False
    for number, case in enumerate(cases):
        spaceless = is_written_without_spaces(" ".join(case.passages))
        whole = arms.options.separator.join(case.passages)
        if is_yes_or_no(case.answers) or not contains_answer(whole, case.answers, spaceless=spaceless):
            yield Row(case.id, case.question, case.answers, None)
            continue
        if not is_warm:
            for _, arm in named:
                arm(case.question, case.passages)
            is_warm = True
        first = number % len(named)
        outcomes = {}
        for name, arm in (*named[first:], *named[:first]):
            started = perf_counter()
            text = arm(case.question, case.passages)
            seconds = 0.0 if name == FULL else perf_counter() - started
            found = contains_answer(text, case.answers, spaceless=spaceless)
            outcomes[name] = Outcome(float(bool(found)), arms.count(text), seconds)
        yield Row(case.id, case.question, case.answers, {name: outcomes[name] for name, _ in named})


def values(rows: Sequence[Row], arm: str, measure: str) -> dict[str, float]:
    """Return a measure of an arm for each question that has one, by the number of its row."""
    return {str(number): getattr(row.outcomes[arm], measure) for number, row in enumerate(rows) if row.outcomes}
