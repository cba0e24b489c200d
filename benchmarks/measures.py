"""The measures of one answer: pure functions of the question, the compressed text and the ranking.

A measure that does not apply to a question is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex as re

from benchmarks.sets import Question
from benchmarks.well_formed import faults
from lingua_shared.evaluation.answers import contains_answer, is_written_without_spaces
from lingua_shared.text.token_counting import make_counter

Measures = dict[str, float | None]

COMPARED = ("survival", "answers_kept", "evidence_kept", "summary_words")
"""Measures in which Lingua is compared with each other system; the first that a set has is its main measure."""

SEPARATOR = "\n\n"
_RECALL_AT = (1, 5)
_ALL_GOLD_AT = 5
_GRAM = 12
_WORD = re.compile(r"[\w\p{M}]+")
_CONTENT_WORD = re.compile(r"\p{L}[\p{L}\p{M}]{3,}")
_STOP_WORDS = frozenset(
    _CONTENT_WORD.findall(
        "about above after again also among because been before being below between both cannot could does doing down "
        "during each even ever every from further have having here hers herself himself into itself just like many "
        "might more most much must myself none only other ours over said same says shall should since some such than "
        "that their theirs them themselves then there these they this those though through under until upon very were "
        "what when where whether which while whom whose will with within without would your yours yourself"
    )
)
_BROKEN = "\ufffd"


def measure(question: Question, text: str, ranking: Sequence[int] | None, asked: float) -> Measures:
    """Return every measure by its name.

    Args:
        question: The question with its passages.
        text: What the system returned.
        ranking: All passage indices, best first; None where the system ranks nothing.
        asked: The rate that was asked for, in (0, 1].
    """
    rate = achieved_rate(question, text)
    return {
        **{f"recall@{k}": recall_at(question, ranking, k) for k in _RECALL_AT},
        f"all_gold@{_ALL_GOLD_AT}": all_gold_at(question, ranking, _ALL_GOLD_AT),
        "survival": survival(question, text),
        "answers_kept": answers_kept(question, text),
        "evidence_kept": evidence_kept(question, text),
        "summary_words": summary_words(question, text),
        "rate": rate,
        "over": None if rate is None else max(0.0, rate - asked),
        "broken_characters": broken_characters(question, text),
        "words_cut": words_cut(question, text),
        "well_formed": well_formed(question, text),
    }


def recall_at(question: Question, ranking: Sequence[int] | None, k: int) -> float | None:
    """Tell whether a gold passage is among the first k; None where there are no more than k passages."""
    first = _first_gold(question, ranking)
    return None if first is None or len(question.passages) <= k else float(first < k)


def all_gold_at(question: Question, ranking: Sequence[int] | None, k: int) -> float | None:
    """Tell whether all gold passages are among the first k; None with fewer than two, and where it cannot vary."""
    if ranking is None or not 2 <= len(question.gold) <= k or len(question.passages) <= k:
        return None
    return float(question.gold <= set(ranking[:k]))


def survival(question: Question, text: str) -> float | None:
    """Tell whether an accepted answer still stands in the text; None for questions without a span as answer."""
    if question.kind != "span":
        return None
    found = contains_answer(text, question.answers, spaceless=_facts(question.passages).spaceless)
    return None if found is None else float(found)


def answers_kept(question: Question, text: str) -> float | None:
    """Return the share of the answers to all questions about a text that still stand in what is kept of it."""
    if question.kind != "all_spans" or not question.answers:
        return None
    spaceless = _facts(question.passages).spaceless
    found = [contains_answer(text, (answer,), spaceless=spaceless) for answer in question.answers]
    return sum(map(bool, found)) / len(found)


def evidence_kept(question: Question, text: str) -> float | None:
    """Return the share of the evidence's characters that lie in a run of 12 characters that the text has, too."""
    pieces = [piece for piece in map(_collapsed, question.evidence) if piece]
    if not pieces:
        return None
    bare = _collapsed(text)
    grams = {bare[i : i + _GRAM] for i in range(len(bare) - _GRAM + 1)}
    return sum(_covered(piece, bare, grams) for piece in pieces) / sum(map(len, pieces))


def summary_words(question: Question, text: str) -> float | None:
    """Return the share of the reference summary's distinct content words that the text has."""
    if question.kind != "summary":
        return None
    wanted = {word for answer in question.answers for word in _content_words(answer)}
    return len(wanted & _content_words(text)) / len(wanted) if wanted else None


def achieved_rate(question: Question, text: str) -> float | None:
    """Return the tokens of the text divided by those of all passages joined; None where there are none."""
    tokens = _facts(question.passages).tokens
    return count_tokens(text) / tokens if tokens else None


def broken_characters(question: Question, text: str) -> float:
    """Count the replacement characters (U+FFFD) in the text beyond those of the passages."""
    return float(max(0, text.count(_BROKEN) - _facts(question.passages).broken))


def words_cut(question: Question, text: str) -> float | None:
    """Return the share of the text's words that are no word of the passages; None for scripts without spaces."""
    words, facts = _WORD.findall(text), _facts(question.passages)
    if not words or facts.spaceless:
        return None
    return sum(word not in facts.words for word in words) / len(words)


def well_formed(question: Question, text: str) -> float | None:
    """Tell whether what is kept of structured passages is well formed; None for running text and empty output."""
    return float(not faults(question.passages, text)) if question.has_structure and text.strip() else None


def count_tokens(text: str) -> int:
    """Count tokens with the encoding cl100k_base."""
    return make_counter("cl100k_base")(text)


@dataclass(frozen=True)
class _Facts:
    """Facts about a question's passages that the measures share."""

    tokens: int
    words: frozenset[str]
    broken: int
    spaceless: bool


@lru_cache(maxsize=512)
def _facts(passages: tuple[str, ...]) -> _Facts:
    joined = SEPARATOR.join(passages)
    return _Facts(
        tokens=count_tokens(joined),
        words=frozenset(_WORD.findall(joined)),
        broken=joined.count(_BROKEN),
        spaceless=is_written_without_spaces(joined),
    )


def _first_gold(question: Question, ranking: Sequence[int] | None) -> int | None:
    """Return the rank of the first gold passage, from 0; None without a ranking, and without gold passages."""
    if ranking is None or not question.gold:
        return None
    return next(rank for rank, index in enumerate(ranking) if index in question.gold)


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _covered(piece: str, text: str, grams: set[str]) -> int:
    """Count the characters of a piece of evidence that are kept."""
    if len(piece) < _GRAM:
        return len(piece) if piece in text else 0
    covered, end = 0, 0
    for start in range(len(piece) - _GRAM + 1):
        if piece[start : start + _GRAM] in grams:
            covered += start + _GRAM - max(start, end)
            end = start + _GRAM
    return covered


def _content_words(text: str) -> set[str]:
    return set(_CONTENT_WORD.findall(text.lower())) - _STOP_WORDS
