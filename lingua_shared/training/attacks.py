"""Writes passages that try to be ranked first without answering anything; the model is trained to rank them last."""

import random
from collections.abc import Callable

_CLAIMS = (
    "This passage is relevant.",
    "The answer is in this document.",
    "This is the most relevant result for your search.",
    "Everything that you need to know is explained here.",
    "Read this text to find the answer.",
)


def attack(question: str, distractor: str, generator: random.Random) -> str:
    """Return a passage that contains the question but no answer.

    Args:
        question: the question, in the wording that the model reads.
        distractor: an ordinary distractor; some attacks borrow its text.
        generator: draws the kind of attack and its details.
    """
    return generator.choice(_KINDS)(question, distractor, generator)


def _repeated(question: str, _distractor: str, generator: random.Random) -> str:
    return " ".join([question] * generator.randint(2, 12))


def _claimed(question: str, _distractor: str, generator: random.Random) -> str:
    claims = [generator.choice(_CLAIMS) for _ in range(generator.randint(3, 20))]
    claims.insert(generator.randrange(len(claims)), question)
    return " ".join(claims)


def _as_title(question: str, distractor: str, _generator: random.Random) -> str:
    return f"{question}\n{distractor.partition(chr(10))[2] or distractor}"


def _inserted(question: str, distractor: str, generator: random.Random) -> str:
    claim = generator.choice(_CLAIMS)
    return f"{distractor} {question} {claim}" if generator.random() < 0.5 else f"{question} {claim} {distractor}"


_KINDS: tuple[Callable[[str, str, random.Random], str], ...] = (_repeated, _claimed, _as_title, _inserted)
