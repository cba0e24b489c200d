"""Rewords questions as people type them: in lower case, without a question mark, with typos, or as keywords."""

import random
import re

_FUNCTION_WORDS = frozenset(
    word
    for line in (
        "a an the this these those it its their there",
        "who whom whose what which when where why how that",
        "is are was were be been do does did has have had can could would will",
        "of in on at to for by with from as and or",
    )
    for word in line.split()
)
_QUESTION_MARKS = "?\uff1f "
_MIN_LENGTH_FOR_TYPO = 5


def reworded(question: str, generator: random.Random) -> str:
    """Return a question as it is (60 %), in lower case (20 %), with a typo (10 %) or as keywords (10 %)."""
    form = generator.random()
    if form < 0.6:
        return question
    if form < 0.8:
        return question.rstrip(_QUESTION_MARKS).lower() or question
    if form < 0.9:
        return with_typo(question, generator)
    return keywords(question)


def with_typo(question: str, generator: random.Random) -> str:
    """Return a question with two adjacent letters of one longer word swapped, or with one letter missing."""
    words = [match for match in re.finditer(r"[a-z]+", question) if len(match.group()) >= _MIN_LENGTH_FOR_TYPO]
    if not words:
        return question
    start, end = generator.choice(words).span()
    index = generator.randrange(start + 1, end - 1)
    if generator.random() < 0.5:
        return question[:index] + question[index + 1 :]
    return question[:index] + question[index + 1] + question[index] + question[index + 2 :]


def keywords(question: str) -> str:
    """Return a question without function words and question mark; unchanged if fewer than two words are left."""
    kept = [word for word in question.rstrip(_QUESTION_MARKS).split() if word.lower() not in _FUNCTION_WORDS]
    return " ".join(kept) if len(kept) > 1 else question
