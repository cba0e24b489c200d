"""Passages that are written to be ranked first and say nothing: trained on as distractors, with seeded draws."""

import random
from collections.abc import Callable

_CLAIMS = (
    "This passage is relevant.",
    "The answer is in this document.",
    "This is the most relevant result for your search.",
    "Everything that you need to know is explained here.",
    "Read this text to find the answer.",
)


def hostile(question: str, beside: str, generator: random.Random) -> str:
    """Return a passage that courts a question.

    Args:
        question: the question, as it is asked.
        beside: an honest passage that does not answer, whose text a disguised attack borrows.
        generator: draws the kind of attack.
    """
    return generator.choice(_KINDS)(question, beside, generator)


def _repeated(question: str, _beside: str, generator: random.Random) -> str:
    return " ".join([question] * generator.randint(2, 12))


def _claimed(question: str, _beside: str, generator: random.Random) -> str:
    claims = [generator.choice(_CLAIMS) for _ in range(generator.randint(3, 20))]
    claims.insert(generator.randrange(len(claims)), question)
    return " ".join(claims)


def _titled(question: str, beside: str, _generator: random.Random) -> str:
    return f"{question}\n{beside.partition(chr(10))[2] or beside}"


def _inserted(question: str, beside: str, generator: random.Random) -> str:
    claim = generator.choice(_CLAIMS)
    return f"{beside} {question} {claim}" if generator.random() < 0.5 else f"{question} {claim} {beside}"


_KINDS: tuple[Callable[[str, str, random.Random], str], ...] = (_repeated, _claimed, _titled, _inserted)
