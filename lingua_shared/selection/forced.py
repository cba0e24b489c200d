"""What the caller forces into the output: passages, words, digits, first sentences. Knows texts; no model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import regex as re

from lingua_shared.errors import BudgetError
from lingua_shared.methods import Recipe
from lingua_shared.selection.candidates import Candidate, Unit
from lingua_shared.selection.fitting import longest_head
from lingua_shared.text.words import whole_word

_DIGIT = re.compile(r"\p{Nd}")


def forced_units(candidate: Candidate, recipe: Recipe) -> list[Unit]:
    """Return the units of a passage that must be in the output if the passage is.

    These are words, or with `unit="sentence"` the sentences of such words.
    """
    if candidate.index in recipe.keep_passages:
        return [candidate.whole]
    if recipe.unit == "passage":  # a kept passage is whole anyway
        return []
    return list(dict.fromkeys(_parts(candidate, recipe)))


def affordable(
    candidates: Sequence[Candidate],
    forced: Mapping[int, Sequence[Unit]],
    cost: Callable[[Sequence[Unit]], int],
    *,
    budget: int,
    keep: Sequence[int],
) -> list[Candidate]:
    """Leave out the last passages until what is forced in the others fits the budget.

    Args:
        candidates: passages, most relevant first.
        forced: forced units of each passage, by its index.
        cost: tokens of the text that units make.
        budget: tokens.
        keep: indices of passages that cannot be left out.

    Raises:
        BudgetError: what is forced in the passages to keep, or in the best passage, exceeds the budget.
    """
    wanted = sorted((candidate.index for candidate in candidates), key=lambda index: index not in keep)
    least = max(len(set(keep)), min(1, len(wanted)))

    def cost_of(indices: Sequence[int]) -> int:
        return cost([unit for index in indices for unit in forced[index]])

    if (needed := cost_of(wanted[:least])) > budget:
        msg = (
            f"what must be kept (keep_passages, force_words, keep_digits, keep_first_sentence, headers) needs "
            f"{needed} tokens, but the budget is {budget}; raise the budget or force less"
        )
        raise BudgetError(msg)
    kept = frozenset(longest_head(wanted, cost_of, budget, least=least))
    return [candidate for candidate in candidates if candidate.index in kept]


def _parts(candidate: Candidate, recipe: Recipe) -> Iterator[Unit]:
    index, segments = candidate.index, candidate.segments
    if recipe.keep_first_sentence and candidate.text:
        yield Unit(index, *segments.sentences[:2])
    pattern = _pattern(recipe)
    if pattern is None:
        return
    hits = (match.span() for match in pattern.finditer(candidate.text))
    hit = next(hits, None)
    borders = segments.sentences if recipe.unit == "sentence" else segments.words
    for start, end in pairwise(borders):
        # Hits and units are both in order, so hits that end before this unit are done with.
        while hit and hit[1] <= start:
            hit = next(hits, None)
        if hit and hit[0] < end:
            yield Unit(index, start, end)


def _pattern(recipe: Recipe) -> "re.Pattern[str] | None":
    patterns = [whole_word(word.strip()) for word in recipe.force_words if word.strip()]
    if recipe.keep_digits:
        patterns.append(_DIGIT.pattern)
    return re.compile("|".join(patterns), flags=re.IGNORECASE) if patterns else None
