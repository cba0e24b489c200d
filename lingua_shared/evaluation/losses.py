"""Names, numbers and sentences of a text that another text does not have. Asks no model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import regex as re

from lingua_shared.text.entities import find_entities
from lingua_shared.text.segments import segment
from lingua_shared.text.words import normalized_text, whole_word

Kind = Literal["name", "number", "sentence"]
KINDS: tuple[Kind, ...] = ("name", "number", "sentence")

SAME_SENTENCE = 0.6
"""Share of a sentence's words that another one has to have, so that both count as the same."""

_WORD = re.compile(r"[\p{L}\p{M}\p{N}]+")
_DIGIT = re.compile(r"\p{N}")
_FEWEST_WORDS = 3  # of a sentence; shorter ones are labels and headings


@dataclass(frozen=True)
class Fact:
    """Something that a text says.

    Attributes:
        kind: what it is: whatever has a digit is a number, such as a date.
        text: as it stands there.
    """

    kind: Kind
    text: str


def facts(text: str) -> list[Fact]:
    """Return the names, numbers and sentences of a text, each once."""
    return list(dict.fromkeys(_facts(text)))


def _facts(text: str) -> Iterator[Fact]:
    for start, end in find_entities(text):
        found = text[start:end]
        yield Fact("number" if _DIGIT.search(found) else "name", found)
    yield from (Fact("sentence", sentence) for sentence in _sentences(text))


def lost(of: Sequence[Fact], text: str) -> list[Fact]:
    """Return those facts that a text does not have.

    A name or number has to stand there as whole words, in any case and with any white space; of a sentence, 60 % of its
    words have to stand in one sentence of the text.

    Args:
        of: facts of another text.
        text: where they are looked for.
    """
    plain = normalized_text(text)
    sentences = [_words(sentence) for sentence in _sentences(text, fewest=1)]
    return [fact for fact in of if not _stands(fact, plain, sentences)]


def _stands(fact: Fact, plain: str, sentences: Sequence[frozenset[str]]) -> bool:
    if fact.kind != "sentence":
        wanted = normalized_text(fact.text)
        return wanted in plain and re.search(whole_word(wanted), plain) is not None
    words = _words(fact.text)
    return any(len(words & other) >= SAME_SENTENCE * len(words) for other in sentences)


def _sentences(text: str, *, fewest: int = _FEWEST_WORDS) -> Iterator[str]:
    borders = segment(text).sentences
    for start, end in pairwise(borders):
        sentence = text[start:end].strip()
        if len(_WORD.findall(sentence)) >= fewest:
            yield sentence


def _words(sentence: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(sentence))
