"""Links between passages: the best passage names an entity, and another passage is about that entity.

A multi-hop question such as "Where was the director of the film born?" does not name the director. The passage about
the film does, and the passage whose title is that name, or that begins with it, holds the answer. Knows texts only, no
model.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import regex as re

from lingua_shared.scoring.policy import POLICY
from lingua_shared.text.entities import ENTITY_PATTERNS
from lingua_shared.text.headings import heading
from lingua_shared.text.words import whole_word

_MAX_NAME = 100
"""Maximum length of a name in characters."""

_MARKUP = re.compile(r"^[#=*\s]+|[#=*\s:]+$")
_IN_BRACKETS = re.compile(r"\s*\p{Ps}[^\p{Pe}]*\p{Pe}$")
_NAME = re.compile(ENTITY_PATTERNS["name"], re.V1)
_ARTICLE = re.compile(r"^(?:The|An?)\s(?=\S+\s)")


def boost_linked(question: str, passages: Sequence[str], titles: Sequence[str], log_odds: np.ndarray) -> np.ndarray:
    """Raise the log-odds of passages that the best passage links to.

    Args:
        question: the question.
        passages: texts.
        titles: one per passage, "" for none; or none at all.
        log_odds: log-odds that each passage answers, given that one of them does, shape (passages,).

    Returns:
        Log-odds that each passage answers or is linked from the best one, shape (passages,). None is lowered, and the
        best passage stays first.
    """
    return np.asarray(np.maximum(log_odds, linked_log_odds(question, passages, titles, log_odds)))


def linked_log_odds(question: str, passages: Sequence[str], titles: Sequence[str], log_odds: np.ndarray) -> np.ndarray:
    """Return the log-odds that the best passage answers and links to each of the others.

    Args:
        question: the question.
        passages: texts.
        titles: one per passage, "" for none; or none at all.
        log_odds: log-odds that each passage answers, given that one of them does, shape (passages,).

    Returns:
        Shape (passages,), all below the log-odds of the best passage; -inf for the best passage itself and for
        passages that it does not link to.
    """
    if not len(log_odds):
        return np.zeros(0)
    best = int(np.argmax(log_odds))
    with np.errstate(divide="ignore"):
        strength = np.log(link_strength(question, passages, titles, best))
        log_probability = strength - np.logaddexp(0.0, -log_odds[best])  # P(best answers) * strength
        linked = log_probability - np.log(-np.expm1(log_probability))
    return np.asarray(np.minimum(linked, log_odds[best] - POLICY.link_margin))


def link_strength(question: str, passages: Sequence[str], titles: Sequence[str], source: int) -> np.ndarray:
    """Return how strongly one passage links to each of the others.

    A passage links to another one if it mentions that one's name and the question does not.

    Args:
        question: the question.
        passages: texts.
        titles: one per passage, "" for none; or none at all.
        source: index of the passage that may mention names.

    Returns:
        Values in [0, 1], shape (passages,): 1 / sqrt(passages with the name * other passages that mention it), so that
        a name that every passage mentions counts little; 0 without a link, and for `source` itself.
    """
    titles = titles or [""] * len(passages)
    texts = [f"{title}\n{text}" if title else text for title, text in zip(titles, passages, strict=True)]
    bearers: dict[str, list[int]] = {}
    for index, (text, title) in enumerate(zip(passages, titles, strict=True)):
        for name in passage_names(text, title):
            bearers.setdefault(name, []).append(index)
    strength = np.zeros(len(passages))
    for name, named in bearers.items():
        if source in named or not mentions(texts[source], name) or mentions(question, name, any_case=True):
            continue
        others = sum(index not in named and mentions(text, name) for index, text in enumerate(texts))
        strength[named] = np.maximum(strength[named], 1 / sqrt(len(named) * others))
    return strength


def passage_names(text: str, title: str = "") -> list[str]:
    """Return the names of what a passage is about.

    Args:
        text: the passage.
        title: its title; "" for none, then its heading stands for it.

    Returns:
        The title, without markup and a last part in brackets, and the name with which the text begins.
    """
    headed = title or heading(text) or ""
    names = [_IN_BRACKETS.sub("", _MARKUP.sub("", headed))] if headed else []
    body = text.strip() if title else text.strip().removeprefix(headed).lstrip()
    leading = _NAME.match(body)
    names += [_ARTICLE.sub("", leading[0])] if leading else []
    return [name for name in dict.fromkeys(names) if 1 < len(name) <= _MAX_NAME]


def mentions(text: str, name: str, *, any_case: bool = False) -> bool:
    """Return whether a text contains a name as whole words; `any_case` ignores the case."""
    if any_case:
        return mentions(text.casefold(), name.casefold())
    return name in text and re.search(whole_word(name), text) is not None
