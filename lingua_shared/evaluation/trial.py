"""Asks every arm each question, and records what became of the answer, the tokens, and the seconds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from lingua_shared.evaluation.answers import contains_answer, is_written_without_spaces, is_yes_or_no
from lingua_shared.evaluation.arms import AGAIN, FULL, Compared
from lingua_shared.evaluation.measures import RIGHT, SAME, SURVIVED
from lingua_shared.evaluation.reading import NoAnswerError, Reader, is_right, is_same


@dataclass(frozen=True)
class Case:
    """A question with its passages and accepted answers.

    Attributes:
        id: what tells it from others.
        question: what is asked.
        passages: retrieved texts.
        answers: accepted answers; empty where only a reader can tell.
    """

    id: str
    question: str
    passages: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What an arm did with a question.

    Attributes:
        survived: 1 where an accepted answer stands in its text, else 0; None where there are no accepted answers.
        tokens: of its text.
        seconds: it took.
        answer: what a reader answered from its text; None without a reader.
        right: 1 where an accepted answer stands in that answer, else 0; None without a reader or accepted answers.
        same: 1 where that answer is the one from all passages, else 0; of all passages, where a second answer is the
            first one. None without a reader.
    """

    survived: float | None
    tokens: int
    seconds: float
    answer: str | None = None
    right: float | None = None
    same: float | None = None


@dataclass(frozen=True)
class Row:
    """A question and what became of it.

    Attributes:
        id: of the case.
        question: what was asked.
        answers: the accepted answers.
        outcomes: by the name of the arm; None where the question does not count: the passages hold no accepted
            answer, or it is yes or no; with a reader, where it gave no answer.
        fault: why the reader gave no answer; "" where nothing went wrong.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    outcomes: dict[str, Outcome] | None
    fault: str = ""


def trial(cases: Iterable[Case], arms: Compared, reader: Reader | None = None) -> Iterator[Row]:
    """Yield a row for each question.

    Each question begins with another arm, so that none is always the first or the last. Models are loaded before.

    Args:
        cases: the questions.
        arms: what is compared.
        reader: answers from each text; None looks for the accepted answers in the texts alone. With a reader every
            question counts.

    Raises:
        ReaderError: the reader's server is broken.
    """
    named = list(arms.all().items())
    is_warm = False
    for number, case in enumerate(cases):
        spaceless = is_written_without_spaces(" ".join(case.passages))
        whole = arms.options.separator.join(case.passages)
        if reader is None and not _can_survive(case, whole, spaceless=spaceless):
            yield Row(case.id, case.question, case.answers, None)
            continue
        if not is_warm:
            for _, arm in named:
                arm(case.question, case.passages)
            is_warm = True
        first = number % len(named)
        outcomes, texts = {}, {}
        for name, arm in (*named[first:], *named[:first]):
            started = perf_counter()
            texts[name] = text = arm(case.question, case.passages)
            seconds = 0.0 if name == FULL else perf_counter() - started
            found = contains_answer(text, case.answers, spaceless=spaceless)
            outcomes[name] = Outcome(float(bool(found)) if case.answers else None, arms.count(text), seconds)
        in_order = {name: outcomes[name] for name, _ in named}
        yield _row(case, in_order) if reader is None else _read(case, in_order, texts, reader)


def _can_survive(case: Case, whole: str, *, spaceless: bool) -> bool:
    return not is_yes_or_no(case.answers) and bool(contains_answer(whole, case.answers, spaceless=spaceless))


def _row(case: Case, outcomes: dict[str, Outcome] | None, fault: str = "") -> Row:
    return Row(case.id, case.question, case.answers, outcomes, fault)


def _read(case: Case, outcomes: Mapping[str, Outcome], texts: Mapping[str, str], reader: Reader) -> Row:
    """Return the row with the reader's answers; whoever is asked twice is asked anew."""
    try:
        said = {name: reader.answer(text, case.question, again=name == AGAIN) for name, text in texts.items()}
        full_again = reader.answer(texts[FULL], case.question, again=True)
    except NoAnswerError as error:
        return _row(case, None, str(error))
    read = {}
    for name, outcome in outcomes.items():
        right = is_right(said[name], case.answers) if case.answers else None
        same = is_same(full_again if name == FULL else said[name], said[FULL])
        read[name] = replace(outcome, answer=said[name], right=right, same=same)
    return _row(case, read)


def measure_of(cases: Sequence[Case], *, with_reader: bool) -> str:
    """Return what can be counted of questions: right answers where all have accepted ones, else the same answers."""
    if not with_reader:
        return SURVIVED
    return RIGHT if all(case.answers for case in cases) else SAME


def values(rows: Sequence[Row], arm: str, measure: str) -> dict[str, float]:
    """Return a measure of an arm for each question that counts, by the number of its row."""
    return {str(number): getattr(row.outcomes[arm], measure) for number, row in enumerate(rows) if row.outcomes}
