"""Finds the passages that the best passage of a request names: where a question over several steps goes on.

"Where was the director of the film born?" says nothing of the director. The passage about the film does, and the
passage that is headed by that name, or begins with it, has the answer. Knows texts only, no model.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import regex as re

from lingua_shared.text.entities import ENTITY_PATTERNS
from lingua_shared.text.headings import heading
from lingua_shared.text.segments import whole_word

_BELOW = 1e-3
"""Log-odds by which what is named stays behind what names it, so much that no rounding makes them equal."""

_LONGEST = 100
"""Characters of a name."""

_MARKUP = re.compile(r"^[#=*\s]+|[#=*\s:]+$")
_IN_BRACKETS = re.compile(r"\s*\p{Ps}[^\p{Pe}]*\p{Pe}$")
_NAME = re.compile(ENTITY_PATTERNS["name"], re.V1)
_ARTICLE = re.compile(r"^(?:The|An?)\s(?=\S+\s)")


def with_named(question: str, passages: Sequence[str], log_odds: np.ndarray) -> np.ndarray:
    """Return the log-odds that each passage answers, or is what the best one names, shape (passages,).

    Args:
        question: what is asked.
        passages: texts.
        log_odds: that each of them answers, given that one does, shape (passages,).
    """
    return np.asarray(np.maximum(log_odds, log_odds_of_named(question, passages, log_odds)))


def log_odds_of_named(question: str, passages: Sequence[str], log_odds: np.ndarray) -> np.ndarray:
    """Return the log-odds that the best passage answers and that each of the others is what it names.

    Args:
        question: what is asked.
        passages: texts.
        log_odds: that each of them answers, given that one does, shape (passages,).

    Returns:
        Shape (passages,), each below that of the best passage; -inf for those not named, and for the best one itself.
    """
    if not len(log_odds):
        return np.zeros(0)
    best = int(np.argmax(log_odds))
    with np.errstate(divide="ignore"):
        logarithm = np.log(named_passages(question, passages, best)) - np.logaddexp(0.0, -log_odds[best])
        named = logarithm - np.log(-np.expm1(logarithm))
    return np.asarray(np.minimum(named, log_odds[best] - _BELOW))


def named_passages(question: str, passages: Sequence[str], naming: int) -> np.ndarray:
    """Return how surely each passage is about something that one of them names and the question does not.

    Args:
        question: what is asked.
        passages: texts.
        naming: index of the passage that names others.

    Returns:
        Values in [0, 1], shape (passages,): 1 / sqrt(passages of that name * other passages that mention it) of the
        passage's name, so that a name that all mention says little; 0 for those not named, and for `naming` itself.
    """
    owners: dict[str, list[int]] = {}
    for index, text in enumerate(passages):
        for name in names_of(text):
            owners.setdefault(name, []).append(index)
    surety = np.zeros(len(passages))
    for name, owned in owners.items():
        if naming in owned or not mentions(passages[naming], name) or mentions(question, name, any_case=True):
            continue
        others = sum(index not in owned and mentions(text, name) for index, text in enumerate(passages))
        surety[owned] = np.maximum(surety[owned], 1 / sqrt(len(owned) * others))
    return surety


def names_of(text: str) -> list[str]:
    """Return what a passage is about: its heading without what stands in brackets, and the name that it begins with."""
    headed = heading(text)
    names = [_IN_BRACKETS.sub("", _MARKUP.sub("", headed))] if headed else []
    leading = _NAME.match(text.strip().removeprefix(headed or "").lstrip())
    names += [_ARTICLE.sub("", leading[0])] if leading else []
    return [name for name in dict.fromkeys(names) if 1 < len(name) <= _LONGEST]


def mentions(text: str, name: str, *, any_case: bool = False) -> bool:
    """Whether a name stands in a text as words of their own, in the same case unless any will do."""
    if any_case:
        return mentions(text.casefold(), name.casefold())
    return name in text and re.search(whole_word(name), text) is not None
