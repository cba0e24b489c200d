"""Whether a reader's answer is right, by comparing it with the accepted answers as strings."""

from collections import Counter

from benchmarks.sets import Question
from lingua_shared.evaluation.answers import (
    contains_answer,
    is_written_without_spaces,
    normalise,
    normalise_spaceless,
)


def measure_answer(question: Question, answer: str) -> dict[str, float | None]:
    """Return each measure of an answer by its name; None where it does not apply."""
    spaceless = is_written_without_spaces(" ".join(question.answers))
    return {
        "reader_match": _match(question, answer, spaceless=spaceless),
        "reader_exact": _exact(question, answer, spaceless=spaceless),
        "reader_f1": max(word_f1(answer, accepted, spaceless=spaceless) for accepted in question.answers),
    }


def _match(question: Question, answer: str, *, spaceless: bool) -> float | None:
    """Tell whether an accepted answer stands in the answer; yes and no must be its first word."""
    if question.kind == "yes_no":
        return float(normalise(answer).split()[:1] == [normalise(question.answers[0])])
    if question.kind != "span":
        return None
    found = contains_answer(answer, question.answers, spaceless=spaceless)
    return None if found is None else float(found)


def _exact(question: Question, answer: str, *, spaceless: bool) -> float | None:
    if question.kind not in ("span", "yes_no"):
        return None
    bare = normalise_spaceless if spaceless else normalise
    return float(bare(answer) in {bare(accepted) for accepted in question.answers})


def word_f1(answer: str, accepted: str, *, spaceless: bool = False) -> float:
    """Return the F1 score of the words that an answer and an accepted one have in common.

    Args:
        answer: The reader's answer.
        accepted: An accepted answer.
        spaceless: Compare characters instead of words, for scripts without spaces.
    """
    said, wanted = (_pieces(text, spaceless=spaceless) for text in (answer, accepted))
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def _pieces(text: str, *, spaceless: bool) -> list[str]:
    return list(normalise_spaceless(text).replace(" ", "")) if spaceless else normalise(text).split()
