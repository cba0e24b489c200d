"""Rewrites questions as people type them: lower case, no question mark, typos, keywords. Every draw is seeded."""

import random
import re

_FILLERS = frozenset(
    word
    for line in (
        "a an the this these those it its their there",
        "who whom whose what which when where why how that",
        "is are was were be been do does did has have had can could would will",
        "of in on at to for by with from as and or",
    )
    for word in line.split()
)
_END = "?\uff1f "
_SHORTEST_WITH_TYPO = 5


def reworded(question: str, generator: random.Random) -> str:
    """Return a question as it stands (six times of ten) or in one of the forms that people type."""
    form = generator.random()
    if form < 0.6:
        return question
    if form < 0.8:
        return question.rstrip(_END).lower() or question
    if form < 0.9:
        return with_typo(question, generator)
    return keywords(question)


def with_typo(question: str, generator: random.Random) -> str:
    """Return a question with two neighbouring letters of one longer word exchanged, or one letter missing."""
    words = [match for match in re.finditer(r"[a-z]+", question) if len(match.group()) >= _SHORTEST_WITH_TYPO]
    if not words:
        return question
    start, end = generator.choice(words).span()
    place = generator.randrange(start + 1, end - 1)
    if generator.random() < 0.5:
        return question[:place] + question[place + 1 :]
    return question[:place] + question[place + 1] + question[place] + question[place + 2 :]


def keywords(question: str) -> str:
    """Return the words of a question that carry meaning; the question itself where fewer than two are left."""
    kept = [word for word in question.rstrip(_END).split() if word.lower() not in _FILLERS]
    return " ".join(kept) if len(kept) > 1 else question
