"""What the caller forces into the output: passages, words, digits, first sentences. Knows texts; no model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import regex as re

from lingua_shared.errors import BudgetError
from lingua_shared.recipe import Recipe
from lingua_shared.selection.candidates import Candidate, Purchase, Unit
from lingua_shared.selection.cutting import Protection
from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.intervals import Spans
from lingua_shared.text.protected_words import has_condition_or_source, measured_spans, protected_spans
from lingua_shared.text.spans import Interval
from lingua_shared.text.words import whole_word

_DIGIT = re.compile(r"\p{Nd}")


def forced_purchases(candidate: Candidate, recipe: Recipe) -> list[Purchase]:
    """Return what must be in the output if the passage is: units, or words with `unit="word"`, with what they need."""
    if candidate.index in recipe.keep_passages:
        return [(candidate.whole,)]
    if recipe.unit == "passage":  # a kept passage is whole anyway
        return []
    return [candidate.purchase(unit) for unit in dict.fromkeys(_parts(candidate, recipe))]


def affordable(
    candidates: Sequence[Candidate],
    forced: Mapping[int, Sequence[Purchase]],
    cost: Callable[[Sequence[Purchase]], int],
    *,
    budget: int,
    keep: Sequence[int],
) -> list[Candidate]:
    """Leave out the last passages until what is forced in the others fits the budget.

    Args:
        candidates: passages, most relevant first.
        forced: what is forced of each passage, by its index.
        cost: tokens of the text that purchases make.
        budget: tokens.
        keep: indices of passages that cannot be left out.

    Raises:
        BudgetError: what is forced in the passages to keep, or in the best passage, exceeds the budget.
    """
    wanted = sorted((candidate.index for candidate in candidates), key=lambda index: index not in keep)
    least = max(len(set(keep)), min(1, len(wanted)))

    def cost_of(indices: Sequence[int]) -> int:
        return cost([purchase for index in indices for purchase in forced[index]])

    if (needed := cost_of(wanted[:least])) > budget:
        msg = (
            "what must be kept (keep_passages, force_words, keep_digits, keep_first_sentence, protect_units, headers) "
            f"needs {needed} tokens, but the budget is {budget}; raise the budget or force less"
        )
        raise BudgetError(msg)
    kept = frozenset(longest_head(wanted, cost_of, budget, least=least))
    return [candidate for candidate in candidates if candidate.index in kept]


def _parts(candidate: Candidate, recipe: Recipe) -> Iterator[Unit]:
    if recipe.keep_first_sentence and candidate.text:
        yield candidate.units[0]
    for pattern, of_units in _patterns(recipe):
        yield from _units_with(candidate, pattern) if of_units else _words_with(candidate, pattern)


def _patterns(recipe: Recipe) -> "Iterator[tuple[re.Pattern[str], bool]]":
    """Yield what forces something, and whether it forces whole units."""
    if recipe.unit == "word" and (words := forced_words(recipe.force_words, keep_digits=recipe.keep_digits)):
        yield words, False
    if recipe.protect_units and recipe.protect:
        yield protected_pattern(recipe.protect), True


def _units_with(candidate: Candidate, pattern: "re.Pattern[str]") -> Iterator[Unit]:
    hits = [match.span() for match in pattern.finditer(candidate.text)]
    yield from _touched(candidate.units, hits)


def _words_with(candidate: Candidate, pattern: "re.Pattern[str]") -> Iterator[Unit]:
    hits = [match.span() for match in pattern.finditer(candidate.text)]
    words = [Unit(candidate.index, start, end) for start, end in pairwise(candidate.segments.words)]
    structure = candidate.segments.structure
    # A speaker's label or a bracket comes with what it belongs to, never alone.
    roles = ((word, structure.units[structure.unit_at(word.start)].role) for word in _touched(words, hits))
    yield from (word for word, role in roles if role == "content")


def _touched(units: Sequence[Unit], hits: Sequence[Interval]) -> Iterator[Unit]:
    """Yield the units that a hit touches; hits do not overlap."""
    spans = Spans(hits)
    return (unit for unit in units if spans.touch(unit.start, unit.end))


def forced_words(words: Sequence[str], *, keep_digits: bool) -> "re.Pattern[str] | None":
    """Return a pattern of words to keep, and of digits where they are to be kept; None where nothing is."""
    patterns = [whole_word(word.strip()) for word in words if word.strip()]
    if keep_digits:
        patterns.append(_DIGIT.pattern)
    return re.compile("|".join(patterns), flags=re.IGNORECASE) if patterns else None


def protected_pattern(protect: Sequence[str]) -> "re.Pattern[str]":
    """Return one pattern of the strings and regular expressions of the option `protect`."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in protect))


def protection(recipe: Recipe) -> Protection:
    """Return what a cut never loses: negations and the like, forced words, and what the option `protect` names."""
    words = forced_words(recipe.force_words, keep_digits=recipe.keep_digits)
    patterns = [words, protected_pattern(recipe.protect) if recipe.protect else None]

    def named(text: str) -> list[Interval]:
        return [match.span() for pattern in patterns if pattern for match in pattern.finditer(text)]

    return Protection(protected_spans, measured_spans, named, has_condition_or_source)
